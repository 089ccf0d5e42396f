"""Every line of the documents that is not part of a session does what its page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from glaciercli.cli.manual_entries import program
from tests.examples.typing_lines import prepared, typed
from tests.examples.world import World
from tests.transcripts.pages import PAGES

ROOT = Path(__file__).parents[2]

#: Sessions, whose output counts, and what is made from the commands have tests of their own.
_OTHERS = {*PAGES, "docs/cli-reference.md", "docs/json-output.md"}

_BLOCK = re.compile(r"^```(?:sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

#: Done, or to be repeated later: a vault is removed over days.
_WELL = {0, 75}


def blocks() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each page, and the lines of a block of it that start the program."""
    pages = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
    for page in pages:
        text = (ROOT / page).read_text(encoding="utf-8")
        for block in _BLOCK.findall(text) if page not in _OTHERS else ():
            typed_lines = (
                line.removeprefix("$ ").partition("  #")[0] for line in block.splitlines()
            )
            found = tuple(one.strip() for one in typed_lines if one.startswith("glaciercli "))
            if found:
                yield page, found


def command_of(line: str) -> str:
    """Return the command of a line."""
    found = [one for one in program().leaves() if f"{line} ".startswith(f"{one.line} ")]
    assert found, f"there is no such command: {line}"
    return " ".join(found[0].words)


@pytest.mark.parametrize(("page", "lines"), list(blocks()), ids=str)
def test_the_lines_of_a_document_work(page: str, lines: tuple[str, ...], world: World) -> None:
    for line in lines:
        command = command_of(line)
        shown = typed(prepared(world, command), command, line)
        assert world.typist.code in _WELL, f"{page}: {line}\n{shown}"
        assert "glaciercli: error:" not in shown
        assert "Traceback" not in shown


def test_pages_with_lines_are_found() -> None:
    found = {page for page, _ in blocks()}
    assert {"docs/configuration.md", "docs/take-over.md", "docs/sync.md", "docs/verify.md"} <= found
