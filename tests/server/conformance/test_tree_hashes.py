"""Tree hashes that other projects published, held against core and against the service."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from glaciercli.core import treehash
from tests.server.conformance.steps import VAULT, hashes, initiate, put_part, retrieval
from tests.server.conformance.wire import Wire
from tests.server.payloads import MIB

_FILE = Path(__file__).parents[2] / "data" / "treehash_vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(_FILE.read_text("utf-8"))["data"]
WHOLE = [one for one in VECTORS if "unit" not in one and one["segments"]]
#: Prefixes of one repeated pattern, each a byte or so around a whole number of MiB.
PREFIXES = [one for one in VECTORS if one.get("unit") == MIB and "pattern" in one]


def content(vector: dict[str, Any]) -> bytes:
    return b"".join(text.encode("latin-1") * count for text, count in vector["segments"])


def test_prefixes_of_up_to_31_mib_come_out() -> None:
    (pattern,) = {one["pattern"].encode("latin-1") for one in PREFIXES}
    most = max(one["size"] for one in PREFIXES)
    data = memoryview(pattern * (most // len(pattern) + 1))
    leaves = [sha256(data[at : at + MIB]).digest() for at in range(0, most, MIB)]
    for one in PREFIXES:
        full, rest = divmod(one["size"], MIB)
        last = [sha256(data[full * MIB : one["size"]]).digest()] if rest else []
        assert treehash.combine([*leaves[:full], *last]).hex() == one["tree"], one["id"]


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize("vector", WHOLE, ids=[one["id"] for one in WHOLE])
def test_the_service_computes_the_published_hash(wire: Wire, vector: dict[str, Any]) -> None:
    body, expected = content(vector), vector["tree"]
    # Claimed as published: the service would refuse any other.
    headers = hashes(body, x_amz_sha256_tree_hash=expected)
    sent = wire.ask("POST", f"{VAULT}/archives", body, headers=headers).ok(201)
    assert sent.headers["x-amz-sha256-tree-hash"] == expected
    job = retrieval(wire, sent.headers["x-amz-archive-id"])
    assert wire.ask("GET", f"{job}/output").ok(200).headers["x-amz-sha256-tree-hash"] == expected
    assert wire.ask("GET", job).json["ArchiveSHA256TreeHash"] == expected


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize("part_bytes", [MIB, 2 * MIB, 4 * MIB])
def test_parts_of_any_size_have_the_published_hash(wire: Wire, part_bytes: int) -> None:
    (vector,) = (one for one in WHOLE if one["id"] == "a-3.5MiB")
    body, upload = content(vector), initiate(wire, part_bytes=part_bytes)
    for start in range(0, len(body), part_bytes):
        put_part(wire, upload, body[start : start + part_bytes], start).ok(204)
    whole = {"x-amz-archive-size": str(len(body)), "x-amz-sha256-tree-hash": vector["tree"]}
    done = wire.ask("POST", upload, headers=whole).ok(201)
    assert done.headers["x-amz-sha256-tree-hash"] == vector["tree"]
