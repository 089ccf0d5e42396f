"""The page of errors is about messages that there are."""

import ast
import re

import pytest

from tests.project.sources import ROOT, modules

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### (?!Exit code)(.+)$", PAGE, re.MULTILINE)


def said() -> str:
    """Every text of the program, without what stands in the gaps of those that have some."""
    return "\n".join(
        node.value
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.fixture(scope="module")
def program() -> str:
    return said()


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_has_the_words_of_a_message(heading: str, program: str) -> None:
    parts = [part for part in heading.split("...") if part.strip(' "$,')]
    # Long sentences are put together from several texts: the beginning of each is enough.
    assert all(part.strip()[:40].strip('" ') in program for part in parts), heading
