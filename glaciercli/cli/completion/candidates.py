"""What the word at the cursor may become."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from glaciercli.cli.completion import table
from glaciercli.cli.completion.line import Line

#: What a candidate is: a word, or else the shell is to offer files or directories itself.
WORD = "plain"


class Candidate(NamedTuple):
    """A word that is offered, with what is said about it."""

    value: str
    kind: str = WORD
    about: str = ""


def candidates(line: Line, word: str) -> Iterable[Candidate]:
    """Return what may stand in the place of a word, which is at the cursor."""
    if line.waiting is not None:
        return _of_kind(line, line.waiting["kind"], word)
    if word.startswith("-") and not line.is_options_over:
        return _options(line, word)
    if line.command is not None and line.command["below"]:
        return _commands(line.command["below"], word)
    argument = line.argument()
    return [] if argument is None else _of_kind(line, argument["kind"], word)


def _commands(below: Mapping[str, table.Command], word: str) -> Iterator[Candidate]:
    for name, command in below.items():
        if name.startswith(word):
            yield Candidate(name, about=command["about"])


def _options(line: Line, word: str) -> Iterator[Candidate]:
    name, equals, begun = word.partition("=")
    # Behind a single hyphen the equals sign would be a part of the value.
    option = line.option(name) if equals and name.startswith("--") else None
    if option is not None:
        for value in _of_kind(line, option["kind"], begun):
            yield value._replace(value=f"{name}={value.value}") if value.kind == WORD else value
        return
    for one in line.options():
        for spelling in one["names"]:
            if spelling.startswith(word):
                yield Candidate(spelling, about=one["about"])


def _of_kind(line: Line, kind: table.Kind, word: str) -> Iterable[Candidate]:
    if isinstance(kind, list):
        return [Candidate(one) for one in kind if one.startswith(word)]
    find = _FINDERS.get(kind)
    return [] if find is None else find(line, word)


def _files(_line: Line, word: str) -> list[Candidate]:
    return [Candidate(word, kind=table.FILE)]


def _directories(_line: Line, word: str) -> list[Candidate]:
    return [Candidate(word, kind=table.DIRECTORY)]


def _references(line: Line, word: str) -> list[Candidate]:
    from glaciercli.cli.completion import known

    return [Candidate(one) for one in known.references(line.settings, word, names=True)]


def _vaults(line: Line, word: str) -> list[Candidate]:
    from glaciercli.cli.completion import known

    return [Candidate(one) for one in known.references(line.settings, word, names=False)]


def _stores(line: Line, word: str) -> list[Candidate]:
    from glaciercli.cli.completion import known

    return [Candidate(one) for one in known.stores(line.settings, word)]


def _jobs(line: Line, word: str) -> list[Candidate]:
    from glaciercli.cli.completion import known

    if not line.arguments:
        return []
    return [Candidate(one) for one in known.jobs(line.settings, line.arguments[0], word)]


def _sources(line: Line, word: str) -> list[Candidate]:
    """Return vaults once a file was named; else, and where none fits, let the shell go on."""
    found = _references(line, word) if line.arguments else []
    return found or _files(line, word)


_FINDERS: Mapping[str, Callable[[Line, str], list[Candidate]]] = {
    table.FILE: _files,
    table.DIRECTORY: _directories,
    table.REF: _references,
    table.VAULT: _vaults,
    table.STORE: _stores,
    table.JOB: _jobs,
    table.SOURCE: _sources,
}
