"""``glaciercli list`` in other orders, through a pager, and with what is held twice."""

import csv
import io
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Spawn
from tests.cli.terminals import on_terminal

SIZES = {"a.txt": 5, "b.txt": 3000, "c.txt": 20}
COPIES = {"c.txt": 20, "copies/c.txt": 20}


@pytest.fixture
def stored(local: Run, photos: Path) -> Path:
    """Two vaults that hold some of the same; returns the current directory."""
    local("vault", "create", "music").ok()
    for vault, files in (("photos", SIZES), ("music", COPIES)):
        for name, size in files.items():
            path = photos / vault / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name[-5:-4].encode() * size)
        local("upload", vault, vault).ok()
    return photos


def names(local: Run, *words: str) -> list[str]:
    return [one["name"] for one in local("list", *words, "-o", "jsonl").ok().jsonl]


@pytest.mark.usefixtures("stored")
def test_archives_come_in_the_order_that_is_asked_for(local: Run) -> None:
    assert names(local, "photos", "--sort", "size") == ["b.txt", "c.txt", "a.txt"]
    assert names(local, "photos", "--sort", "size", "--reverse") == ["a.txt", "c.txt", "b.txt"]
    assert names(local, "photos", "--reverse", "--limit", "2") == ["c.txt", "b.txt"]
    assert names(local, "photos/[bc]*", "--sort", "size", "--limit", "1") == ["b.txt"]
    newest = names(local, "--sort", "time")
    assert set(newest[:2]) == set(COPIES)
    assert names(local, "--sort", "time", "--reverse")[-2:] == newest[1::-1]


@pytest.mark.usefixtures("stored")
def test_several_references_are_listed_one_after_the_other(local: Run) -> None:
    assert names(local, "photos/c.txt", "music/copies/*") == ["c.txt", "copies/c.txt"]
    assert names(local, "photos/b.txt", "photos/b*", "--sort", "size") == ["b.txt"]
    local("list", "photos/c.txt", "music/nothing").failed(11, "music/nothing")


@pytest.mark.usefixtures("stored")
def test_sizes_and_ages_bound_the_listing_on_both_sides(local: Run) -> None:
    assert names(local, "photos", "--smaller-than", "21") == ["a.txt", "c.txt"]
    assert names(local, "photos", "--smaller-than", "20", "--larger-than", "5") == []
    assert len(names(local, "photos", "--newer-than", "1h")) == 3
    assert names(local, "photos", "--newer-than", "0s") == []
    assert names(local, "photos", "--unnamed") == []


@pytest.mark.usefixtures("stored")
def test_a_limit_may_be_larger_than_any_number_of_archives(local: Run) -> None:
    limit = ("--limit", "9" * 20)
    assert local("list", "photos", "--sort", "size", *limit).ok().lines
    local("list", "photos", "--duplicates", *limit).ok()


@pytest.mark.usefixtures("stored")
def test_what_is_held_twice_is_told_with_what_it_wastes(local: Run) -> None:
    said = local("list", "--duplicates", "-o", "json").ok().json
    assert (said["groups"], said["archive_count"], said["wasted_bytes"]) == (1, 3, 40)
    found = said["duplicates"]
    assert {(one["vault"], one["name"]) for one in found} == {
        ("photos", "c.txt"),
        ("music", "c.txt"),
        ("music", "copies/c.txt"),
    }
    assert {(one["group"], one["copies"], one["wasted_bytes"]) for one in found} == {(1, 3, 40)}
    assert local("list", "--duplicates", "-o", "jsonl").ok().jsonl == found
    rows = list(csv.DictReader(io.StringIO(local("list", "--duplicates", "-o", "csv").ok().out)))
    assert [row["name"] for row in rows] == [one["name"] for one in found]
    text = local("list", "--duplicates").ok().lines
    assert text[0] == "3 times 20 B, 40 B wasted"
    assert text[-1] == "1 group, 3 archives, 40 B wasted"


