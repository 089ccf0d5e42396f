"""Tables: across where there is room, one cell below another where not, and never cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.render.columns import Table, cells, text_lines

ID = "hEg3ehPou5nOPfa2MTMNVmbwRrbbY5mkUKkX2PeV118d1aj0dnTU-l9OqDKRx_QclzZ4Z6FuKOv2y7s751ya0kW1FE5L"
TABLE = Table(
    ("vault", "status", "job"), [("photos", "ready", ID), ("music", "asked for", ID[::-1])]
)

words = st.text("abc日é", max_size=12)


@pytest.mark.parametrize("width", [None, 200])
def test_a_table_is_drawn_across_where_there_is_room(width: int | None) -> None:
    assert list(TABLE.lines(width)) == [
        "vault   status     job",
        f"photos  ready      {ID}",
        f"music   asked for  {ID[::-1]}",
    ]


@pytest.mark.parametrize("width", [40, 80])
def test_a_row_stands_upright_where_there_is_none(width: int) -> None:
    assert list(TABLE.lines(width)) == [
        "vault   photos",
        "status  ready",
        f"job     {ID}",
        "",
        "vault   music",
        "status  asked for",
        f"job     {ID[::-1]}",
    ]


def test_a_table_without_rows_keeps_its_heading() -> None:
    assert list(Table(("a" * 30, "b" * 30), []).lines(40)) == [f"{'a' * 30}  {'b' * 30}"]


def test_signs_that_take_two_columns_count_as_two() -> None:
    table = Table(("name", "size"), [("日本", "1"), ("abcdef", "2")])
    assert list(table.lines(None)) == ["name    size", "日本    1", "abcdef  2"]
    assert cells("日本") == 4


@given(st.lists(st.tuples(words, words, words), max_size=5), st.integers(40, 200) | st.none())
def test_nothing_is_cut_and_what_fits_is_across(
    rows: list[tuple[str, str, str]], width: int | None
) -> None:
    table = Table(("a", "b", "c"), rows)
    lines = list(text_lines(["above", table, "below"], width))
    assert (lines[0], lines[-1]) == ("above", "below")
    for row in rows:
        for cell in row:
            assert any(cell in line for line in lines)
    across = list(table.lines(None))
    fits = width is None or max(map(cells, across)) <= width
    assert (lines[1:-1] == across) == fits
