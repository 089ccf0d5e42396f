"""What is committed can be read anywhere: no traces of a machine, no loose ends."""

import re
from pathlib import Path

import pytest

from glaciercli import __version__
from tests.project.sources import ROOT, texts

# Put together here, so that this file does not find itself; me is nobody in an example.
_MACHINE_PATH = re.compile(
    r"""(?:^|[\s"'`(=:])/(?:wo""" + r"""rk|ho""" + r"""me(?!/me\b))/""", re.MULTILINE
)
_LOOSE_END = re.compile(r"\bTO" + r"DO\b|\bFIX" + r"ME\b")
_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)\s]+)\)")


def found(pattern: re.Pattern[str]) -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): match[0]
        for path, text in texts()
        if (match := pattern.search(text))
    }


def test_nothing_names_a_path_of_one_machine() -> None:
    assert found(_MACHINE_PATH) == {}


def test_no_loose_end_is_left() -> None:
    assert found(_LOOSE_END) == {}


def anchors(path: Path) -> set[str]:
    """The places in a Markdown file that a link can lead to."""
    headings = re.findall(r"^#+ +(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in headings}


def test_every_link_in_the_documents_leads_somewhere() -> None:
    broken = []
    for path, text in texts():
        if path.suffix != ".md":
            continue
        for link in _LINK.findall(text):
            name, _, anchor = link.partition("#")
            target = path.parent / name
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{path.relative_to(ROOT)}: {link}")
    assert broken == []


def test_every_link_within_a_document_leads_somewhere() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: #{anchor}"
        for path, text in texts()
        if path.suffix == ".md"
        for anchor in re.findall(r"\]\(#([^)]+)\)", text)
        if anchor not in anchors(path)
    ]
    assert broken == []


def test_the_change_log_begins_with_this_version() -> None:
    path = ROOT / "CHANGELOG.md"
    if not path.exists():
        pytest.skip("there is no change log yet")
    text = path.read_text(encoding="utf-8")
    first = re.search(r"^## \[?([\w.]+)\]?", text, re.MULTILINE)
    assert first is not None
    assert first[1] in {__version__, "Unreleased"}
