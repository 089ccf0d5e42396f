"""What a terminal gets: colours, widths, and the same words as a script."""

import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Spawn
from tests.cli.terminals import on_terminal

MIB = 1024 * 1024

#: A colour of the letters, and one of the ground behind them.
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-9]|9[0-7])[;m]")
GROUND = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:4[0-9]|10[0-7])[;m]")


def shown_of(spawn: Spawn, *words: str, **variables: str) -> str:
    """Return what a terminal shows of a line that goes well."""
    shown = on_terminal(spawn, *words, streams=("stdout", "stderr"), **variables)
    assert shown.code == 0, shown.text
    return shown.text


@pytest.fixture
def slow_upload(local: Run, work: Path) -> tuple[str, ...]:
    """A line that takes long enough for a bar."""
    local("vault", "create", "photos").ok()
    (work / "large").write_bytes(os.urandom(3 * MIB))
    return ("upload", "large", "photos", "--limit-rate", "8MiB", "--force")


def test_a_bar_has_colours_that_every_ground_can_bear(
    spawn: Spawn, slow_upload: tuple[str, ...]
) -> None:
    shown = shown_of(spawn, *slow_upload, COLUMNS="120")
    assert COLOUR.search(shown)
    # The ground stays the terminal's own, light or dark.
    assert not GROUND.search(shown)


@pytest.mark.parametrize(
    "variables", [{"NO_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}], ids=str
)
def test_no_colour_is_shown_where_none_is_wanted(
    spawn: Spawn, slow_upload: tuple[str, ...], variables: dict[str, str]
) -> None:
    shown = shown_of(spawn, *slow_upload, **variables)
    assert "\x1b[2K" in shown
    assert not COLOUR.search(shown)


@pytest.mark.parametrize("variables", [{}, {"FORCE_COLOR": "1"}], ids=str)
def test_a_dumb_terminal_gets_lines_alone(
    spawn: Spawn, slow_upload: tuple[str, ...], variables: dict[str, str]
) -> None:
    shown = shown_of(spawn, *slow_upload, TERM="dumb", **variables)
    assert "\x1b" not in shown
    assert "stored large" in shown


def test_nothing_is_drawn_into_a_pipe(local: Run, slow_upload: tuple[str, ...]) -> None:
    done = local(*slow_upload, env={"FORCE_COLOR": "1", "TERM": "xterm-256color"}).ok()
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_terminal_shows_every_word_that_a_script_gets(
    local: Run, spawn: Spawn, slow_upload: tuple[str, ...], columns: int
) -> None:
    local(*slow_upload).ok()
    local("retrieve", "photos/large", "--to", "back").ok()
    for line in (("job", "list"), ("vault", "list"), ("cost", "photos")):
        piped = local(*line).ok().out
        shown = shown_of(spawn, *line, COLUMNS=str(columns))
        assert set(shown.split()) == set(piped.split())
        if columns == 80 and line != ("job", "list"):
            assert shown == piped
