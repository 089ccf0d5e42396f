"""Whoever types what a document shows sees what it shows."""

import re
from pathlib import Path

import pytest

from tests.transcripts.page import Step, alike, rewritten, steps_of
from tests.transcripts.pages import PAGES, ROOT
from tests.transcripts.picture import PICTURE, picture
from tests.transcripts.typist import at_home


@pytest.mark.parametrize("page", PAGES)
def test_a_session_prints_what_the_document_shows(page: str, tmp_path: Path) -> None:
    typist = at_home(tmp_path / "home")
    steps = list(steps_of((ROOT / page).read_text(encoding="utf-8")))
    assert steps
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        shown = typist.type(step.line)
        assert typist.code == 0 or (after is not None and after.line == "echo $?"), shown
        if step.is_shown:
            documented = "".join(f"{one}\n" for one in step.printed)
            assert alike(shown) == alike(documented), f"{step.line}: run make docs"


def test_the_sessions_of_a_document_are_found() -> None:
    text = "# A\n<!-- before: mkdir a -->\n```console\n$ ls\na\n$ true\n```\n```sh\n$ no\n```\n"
    assert list(steps_of(text)) == [
        Step(line="mkdir a", start=2, is_shown=False),
        Step(line="ls", printed=("a",), start=4),
        Step(line="true", start=6),
    ]


def test_what_is_printed_now_takes_the_place_of_what_was() -> None:
    text = "```console\n$ ls\nold\nolder\n$ true\n```\nend\n"
    first, second = steps_of(text)
    assert rewritten(text, {first: ["new"], second: ["x"]}) == (
        "```console\n$ ls\nnew\n$ true\nx\n```\nend\n"
    )


def test_only_what_changes_by_itself_is_overlooked() -> None:
    assert alike("a  2026-11-22 05:20Z  b") == alike("a  2027-01-02 06:21Z  b")
    assert alike("3 archives") != alike("4 archives")


def test_the_picture_is_of_the_session_and_loads_nothing() -> None:
    made = picture(ROOT / "README.md")
    assert (ROOT / PICTURE).read_text(encoding="utf-8") == made, "run make docs"
    assert re.findall(r"(?:href|url)[=(]\W?https?:", made) == []
    assert "retrieved" in made
