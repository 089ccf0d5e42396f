"""Help on every level, and what a line that makes no sense is told."""

import json
import re

import pytest

from glaciercli import __version__
from glaciercli.cli.manual_entries import Entry, program
from tests.cli.conftest import Run


def every(entry: Entry) -> list[Entry]:
    return [entry, *(found for one in entry.below for found in every(one))]


LEVELS = every(program())
COMMANDS = list(program().leaves())


def lines_of(entry: Entry) -> str:
    return entry.line


@pytest.mark.parametrize("entry", LEVELS, ids=lines_of)
def test_both_spellings_show_the_same_help_on_every_level(run: Run, entry: Entry) -> None:
    long = run(*entry.words, "--help").ok()
    assert run(*entry.words, "-h").ok().raw == long.raw
    assert long.lines[0].startswith(f"Usage: {entry.line}")
    assert "Global options:" in long.out
    arguments, _, options = long.out.partition("\nOptions:\n")
    assert all(one.metavar in arguments.partition("Positional")[2] for one in entry.arguments)
    assert all(f"\n  {one.metavar}" not in options for one in entry.arguments)
    assert long.err == ""


@pytest.mark.parametrize("entry", COMMANDS, ids=lines_of)
def test_help_ends_with_examples_and_exit_codes(run: Run, entry: Entry) -> None:
    said = run(*entry.words, "--help").ok().out
    _, examples, codes = re.split(r"\n(?:Examples|Exit codes):\n", said)
    assert entry.line in examples or any(f"glaciercli {one}" in examples for one in entry.aliases)
    assert codes.split()[0] == "0"


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("words", [(), ("list",), ("inventory", "import")])
def test_help_is_as_wide_as_the_terminal(run: Run, words: tuple[str, ...], columns: int) -> None:
    shown = run(*words, "--help", env={"COLUMNS": str(columns)}).ok().lines
    # What stands for itself is never broken: a line to type, and the values of an option.
    folded = [one for one in shown if not re.match(r" *(glaciercli|--[a-z-]+ \[)", one)]
    assert max(map(len, folded)) <= min(columns, 100)
    assert max(map(len, folded)) > min(columns, 100) - 20


@pytest.mark.parametrize("entry", [one for one in LEVELS if one.below], ids=lines_of)
def test_the_table_of_commands_has_each_sentence_to_its_end(run: Run, entry: Entry) -> None:
    shown = " ".join(run(*entry.words, "--help").ok().out.split())
    for one in entry.below:
        assert f" {one.words[-1]} {one.summary}" in shown


def test_help_loads_no_more_than_it_shows(run: Run) -> None:
    shown = run("--help").ok().out
    for entry in program().below:
        assert re.search(
            rf"^  {entry.words[0]} +{re.escape(entry.summary[:30])}", shown, re.MULTILINE
        )


def test_the_version_is_shown_once(run: Run) -> None:
    assert run("--version").ok().out == f"glaciercli {__version__}\n"


@pytest.mark.parametrize("words", [(), ("vault",), ("inventory",)])
def test_a_line_without_a_command_shows_the_help(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err == run(*words, "--help").ok().out


def test_an_alias_is_the_command(run: Run) -> None:
    assert run("ls", "--help").ok().lines[1:] == run("list", "--help").ok().lines[1:]


@pytest.mark.parametrize(
    "options",
    [
        ("--local", "-o", "json"),
        ("--store", "local", "--output=jsonl"),
        ("--local", "--key-map", "elsewhere.sqlite3"),
        ("--local", "--quiet"),
    ],
)
def test_global_options_count_before_and_after_the_command(
    run: Run, photos: object, options: tuple[str, ...]
) -> None:
    del photos
    before = run(*options, "vault", "list")
    assert run("vault", *options, "list") == before
    assert run("vault", "list", *options) == before
    assert before.code == 0


def test_the_last_of_several_counts(local: Run, photos: object) -> None:
    del photos
    assert "vaults" in local("-o", "csv", "vault", "list", "-o", "json").ok().json


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("uplod x y", "upload"),
        ("lst", "list"),
        ("vault creat x", "create"),
        ("inventory refesh x", "refresh"),
        ("list --larger-tan 1", "--larger-than"),
        ("retrieve photos/x --tire bulk", "--tier"),
        ("--locl list", "--local"),
    ],
)
def test_a_mistyped_word_is_told_what_was_meant(run: Run, line: str, meant: str) -> None:
    done = run(*line.split()).failed(2, meant)
    assert "mean" in done.err


WRONG = (
    "nosuch",
    "-x",
    "list --nosuch",
    "list -o xml",
    "list --state nosuch",
    "list --larger-than much",
    "list --older-than yesterday",
    "list a:b:c",
    "list vault/ name",
    "upload",
    "upload file",
    "retrieve",
    "retrieve --jobs 0 photos/x",
    "rename photos/x",
    "vault create",
    "vault create not/a/vault/name/~",
    "vault nosuch",
    "completion tcsh",
    "--store",
    "--store nosuch list",
    "list nosuch:photos",
    "--local list aws:photos",
)


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_gets_one_sentence_and_a_hint(run: Run, line: str) -> None:
    done = run(*line.split())
    assert (done.code, done.out) == (2, "")
    first, *hints = done.err.splitlines()
    assert first.startswith("glaciercli: error: ")
    assert first[len("glaciercli: error: ")].islower() or first.endswith('"')
    assert not first.endswith(".")
    assert all(one.startswith("glaciercli: hint: ") for one in hints)
    assert len(hints) <= 1


@pytest.mark.parametrize("line", WRONG)
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_wrong_line_gets_one_object_where_json_is_wanted(run: Run, line: str, where: str) -> None:
    words, form = line.split(), ["-o", "json"]
    if where == "after" and ("-o" in words or words[-1] == "--store"):
        pytest.skip("the line gives the form itself, or its last option takes it for a value")
    done = run(*form, *words) if where == "before" else run(*words, *form)
    assert (done.code, done.out) == (2, "")
    said = json.loads(done.err)
    assert list(said) == ["error"]
    assert list(said["error"]) == ["code", "message", "hint"]
    assert said["error"]["code"] == "usage"


def test_the_environment_can_ask_for_json_errors(run: Run) -> None:
    done = run("nosuch", env={"GLACIERCLI_OUTPUT": "json"})
    assert json.loads(done.err)["error"]["code"] == "usage"


def test_an_unknown_store_is_told_which_there_are(run: Run) -> None:
    done = run("--store", "nosuch", "list").failed(2)
    assert done.err == (
        'glaciercli: error: there is no store "nosuch"\nglaciercli: hint: there are: aws, local\n'
    )


@pytest.mark.covers("H2")
def test_text_of_the_user_cannot_act_on_the_terminal(run: Run) -> None:
    done = run("list", "photos\x1b[2J/x", "--bogus\x1b[2J").failed(2)
    assert "\x1b" not in done.err
