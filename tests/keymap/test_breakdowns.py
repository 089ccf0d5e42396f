"""Archives grouped and counted, against the same done in Python."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.keymap.store import KeyMap
from glaciercli.model.archives import ArchiveState
from glaciercli.model.breakdowns import Bounds, Moved, Oddities, Share
from glaciercli.model.questions import ArchiveFilter, Question
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import NOW, add, in_memory, meet

EVERYTHING = ArchiveFilter(all_versions=True)


def fill(key_map: KeyMap, names: Sequence[str | None], size: int = 1) -> Question:
    vault = meet(key_map)
    for index, name in enumerate(names):
        add(key_map, vault, name, archive_id=f"id{index}", size_bytes=size)
    return Question(vault=vault, wanted=EVERYTHING)


def folders(names: Sequence[str | None], most: int = 100) -> dict[str | None, int]:
    with in_memory() as key_map:
        found = key_map.breakdowns.by_folder(fill(key_map, names), most=most)
        assert found.others.count + sum(one.share.count for one in found.largest) == len(names)
        return {one.name: one.share.count for one in found.largest}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], {}),
        (["a"], {"": 1}),
        (["a/x", "a/y", "b/z", "c"], {"a/": 2, "b/": 1, "": 1}),
        # What all have in common tells nothing.
        (["a/b/x/1", "a/b/x/2", "a/b/y/3", "a/b/4"], {"a/b/x/": 2, "a/b/y/": 1, "a/b/": 1}),
        (["a/b", "a/b"], {"a/": 2}),
        (["a/b", "a/bc/d"], {"a/": 1, "a/bc/": 1}),
        ([None, None, "a/x"], {None: 2, "a/": 1}),
        (["/x/1", "/y/2"], {"/x/": 1, "/y/": 1}),
        (["ä/1", "ä/2/3", "ö/4"], {"ä/": 2, "ö/": 1}),
        # Names that are no valid UTF-8.
        (["\udce4/1", "x\udcf6/2"], {"\udce4/": 1, "x\udcf6/": 1}),
    ],
)
def test_what_stands_below_a_folder_is_counted(
    names: list[str | None], found: dict[str | None, int]
) -> None:
    assert folders(names) == found


def test_the_largest_folders_are_named_and_the_others_summed_up() -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        for index in range(10):
            add(key_map, vault, f"{index}/x", archive_id=f"{index}", size_bytes=index)
        question = Question(vault=vault, wanted=EVERYTHING)
        found = key_map.breakdowns.by_folder(question, most=3)
        assert [one.name for one in found.largest] == ["9/", "8/", "7/"]
        assert found.others == Share(count=7, size_bytes=21)
        assert found.other_folders == 7
        # Asked again, of something else: nothing of the first answer is left.
        again = key_map.breakdowns.by_folder(
            Question(vault=vault, wanted=EVERYTHING, name="1/x"), most=3
        )
        assert (len(again.largest), again.other_folders) == (1, 0)


@given(
    sizes=st.lists(st.integers(0, 100), max_size=30),
    edges=st.lists(st.integers(1, 99), max_size=5, unique=True).map(sorted),
)
def test_each_archive_is_in_one_class_of_sizes(sizes: list[int], edges: list[int]) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        for index, size in enumerate(sizes):
            add(key_map, vault, "n", archive_id=f"{index}", size_bytes=size)
        found = key_map.breakdowns.by_size(Question(vault=vault, wanted=EVERYTHING), edges)
    ends = [0, *edges, 10**6]
    for share, least, below in zip(found, ends, ends[1:], strict=False):
        inside = [size for size in sizes if least <= size < below]
        assert share == Share(count=len(inside), size_bytes=sum(inside))
    assert len(found) == len(edges) + 1


def test_ages_are_counted_from_moments() -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        for days in (0, 1, 2, 5):
            add(key_map, vault, "n", archive_id=f"{days}", uploaded_at=NOW - timedelta(days=days))
        question = Question(vault=vault, wanted=EVERYTHING)
        moments = [NOW - timedelta(days=3), NOW - timedelta(days=1)]
        found = key_map.breakdowns.by_age(question, moments)
    assert [one.count for one in found] == [1, 1, 2]


def test_what_a_move_has_to_mind_is_counted() -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        facts: list[tuple[str | None, int]] = [
            (None, 1),
            ("a", 10),
            ("a", 11),
            ("a", 12),
            ("b", 100),
            ("b", 1),
            ("ä" * 3, 1),
        ]
        for index, (name, size) in enumerate(facts):
            add(key_map, vault, name, archive_id=f"{index}", size_bytes=size)
        gone = add(key_map, vault, "b", archive_id="gone")
        key_map.archives.set_state(gone, ArchiveState.DELETED, deleted_at=NOW)
        bounds = Bounds(name_bytes=5, large_bytes=10, huge_bytes=99)
        found = key_map.breakdowns.oddities(Question(vault=vault, wanted=EVERYTHING), bounds)
    assert found == Oddities(
        unnamed=1, repeated_names=2, further_versions=3, long_names=1, large=3, huge=1
    )


@given(sizes=st.lists(st.integers(0, 100), max_size=20))
def test_objects_in_parts_take_a_request_for_each_and_two_more(sizes: list[int]) -> None:
    with in_memory() as key_map:
        vault: KnownVault = meet(key_map)
        for index, size in enumerate(sizes):
            add(key_map, vault, "n", archive_id=f"{index}", size_bytes=size)
        question = Question(vault=vault, wanted=EVERYTHING)
        found = key_map.breakdowns.moved(question, least_bytes=30, request_bytes=20)
    parts = [1 if size <= 20 else -(-size // 20) + 2 for size in sizes]
    assert found == Moved(least_bytes=sum(max(size, 30) for size in sizes), requests=sum(parts))
