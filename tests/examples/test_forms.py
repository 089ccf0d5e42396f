"""Every command says what it has to say in each form, and where there is nothing to say, too."""

import csv
import io
import json
import re

import pytest

from glaciercli.cli.manual_entries import Entry, program
from glaciercli.render.schemas.catalogue import DOCUMENTS
from tests.cli import documents
from tests.examples.typing_lines import prepared, typed
from tests.examples.world import READING, World

LEAVES = [entry for entry in program().leaves() if " ".join(entry.words) in DOCUMENTS]

#: What has no dry run, and may be done again.
REPEATABLE = {"config init": "--overwrite", "keymap export": "--overwrite"}

#: Lines about a vault in which there is nothing, and one that is not there.
NOTHING = (
    "inventory export old",
    "inventory show old",
    "job list old",
    "list --state missing",
    "list --duplicates",
    "list nothing",
    "report old",
    "treehash nothing",
    "upload-parts list old",
    "vault lock show old",
    "vault notify show old",
    "vault policy show old",
    "vault show old",
    "vault tag list old",
)

FORMS = ("json", "jsonl", "csv")


def line_of(entry: Entry) -> str:
    """Return a line that shows what a command says and changes nothing that matters."""
    command = " ".join(entry.words)
    plain = [one for one in entry.examples if one.startswith(entry.line) and "|" not in one]
    line = re.sub(r" -o \w+| > \S+", "", plain[0])
    more = "" if command in READING else REPEATABLE.get(command, "--dry-run")
    return line if more in line else f"{line} {more}"


def say(world: World, command: str, line: str, form: str) -> str:
    """Type a line and return what it prints, which has to fit its schema."""
    # What happens meanwhile would stand between; it is on standard error.
    shown = typed(world, command, f"{line} -q -o {form}")
    code = world.typist.code
    # An error is one object, or a sentence in CSV.
    failed = re.match(r'{"error"|glaciercli: error:', shown) is not None
    out, err = ("", shown) if failed else (shown, "")
    documents.check(line.split()[1:], form, out=out.encode(), err=err, code=code)
    return shown


@pytest.mark.parametrize("entry", LEAVES, ids=lambda entry: entry.line)
def test_a_command_speaks_in_every_form(entry: Entry, world: World) -> None:
    command, line = " ".join(entry.words), line_of(entry)
    prepared(world, command)
    document, lines, table = (say(world, command, line, form) for form in FORMS)
    assert world.typist.code == 0, table
    assert isinstance(json.loads(document), dict)
    # A heading, and a row for each line.
    assert len(list(csv.reader(io.StringIO(table)))) == 1 + len(lines.splitlines())


@pytest.mark.parametrize("line", NOTHING)
def test_where_there_is_nothing_the_forms_are_the_same(line: str, world: World) -> None:
    for form in FORMS:
        command = documents.command_in(line.split()) or line
        shown = say(world, command, f"glaciercli {line}", form)
        assert "Traceback" not in shown
        if form == "csv":
            assert shown, "a heading or an error"


def test_what_changes_something_can_be_tried_without_changing_it() -> None:
    for entry in LEAVES:
        command = " ".join(entry.words)
        takes = any("--dry-run" in option.names for option in entry.options)
        assert takes is (command not in READING | set(REPEATABLE)), command
