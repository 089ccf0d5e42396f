import io
import json
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from botocore.utils import calculate_tree_hash
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core import treehash
from glaciercli.core.treehash import LEAF_BYTES, TreeHasher

_FILE = Path(__file__).parent.parent / "data" / "treehash_vectors.json"
VECTORS: Any = json.loads(_FILE.read_text(encoding="utf-8"))
WHOLE = [vector for vector in VECTORS["data"] if "unit" not in vector]


def content(vector: Any) -> bytes:
    if "segments" in vector:
        return b"".join(text.encode("latin-1") * count for text, count in vector["segments"])
    pattern = vector["pattern"].encode("latin-1")
    return bytes((pattern * (vector["size"] // len(pattern) + 1))[: vector["size"]])


def naive(leaves: list[bytes]) -> bytes:
    """Return the root as a definition would have it: the largest power of two goes left."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(naive(leaves[:half]) + naive(leaves[half:])).digest()


@pytest.mark.parametrize("vector", WHOLE, ids=[vector["id"] for vector in WHOLE])
def test_published_vectors_come_out(vector: Any) -> None:
    assert treehash.tree_hash([content(vector)]).hex() == vector["tree"]


def test_vectors_with_small_leaves_come_out_of_combining() -> None:
    small = [one for one in VECTORS["data"] if "unit" in one and one["size"] < 1_000_000]
    assert small
    for vector in small:
        data, unit = content(vector), vector["unit"]
        cut = [data[at : at + unit] for at in range(0, len(data), unit)]
        leaves = [sha256(leaf).digest() for leaf in cut]
        assert treehash.combine(leaves).hex() == vector["tree"]


@pytest.mark.parametrize("vector", VECTORS["combine"], ids=lambda vector: vector["id"])
def test_hashes_of_parts_combine(vector: Any) -> None:
    hashes = [bytes.fromhex(one) for one in vector["hashes"]]
    assert treehash.combine(hashes).hex() == vector["tree"]


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70))
def test_combining_is_the_definition(leaves: list[bytes]) -> None:
    assert treehash.combine(leaves) == naive(leaves)


@given(
    size=st.integers(0, 4 * LEAF_BYTES + 3),
    cuts=st.lists(st.integers(1, LEAF_BYTES * 2), min_size=1, max_size=5),
)
def test_any_chunking_gives_the_same(size: int, cuts: list[int]) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    hasher, at = TreeHasher(), 0
    for cut in islice(cuts * 1000, 200):
        hasher.update(memoryview(data)[at : min(at + cut, size)])
        at = min(at + cut, size)
    hasher.update(memoryview(data)[at:size])
    assert hasher.size_bytes == size
    leaves = [
        sha256(data[start : min(start + LEAF_BYTES, size)]).digest()
        for start in range(0, max(size, 1), LEAF_BYTES)
    ]
    assert hasher.leaves() == leaves
    assert hasher.tree_digest() == naive(leaves)


@pytest.mark.parametrize("size", [1, LEAF_BYTES, LEAF_BYTES + 1, 5 * LEAF_BYTES - 1])
def test_botocore_agrees(size: int) -> None:
    data = bytes(range(255)) * (size // 255 + 1)
    file: Any = io.BytesIO(data[:size])
    assert treehash.tree_hash([data[:size]]).hex() == calculate_tree_hash(file)


def test_nothing_has_no_root() -> None:
    with pytest.raises(ValueError, match="at least one"):
        treehash.combine([])


def test_a_piece_may_fill_a_leaf_and_reach_into_the_next_but_one() -> None:
    first, second = b"a" * (LEAF_BYTES - 1), b"b" * (LEAF_BYTES + 3)
    hasher = TreeHasher()
    hasher.update(first)
    hasher.update(second)
    whole = first + second
    cut = (whole[at : at + LEAF_BYTES] for at in range(0, len(whole), LEAF_BYTES))
    assert hasher.leaves() == [sha256(leaf).digest() for leaf in cut]
    assert hasher.size_bytes == 2 * LEAF_BYTES + 2
    assert len(hasher.tree_digest()) == treehash.DIGEST_BYTES
