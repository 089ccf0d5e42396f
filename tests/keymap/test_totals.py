"""Sums over archives, against sums in Python."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.pricing import MINIMUM_AGE, OVERHEAD_BYTES, youth
from glaciercli.keymap.store import KeyMap
from glaciercli.model.archives import ArchiveState
from glaciercli.model.questions import ArchiveFilter, Question
from glaciercli.model.sums import ArchiveSums, Span
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import NOW, add, in_memory, meet

SPAN = Span(length_ms=MINIMUM_AGE // timedelta(milliseconds=1), added_bytes=OVERHEAD_BYTES)
LARGEST = 10_000 * 4 * 2**30


def sums(key_map: KeyMap, vault: KnownVault) -> ArchiveSums:
    question = Question(vault=vault, wanted=ArchiveFilter(all_versions=True))
    return key_map.totals.of([question], span=SPAN, now=NOW)


@given(
    archives=st.lists(
        st.tuples(
            st.integers(0, LARGEST),
            st.integers(-(10**10), 2 * 10**10) | st.integers(7_776_000_000, 7_776_001_001),
        ),
        max_size=12,
    )
)
def test_the_sums_are_exact_whatever_the_sizes_and_ages(archives: list[tuple[int, int]]) -> None:
    uploads = [(size, NOW - timedelta(milliseconds=age)) for size, age in archives]
    with in_memory() as key_map:
        vault = meet(key_map)
        for index, (size, uploaded_at) in enumerate(uploads):
            add(
                key_map, vault, "n", archive_id=f"{index}", size_bytes=size, uploaded_at=uploaded_at
            )
        found = sums(key_map, vault)
    # No archive has 0 bytes: that stands for a size that nobody told.
    young = youth([(size or None, uploaded_at) for size, uploaded_at in uploads], now=NOW)
    assert found == ArchiveSums(
        count=len(uploads),
        size_bytes=sum(size for size, _ in uploads),
        unknown_sizes=sum(size == 0 for size, _ in uploads),
        young_count=young.count,
        young_bytes=young.size_bytes,
        young_unknown=young.unmeasured,
        young_byte_seconds=young.byte_seconds,
        from_future=young.from_future,
    )


def test_a_thousand_of_the_largest_archives_are_summed_exactly() -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        many = 1000
        for index in range(many):
            add(key_map, vault, "n", archive_id=f"{index}", size_bytes=LARGEST)
        found = sums(key_map, vault)
    assert found.young_byte_seconds == many * (LARGEST + OVERHEAD_BYTES) * 90 * 86_400


def test_nothing_sums_up_to_nothing() -> None:
    with in_memory() as key_map:
        assert sums(key_map, meet(key_map)) == ArchiveSums()


def test_what_stands_for_no_bytes_has_a_size_that_is_known() -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        add(key_map, vault, "a", state=ArchiveState.EMPTY, size_bytes=0, tree_hash=None)
        add(key_map, vault, "b", archive_id="other", size_bytes=0, tree_hash=None)
        found = sums(key_map, vault)
    assert (found.count, found.unknown_sizes, found.young_unknown) == (2, 1, 1)


def test_only_what_is_asked_for_counts() -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        add(key_map, vault, "a", archive_id="1")
        add(key_map, vault, "a", archive_id="2", uploaded_at=NOW + timedelta(hours=1), size_bytes=7)
        add(key_map, vault, "b", archive_id="3", state=ArchiveState.MISSING)
        newest = Question(vault=vault, wanted=ArchiveFilter(), name="a")
        found = key_map.totals.of([newest], span=SPAN, now=NOW)
        assert (found.count, found.size_bytes, found.from_future) == (1, 7, 1)
        missing = Question(
            vault=vault, wanted=ArchiveFilter(states=frozenset({ArchiveState.MISSING}))
        )
        assert key_map.totals.of([missing], span=SPAN, now=NOW).count == 1
        assert key_map.totals.of([newest, missing], span=SPAN, now=NOW).count == 2
