"""Every command is helpful, and the manual has all of them."""

import os
import re
from importlib import import_module

import click
import pytest

from glaciercli.cli.commands import ALIASES, COMMANDS
from glaciercli.cli.framework import EXIT_CODES
from glaciercli.cli.manual_entries import ENVIRONMENT, Entry, program
from tests.project.sources import PACKAGE, ROOT, modules

LEAVES = list(program().leaves())


def lines_of(entry: Entry) -> str:
    return entry.line


@pytest.mark.parametrize("entry", LEAVES, ids=lines_of)
def test_every_command_has_help_examples_and_exit_codes(entry: Entry) -> None:
    assert entry.summary.endswith("."), "the first paragraph of the help is one sentence"
    assert ". " not in entry.summary
    assert len(entry.examples) >= 2, "one example is none: tests/examples runs them"
    assert any(entry.line in one for one in entry.examples), "an example shows the command"
    codes = [code for code, _ in entry.codes]
    assert codes[0] == "0"
    assert "2" in codes, "every command can be called wrongly"


@pytest.mark.parametrize("entry", LEAVES, ids=lines_of)
def test_every_option_has_help(entry: Entry) -> None:
    for option in entry.options:
        assert option.text.partition(" [")[0].endswith("."), option.names


@pytest.mark.parametrize("entry", LEAVES, ids=lines_of)
def test_every_argument_has_help(entry: Entry) -> None:
    for argument in entry.arguments:
        assert argument.text.endswith("."), argument.metavar


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    module, words = COMMANDS[name]
    command = import_module(f"glaciercli.cli.commands.{module}").command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert (command.help or "").split("\n\n")[0].replace("\n", " ").strip() == words


def test_every_module_of_a_command_is_in_the_table() -> None:
    found = {
        name.removeprefix("cli/commands/").removesuffix(".py")
        for name in modules()
        if name.startswith("cli/commands/") and not name.endswith("__init__.py")
    }
    known = {module for module, _ in COMMANDS.values()}
    assert known <= found
    assert {name for name in found - known if hasattr(_module(name), "command")} == set(), (
        "a module has a command that the table does not know"
    )
    assert set(ALIASES.values()) <= set(COMMANDS)


def _module(name: str) -> object:
    return import_module(f"glaciercli.cli.commands.{name}")


def test_every_exit_code_has_one_meaning() -> None:
    codes = [code for code, _ in EXIT_CODES]
    assert len(set(codes)) == len(codes)
    assert codes == sorted(codes, key=int)


@pytest.mark.parametrize("entry", program().below, ids=lines_of)
def test_every_command_has_a_page_and_a_place_in_the_reference(entry: Entry) -> None:
    page = (ROOT / "man" / "man1" / f"{entry.page}.1").read_text(encoding="utf-8")
    sections = ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "GLOBAL OPTIONS", "ENVIRONMENT")
    for section in (*sections, "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
        assert f"\n.Sh {section}\n" in page
    reference = (ROOT / "docs" / "cli-reference.md").read_text(encoding="utf-8")
    for leaf in entry.leaves():
        assert f"\n## {leaf.line}\n" in reference


def test_the_manual_names_every_variable_that_is_read() -> None:
    files = sorted((PACKAGE / "config").glob("*.py"))
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    read = set(re.findall(r'"((?:GLACIERCLI|AWS)_[A-Z_]+)"', text))
    named = {name for names, _ in ENVIRONMENT for name in names.split(", ")}
    assert read <= named
    assert os.path.exists(ROOT / "man" / "man1" / "glaciercli.1")
