"""Long answers: every filter, order and glob against the plainest way to say what is meant."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.core.globs import barren_folder, glob_pattern, literal_prefix
from glaciercli.keymap.store import KeyMap, open_key_map, open_reader
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.questions import ArchiveFilter, Glob, Question, Sort
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import NOW, add, in_memory, meet

#: Few names and moments, so that names have versions and sizes are equal.
archives = st.fixed_dictionaries(
    {
        "name": st.none() | st.sampled_from(["a", "a/b", "a/b/c", "a/c", "b", "b/\udcff", "é"]),
        "size_bytes": st.integers(0, 3),
        "tree_hash": st.sampled_from([b"g" * 32, b"h" * 32, None]),
        "uploaded_at": st.integers(0, 3).map(lambda hours: NOW + timedelta(hours=hours)),
        "state": st.sampled_from(ArchiveState),
    }
)
filters = st.builds(
    ArchiveFilter,
    states=st.frozensets(st.sampled_from(ArchiveState), max_size=2),
    uploaded_before=st.none() | st.just(NOW + timedelta(hours=2)),
    uploaded_after=st.none() | st.just(NOW),
    larger_than_bytes=st.none() | st.just(1),
    smaller_than_bytes=st.none() | st.just(2),
    unnamed=st.booleans(),
    all_versions=st.booleans(),
)
globs = st.none() | st.sampled_from(["a*", "a/*", "a/**", "**/c", "*/?", "[ab]", "*"])


def fill(key_map: KeyMap, vault: KnownVault, rows: list[dict[str, Any]]) -> list[Archive]:
    for number, row in enumerate(rows):
        add(key_map, vault, archive_id=f"{number}", **row)
    return list(key_map.archives.every(vault))


def question(vault: KnownVault, wanted: ArchiveFilter, glob: str | None = None) -> Question:
    if glob is None:
        return Question(vault=vault, wanted=wanted)
    pattern = glob_pattern(glob)
    return Question(
        vault=vault,
        wanted=wanted,
        prefix=literal_prefix(glob),
        glob=Glob(
            matches=lambda name: pattern.fullmatch(name) is not None,
            barren_folder=partial(barren_folder, glob),
        ),
    )


def is_newest(one: Archive, every: list[Archive]) -> bool:
    later = (other for other in every if other.name == one.name and other.state.is_live)
    return one.name is None or not any(
        (other.uploaded_at, other.key) > (one.uploaded_at, one.key) for other in later
    )


def in_state(one: Archive, wanted: ArchiveFilter) -> bool:
    return one.state in wanted.states if wanted.states else one.state.is_live


def fits(one: Archive, wanted: ArchiveFilter) -> bool:
    before, after = wanted.uploaded_before, wanted.uploaded_after
    large, small = wanted.larger_than_bytes, wanted.smaller_than_bytes
    size = one.known_size_bytes
    return all(
        (
            before is None or one.uploaded_at < before,
            after is None or one.uploaded_at > after,
            large is None or one.size_bytes > large,
            small is None or (size is not None and size < small),
            one.name is None or not wanted.unnamed,
        )
    )


def meant(every: list[Archive], wanted: ArchiveFilter, glob: str | None) -> set[int]:
    every_version = wanted.all_versions or any(not one.is_live for one in wanted.states)
    return {
        one.key
        for one in every
        if in_state(one, wanted)
        and fits(one, wanted)
        and (every_version or is_newest(one, every))
        and (glob is None or (one.name is not None and glob_pattern(glob).fullmatch(one.name)))
    }


def by_newest_version(one: Archive) -> tuple[float, int]:
    return (-one.uploaded_at.timestamp(), -one.key)


@settings(deadline=None)
@given(rows=st.lists(archives, max_size=12), wanted=filters, glob=globs, reverse=st.booleans())
def test_names_come_in_order_and_only_what_is_meant(
    *, rows: list[dict[str, Any]], wanted: ArchiveFilter, glob: str | None, reverse: bool
) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        every = fill(key_map, vault, rows)
        found = list(key_map.listings.by_name(question(vault, wanted, glob), reverse=reverse))
    assert {one.key for one in found} == meant(every, wanted, glob)
    assert len(found) == len({one.key for one in found})
    expected = sorted(found, key=by_newest_version)
    # Sorting is stable, so versions stay newest first.
    expected.sort(key=lambda one: os.fsencode(one.name or ""), reverse=reverse)
    expected.sort(key=lambda one: one.name is None, reverse=not reverse)
    assert found == expected


ORDERS: dict[Sort, Callable[[Archive], float]] = {
    Sort.SIZE: lambda one: -one.size_bytes,
    Sort.TIME: lambda one: -one.uploaded_at.timestamp(),
}


@settings(deadline=None)
@given(
    rows=st.lists(archives, max_size=12),
    wanted=filters,
    glob=globs,
    sort=st.sampled_from(sorted(ORDERS, key=lambda one: one.value)),
    reverse=st.booleans(),
    limit=st.none() | st.integers(1, 3),
)
def test_other_orders_hold_the_same(
    *,
    rows: list[dict[str, Any]],
    wanted: ArchiveFilter,
    glob: str | None,
    sort: Sort,
    reverse: bool,
    limit: int | None,
) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        every = fill(key_map, vault, rows)
        asked = [question(vault, wanted, glob), question(vault, wanted, "a")]
        found = list(key_map.listings.sorted_by(asked, sort, reverse=reverse, limit=limit))
    keys = meant(every, wanted, glob) | meant(every, wanted, "a")
    values = sorted((ORDERS[sort](one) for one in every if one.key in keys), reverse=reverse)
    assert [ORDERS[sort](one) for one in found] == values[:limit]
    assert {one.key for one in found} <= keys
    assert len({one.key for one in found}) == len(found)


@settings(deadline=None)
@given(st.lists(archives, max_size=12))
def test_duplicates_are_what_has_the_same_size_and_hash(rows: list[dict[str, Any]]) -> None:
    with in_memory() as key_map:
        vaults = [meet(key_map, name) for name in ("photos", "music")]
        for number, row in enumerate(rows):
            add(key_map, vaults[number % 2], archive_id=f"{number}", **row)
        wanted = ArchiveFilter(all_versions=True)
        asked = [question(vault, wanted) for vault in vaults]
        totals = key_map.duplicates.count(asked, limit=None)
        found = list(key_map.duplicates.found(asked))
        every = [one for vault in vaults for one in key_map.archives.live(vault)]
    stored = [one for one in every if one.size_bytes and one.tree_hash]
    contents = [(one.size_bytes, one.tree_hash) for one in stored]
    copied = [one.key for one in stored if contents.count((one.size_bytes, one.tree_hash)) > 1]
    assert sorted(one.archive.key for one in found) == sorted(copied)
    assert totals.archives == len(copied)
    assert totals.groups == len({one.group for one in found})
    each = {one.group: one.wasted_bytes for one in found}
    assert totals.wasted_bytes == sum(each.values())
    assert list(each.values()) == sorted(each.values(), reverse=True)


def test_many_names_are_read_page_by_page(key_map: KeyMap, vault: KnownVault) -> None:
    with key_map.transaction():
        for number in range(3000):
            add(key_map, vault, f"{number // 2:05}", archive_id=f"{number}")
            add(key_map, vault, None, archive_id=f"none {number}")
    wanted = ArchiveFilter(all_versions=True)
    for reverse in (False, True):
        found = list(key_map.listings.by_name(question(vault, wanted), reverse=reverse))
        assert len({one.key for one in found}) == len(found) == 6000
    newest = list(key_map.listings.by_name(question(vault, ArchiveFilter(), "0*")))
    assert [one.name for one in newest] == [f"{number:05}" for number in range(1500)]
    by_size = key_map.listings.sorted_by(
        [question(vault, wanted)], Sort.SIZE, reverse=False, limit=None
    )
    assert len({one.key for one in by_size}) == 6000


def test_very_many_questions_are_answered_at_once(key_map: KeyMap, vault: KnownVault) -> None:
    names = [f"{number:04}" for number in range(1500)]
    with key_map.transaction():
        for number, name in enumerate(names):
            add(key_map, vault, name, archive_id=name, size_bytes=1 + number // 2)
        add(key_map, vault, "none of them", size_bytes=1)
    wanted = ArchiveFilter()
    # Each is asked about twice, in another way.
    asked = [Question(vault=vault, wanted=wanted, name=name) for name in names]
    asked += [question(vault, wanted, f"{name}*") for name in names]
    found = list(key_map.listings.sorted_by(asked, Sort.SIZE, reverse=True, limit=None))
    assert [one.name for one in found] == names
    assert key_map.duplicates.count(asked, limit=None).archives == len(names)


def test_a_name_is_listed_with_all_of_its_many_versions(key_map: KeyMap, vault: KnownVault) -> None:
    with key_map.transaction():
        for number in range(200):
            for name in ("a", "b", "c"):
                add(key_map, vault, name, archive_id=f"{name}{number}")
    asked = Question(vault=vault, wanted=ArchiveFilter(all_versions=True), name="b")
    for reverse in (False, True):
        found = [one.archive_id for one in key_map.listings.by_name(asked, reverse=reverse)]
        assert found == [f"b{number}" for number in reversed(range(200))]
    by_time = key_map.listings.sorted_by([asked], Sort.TIME, reverse=False, limit=None)
    assert {one.name for one in by_time} == {"b"}
    newest = Question(vault=vault, wanted=ArchiveFilter(), name="b")
    assert [one.archive_id for one in key_map.listings.by_name(newest)] == ["b199"]


def test_a_glob_passes_over_folders_that_hold_no_match(key_map: KeyMap, vault: KnownVault) -> None:
    with key_map.transaction():
        for number in range(2000):
            add(key_map, vault, f"deep/{number:05}", archive_id=f"{number}")
        for name in ("a", "z"):
            add(key_map, vault, name, archive_id=name)
    looked_at: list[str] = []

    def matches(name: str) -> bool:
        looked_at.append(name)
        return "/" not in name

    top = Glob(matches=matches, barren_folder=partial(barren_folder, "*"))
    for reverse, names in ((False, ["a", "z"]), (True, ["z", "a"])):
        looked_at.clear()
        asked = Question(vault=vault, wanted=ArchiveFilter(), glob=top)
        found = key_map.listings.by_name(asked, reverse=reverse)
        assert [one.name for one in found] == names
        assert len(looked_at) < 200


def test_a_listing_that_is_left_unfinished_keeps_nobody_from_writing(path: str) -> None:
    with closing(open_key_map(path, now=NOW)) as key_map:
        vault = meet(key_map)
        with key_map.transaction():
            for number in range(2000):
                add(key_map, vault, f"{number:05}", archive_id=f"{number}")
        with closing(open_reader(path, now=NOW)) as reader:
            asked = question(vault, ArchiveFilter())
            answers = (
                reader.listings.by_name(asked),
                reader.listings.sorted_by([asked], Sort.TIME, reverse=False, limit=None),
            )
            for answer in answers:
                next(answer)
                with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as writer:
                    writer.execute("BEGIN EXCLUSIVE")
                    writer.execute("ROLLBACK")
