"""The command-line reference, written in Markdown."""

import re
from collections.abc import Iterator, Sequence

from glaciercli.cli.manual_entries import ENVIRONMENT, FILES, Entry, OptionEntry

_HEAD = """\
<!-- Made from the commands by "make docs"; changes belong there. -->
# Command-line reference

`glaciercli [GLOBAL OPTIONS] COMMAND ...`

Each command says the same with `--help`, and has a manual page, such as `man glaciercli-upload`.
What each exit code asks for is in [exit-codes.md](exit-codes.md), what `-o json` prints in
[json-output.md](json-output.md).
"""


def reference(program: Entry, shared: Sequence[OptionEntry]) -> str:
    """Return the reference of the whole program."""
    return "\n".join(_lines(program, shared)) + "\n"


def _lines(program: Entry, shared: Sequence[OptionEntry]) -> Iterator[str]:
    yield _HEAD
    for paragraph in program.paragraphs:
        yield _prose(paragraph)
        yield ""
    yield "## Commands"
    yield ""
    for one in program.leaves():
        yield f"- [`{one.line}`](#{one.page}): {_prose(one.summary)}"
    yield ""
    yield "## Global options"
    yield ""
    yield "They are accepted before the command and after it."
    yield ""
    yield from _options((*program.options, *shared))
    for title, rows in (("Environment", ENVIRONMENT), ("Files", FILES)):
        yield f"## {title}"
        yield ""
        yield from (f"- {_code(names)}: {_prose(text)}" for names, text in rows)
        yield ""
    leaves = [_command(one) for one in program.leaves()]
    yield "\n".join(line for lines in leaves for line in lines).rstrip("\n")


def _command(entry: Entry) -> Iterator[str]:
    yield f"## {entry.line}"
    yield ""
    options = ["[OPTIONS]"] if entry.options else []
    yield "```console"
    yield " ".join((entry.line, *options, *(one.metavar for one in entry.arguments)))
    yield "```"
    yield ""
    for paragraph in entry.paragraphs:
        yield _prose(paragraph)
        yield ""
    for alias in entry.aliases:
        yield f"`glaciercli {alias}` is the same."
        yield ""
    yield from (f"- `{one.metavar}`: {_prose(one.text)}" for one in entry.arguments)
    if entry.options:
        yield from _options(entry.options)
    elif entry.arguments:
        yield ""
    yield "```console"
    yield from entry.examples
    yield "```"
    yield ""
    codes = ", ".join(code for code, _ in entry.codes)
    yield f"Exit codes: {codes}."
    yield ""


def _options(options: Sequence[OptionEntry]) -> Iterator[str]:
    for one in options:
        value = f" {one.value}" if one.value else ""
        names = ", ".join(f"`{name}{value}`" for name in one.names)
        yield f"- {names}: {_prose(one.text)}"
    yield ""


def _code(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", "))


def _prose(text: str) -> str:
    """Return text in which Markdown finds nothing to act on, but for code between backticks."""
    parts = text.split("`")
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r"([\\*_<\[\]])", r"\\\1", parts[index])
    return "`".join(parts)
