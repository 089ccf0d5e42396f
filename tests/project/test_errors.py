"""The error tree, the exit codes of the help, and docs/exit-codes.md say the same."""

import pkgutil
import re
from importlib import import_module

import pytest

import glaciercli
from glaciercli import errors
from glaciercli.cli.framework import EXIT_CODES
from tests.project.sources import ROOT


def tree(top: type[errors.GlacierCliError]) -> list[type[errors.GlacierCliError]]:
    below = [found for one in top.__subclasses__() for found in tree(one)]
    return [top, *(one for one in below if one.__module__.startswith("glaciercli."))]


for found in pkgutil.walk_packages(glaciercli.__path__, "glaciercli."):
    if not found.name.endswith("__main__"):
        import_module(found.name)
ERRORS = tree(errors.GlacierCliError)


def documented(pattern: str) -> list[tuple[str, ...]]:
    text = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    return re.findall(pattern, text, re.MULTILINE)


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_says_what_it_is(error: type[errors.GlacierCliError]) -> None:
    assert error.__dict__["__doc__"]


def test_every_exit_code_is_documented_once() -> None:
    codes = [code for code, _ in documented(r"^\| (\d+) \| .* \| (.+) \|$")]
    assert codes == [code for code, _ in EXIT_CODES]
    assert {str(one.exit_code) for one in ERRORS} <= set(codes)


def test_every_word_of_an_error_is_documented_with_its_exit_code() -> None:
    said = {word: int(code) for word, code in documented(r"^\| `(\w+)` \| (\d+) \| .+ \|$")}
    assert said == {one.code: one.exit_code for one in ERRORS}


def test_the_drawing_of_the_tree_is_complete() -> None:
    drawn = re.findall(r"^    [ │├└─]*(\w+) +(\d+)", errors.__doc__ or "", re.MULTILINE)
    assert {name: int(code) for name, code in drawn} == {
        one.__name__: one.exit_code for one in ERRORS if one.__module__ == errors.__name__
    }
