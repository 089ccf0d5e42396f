"""What is made from the commands is committed as it is made: else, run ``make docs``."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from glaciercli.cli import manual
from glaciercli.cli.manual_schemas import SESSIONS
from glaciercli.cli.manual_topics import TOPICS
from tests.project.sources import ROOT

MADE = manual.files(str(ROOT))
PAGES = sorted(name for name in MADE if name.startswith("man/"))


@pytest.mark.parametrize("name", MADE)
def test_the_committed_file_is_fresh(name: str) -> None:
    path = ROOT / name
    assert path.exists(), "run make docs"
    assert path.read_text(encoding="utf-8") == MADE[name], "run make docs"


def test_no_page_is_left_of_a_command_that_is_gone() -> None:
    kept = {
        path.relative_to(ROOT).as_posix()
        for place, pattern in (("man", "*.?"), ("docs/schemas", "*"))
        for path in (ROOT / place).rglob(pattern)
    }
    made = {name for name in MADE if name.startswith(("man/", "docs/schemas/"))}
    assert kept == made, "run make docs"


def test_the_manual_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "dumb")
    assert manual.files(str(ROOT)) == MADE


def test_writing_makes_the_files_and_removes_old_pages(tmp_path: Path) -> None:
    (tmp_path / "man" / "man1").mkdir(parents=True)
    (tmp_path / "man" / "man1" / "glaciercli-gone.1").write_text("")
    (tmp_path / "docs").mkdir()
    read = {topic.document for topic in TOPICS} | {SESSIONS}
    for document in read:
        shutil.copy(ROOT / document, tmp_path / document)
    assert manual.main([str(tmp_path)]) == 0
    for document in read:
        (tmp_path / document).unlink()
    written = {
        path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8")
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert written == MADE


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_correct_mdoc(name: str) -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    done = subprocess.run(
        ["mandoc", "-T", "lint", str(ROOT / name)],  # noqa: S607 - whichever mandoc there is
        capture_output=True,
        check=False,
        text=True,
    )
    said = (done.stdout + done.stderr).splitlines()
    # The pages it refers to need not be installed.
    assert [line for line in said if "referenced manual not found" not in line] == []


def test_man_shows_a_page_without_a_complaint() -> None:
    if shutil.which("man") is None:
        pytest.skip("man is not installed")
    with tempfile.TemporaryFile() as complaints:
        done = subprocess.run(
            ["man", "--warnings", "-P", "cat", "-l", str(ROOT / "man/man1/glaciercli-upload.1")],  # noqa: S607
            stdout=subprocess.PIPE,
            stderr=complaints,
            check=False,
            text=True,
        )
        complaints.seek(0)
        said = complaints.read()
    if done.returncode != 0:
        pytest.skip("this man shows no files")
    assert said == b""
    assert "--dry-run" in done.stdout


def test_a_topic_has_every_word_of_its_document() -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    for topic in TOPICS:
        done = subprocess.run(
            ["mandoc", "-T", "utf8", "-O", "width=500", str(ROOT / f"man/man5/{topic.name}.5")],  # noqa: S607
            capture_output=True,
            check=True,
            text=True,
        )
        shown = set(re.findall(r"\w+", re.sub(".\b", "", done.stdout).lower()))
        text = (ROOT / topic.document).read_text(encoding="utf-8")
        said = re.sub(r"\]\([^)]*\)|^# .*|^\|.*\|\n\|-.*|```\w*", "", text, flags=re.MULTILINE)
        assert set(re.findall(r"\w+", said.lower())) - shown == set()
