"""Two key maps become one: nothing that lives is lost, nothing that is deleted comes back."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.keymap import merge as merging
from glaciercli.keymap import sources
from tests.keymap import worlds
from tests.keymap.worlds import LIVE, Row, View, views

PAIRS = worlds.things().flatmap(lambda world: st.tuples(views(world), views(world)))


class Bench(ExitStack):
    """Opens key maps, and merges them through a file of its own."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.place = Path(self.enter_context(TemporaryDirectory())) / "other"
        return self

    def open(self, view: View) -> Any:
        return self.enter_context(worlds.opened(view))

    def merge(self, into: Any, other: Any) -> Any:
        return worlds.merge(into, other, self.place)


def known_by_mark(rows: list[Row]) -> dict[str, Row]:
    return {one["description"]: one for one in rows}


@settings(max_examples=30, deadline=None)
@given(PAIRS)
def test_merging_twice_changes_nothing(pair: tuple[View, View]) -> None:
    with Bench() as bench:
        ours, theirs = map(bench.open, pair)
        bench.merge(ours, theirs)
        before = worlds.rows(ours)
        assert bench.merge(ours, theirs).changes == 0
        assert worlds.rows(ours) == before


@settings(max_examples=25, deadline=None)
@given(PAIRS)
def test_merging_a_key_map_with_itself_changes_nothing(pair: tuple[View, View]) -> None:
    with Bench() as bench:
        ours = bench.open(pair[0])
        before = worlds.rows(ours)
        assert bench.merge(ours, bench.open(pair[0])).changes == 0
        assert worlds.rows(ours) == before


@settings(max_examples=30, deadline=None)
@given(PAIRS)
def test_whichever_is_merged_into_which_archives_and_vaults_are_the_same(
    pair: tuple[View, View],
) -> None:
    with Bench() as bench:
        ours, theirs = map(bench.open, pair)
        again = bench.open(pair[1])
        bench.merge(again, ours)
        bench.merge(ours, theirs)
        assert worlds.archives(ours) == worlds.archives(again)
        assert worlds.vaults(ours) == worlds.vaults(again)


@pytest.mark.covers("P12")
@settings(max_examples=30, deadline=None)
@given(PAIRS)
def test_no_live_archive_is_lost_and_no_deleted_one_comes_back(pair: tuple[View, View]) -> None:
    with Bench() as bench:
        ours, theirs = map(bench.open, pair)
        known = [known_by_mark(worlds.archives(one)) for one in (ours, theirs)]
        bench.merge(ours, theirs)
        both = known_by_mark(worlds.archives(ours))
        assert both.keys() == known[0].keys() | known[1].keys()
        for mark, row in both.items():
            said = {one[mark]["state"] for one in known if mark in one}
            assert (row["state"] in LIVE) == (said <= LIVE), (said, row)


@settings(max_examples=25, deadline=None)
@given(PAIRS)
def test_a_united_key_map_is_sound(pair: tuple[View, View]) -> None:
    from glaciercli.keymap import check

    with Bench() as bench:
        ours, theirs = map(bench.open, pair)
        bench.merge(ours, theirs)
        assert list(check.findings(ours, full=True, heard=lambda _done, _steps: None)) == []


def test_every_table_is_merged_or_left_on_purpose() -> None:
    with worlds.opened(None) as made:
        assert set(sources.tables(made)) == merging.MERGED | merging.LEFT