@pytest.mark.usefixtures("stored")
def test_duplicates_are_looked_for_where_it_is_said(local: Run) -> None:
    inside = local("list", "--duplicates", "music", "-o", "json").ok().json
    assert (inside["archive_count"], inside["wasted_bytes"]) == (2, 20)
    assert local("list", "--duplicates", "photos").ok().lines == ["nothing is held twice"]
    across = local("list", "--duplicates", "photos/c*", "music/c*", "-o", "json").ok().json
    assert across["archive_count"] == 2
    local("list", "--duplicates", "--sort", "size").failed(2, "an order and a form of its own")


def test_every_stored_version_counts_as_a_copy(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"same")
    local("upload", "a", "photos").ok()
    local("upload", "a", "photos", "--force").ok()
    assert local("list", "--duplicates", "-o", "json").ok().json["archive_count"] == 2


def on_screen(spawn: Spawn, *words: str, **variables: str) -> tuple[int, str]:
    """Run a command line whose standard output alone is a terminal."""
    shown = on_terminal(spawn, *words, streams=("stdout",), **variables)
    return shown.code, shown.text


@pytest.fixture
def pager(stored: Path) -> str:
    """A pager that says what came through it, and how much."""
    script = stored / "pager.py"
    script.write_text("import sys; print('PAGED', len(sys.stdin.readlines()))")
    many = stored / "many"
    many.mkdir()
    for number in range(30):
        (many / f"{number:02}").write_bytes(b"x" * (number + 1))
    return f"'{sys.executable}' '{script}'"


def test_a_listing_that_is_longer_than_the_screen_is_paged(
    local: Run, spawn: Spawn, pager: str
) -> None:
    local("upload", "many", "photos").ok()
    paged = on_screen(spawn, "list", "photos", GLACIERCLI_PAGER=pager, PAGER="false")
    assert paged == (0, "PAGED 34\n")
    assert on_screen(spawn, "list", "photos", PAGER=pager) == paged


def test_signs_that_take_two_columns_fill_the_screen_sooner(
    local: Run, spawn: Spawn, pager: str, photos: Path
) -> None:
    wide = photos / "wide"
    wide.mkdir()
    for number in range(12):
        (wide / ("日" * 40 + f"{number:02}")).write_bytes(b"x")
    local("upload", "wide", "photos").ok()
    # Fewer lines than the screen has, and each takes two of its rows.
    assert on_screen(spawn, "list", "photos/日*", PAGER=pager)[1].startswith("PAGED")


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (("--limit", "3"), {}),
        (("--no-pager",), {}),
        ((), {"GLACIERCLI_PAGER": "cat"}),
        ((), {"GLACIERCLI_PAGER": "no-such-program"}),
        ((), {"GLACIERCLI_PAGER": "'unclosed"}),
        ((), {"TERM": "dumb"}),
        (("-o", "jsonl"), {}),
    ],
)
def test_a_pager_is_not_used_where_it_would_be_in_the_way(
    local: Run, spawn: Spawn, pager: str, words: tuple[str, ...], variables: dict[str, str]
) -> None:
    local("upload", "many", "photos").ok()
    code, text = on_screen(spawn, "list", "photos", *words, **{"PAGER": pager, **variables})
    assert code == 0
    assert "PAGED" not in text
    assert "a.txt" in text or "00" in text


def test_whoever_quits_the_pager_has_seen_enough(local: Run, spawn: Spawn, pager: str) -> None:
    del pager
    local("upload", "many", "photos").ok()
    assert on_screen(spawn, "list", "photos", PAGER="true") == (0, "")


@pytest.mark.usefixtures("stored")
def test_a_terminal_gets_the_sum_and_a_script_does_not(local: Run, spawn: Spawn) -> None:
    _, text = on_screen(spawn, "list", "photos", PAGER="cat")
    assert text.splitlines()[-1] == "3 archives, 3.0 KiB"
    assert len(local("list", "photos").ok().lines) == 3
