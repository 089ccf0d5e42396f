"""IDs and marks come out of what is kept of them as they were, and in one order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core import tokens

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

service_ids = st.text(DIGITS, min_size=138, max_size=138)
marks = st.text(DIGITS, min_size=16, max_size=16)
odd = st.text(max_size=30) | st.text(DIGITS + "+/= é", min_size=138, max_size=138)


@given(service_ids)
def test_an_id_of_the_service_takes_104_bytes(archive_id: str) -> None:
    kept = tokens.pack(archive_id)
    assert isinstance(kept, bytes)
    assert len(kept) == 104
    assert tokens.unpack(kept) == archive_id


@given(marks)
def test_a_mark_takes_12_bytes(mark: str) -> None:
    kept = tokens.pack(mark)
    assert isinstance(kept, bytes)
    assert len(kept) == 12
    assert tokens.unpack(kept) == mark


@given(odd)
def test_what_cannot_be_packed_to_the_last_bit_stays_text(token: str) -> None:
    kept = tokens.pack(token)
    assert tokens.unpack(kept) == token
    if not set(token) <= set(DIGITS):
        assert kept == token


@pytest.mark.parametrize(
    "token", ["", "A" * 15 + "=", "=" * 16, "A" * 15 + "+", "A" * 137 + "=", "A" * 137 + " "]
)
def test_what_only_looks_like_a_token_stays_text(token: str) -> None:
    assert tokens.pack(token) == token


@given(st.lists(service_ids | odd, max_size=5))
def test_many_are_packed_as_each_by_itself(ids: list[str]) -> None:
    assert tokens.pack_all(ids) == list(map(tokens.pack, ids))


@given(st.lists(service_ids, max_size=5))
def test_many_of_the_service_are_packed_as_each_by_itself(ids: list[str]) -> None:
    assert tokens.pack_all(ids) == list(map(tokens.pack, ids))


@given(service_ids, st.integers(0, 138), service_ids)
def test_the_bounds_of_a_prefix_hold_what_starts_so_and_nothing_else(
    archive_id: str, length: int, other: str
) -> None:
    bounds = tokens.bounds(archive_id[:length])
    assert bounds is not None
    low, high = bounds
    for one in (archive_id, other):
        kept = tokens.pack(one)
        assert isinstance(kept, bytes)
        assert (low <= kept <= high) is one.startswith(archive_id[:length])


@pytest.mark.parametrize("prefix", ["a b", "+", "é", "A" * 139])
def test_what_starts_no_id_has_no_bounds(prefix: str) -> None:
    assert tokens.bounds(prefix) is None


@pytest.mark.parametrize("size", [0, 11, 13, 103, 105])
def test_bytes_that_are_no_token_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"{size} bytes"):
        tokens.unpack(bytes(size))
