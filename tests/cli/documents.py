"""What the program prints in a form for machines, held against the schemas of it."""

import csv
import io
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from glaciercli.cli.commands import ALIASES
from glaciercli.render.schemas.catalogue import (
    DOCUMENTS,
    Schema,
    document_schema,
    line_schema,
    stream_schemas,
)

#: The options that take a value and may stand anywhere on a line.
_GLOBAL = (
    "--store",
    "--profile",
    "--region",
    "--endpoint-url",
    "--account-id",
    "--key-map",
    "--config",
    "--output",
    "-o",
)

#: How many items of a list are looked at: all are made in one place.
_LOOKED_AT = 100

_KEY_MAP_LINES = b'{"glaciercli_key_map"'


def form_of(words: Sequence[str], default: str | None) -> str | None:
    """Return the form that a line asks for."""
    form = default
    for index, word in enumerate(words[:-1]):
        if word in {"-o", "--output"}:
            form = words[index + 1]
    for word in words:
        form = word.partition("=")[2] if word.startswith("--output=") else form
    return form


def command_in(words: Sequence[str]) -> str | None:
    """Return the command of a line, wherever global options stand, if it has a document."""
    plain: list[str] = []
    values = iter(words)
    for word in values:
        if word in _GLOBAL:
            next(values, None)
        elif not word.startswith("-"):
            plain.append(ALIASES.get(word, word) if not plain else word)
    beginnings = (" ".join(plain[:count]) for count in (3, 2, 1))
    return next((one for one in beginnings if one in DOCUMENTS), None)


def complaint(schema: Schema, said: Any) -> str | None:
    """Return what is wrong with a document, if anything is; a member too many is wrong too."""
    found = best_match(_validator(schema.name).iter_errors(_shortened(said)))
    return None if found is None else f"{schema.name}: {found.json_path}: {found.message}"


def check(words: Sequence[str], form: str | None, *, out: bytes, err: str, code: int) -> None:
    """Hold what a line printed against the schema of its command."""
    command = command_in(words)
    if command is None or out.startswith((b"Usage:", _KEY_MAP_LINES)) or _is_archive(words):
        return
    _check_events(err)
    if form in {"json", "jsonl"} and code and not out:
        if err.endswith("}\n"):
            _accept(stream_schemas()[0], json.loads(err.splitlines()[-1]))
    elif form == "json":
        _accept(document_schema(command), json.loads(out))
    elif form == "jsonl":
        for line in out.splitlines()[:_LOOKED_AT]:
            _accept(line_schema(command), json.loads(line))
    elif form == "csv":
        _check_rows(command, out.decode())


def _is_archive(words: Sequence[str]) -> bool:
    """Tell whether standard output holds an archive."""
    return "--to" in words and words[words.index("--to") + 1] == "-"


def _accept(schema: Schema, said: Any) -> None:
    assert complaint(schema, said) is None, complaint(schema, said)


def _check_events(err: str) -> None:
    for line in err.splitlines():
        if line.startswith('{"event"'):
            _accept(stream_schemas()[1], json.loads(line))


def _check_rows(command: str, text: str) -> None:
    if not text:
        return
    heading, *rows = csv.reader(io.StringIO(text))
    known = {one.name for record in DOCUMENTS[command].lines for one in record.members}
    assert set(heading) <= known, f"{command}: columns that no line has"
    assert all(len(row) == len(heading) for row in rows)


@cache
def _validator(name: str) -> Draft202012Validator:
    schemas = (
        *stream_schemas(),
        *(each(one) for one in DOCUMENTS for each in (document_schema, line_schema)),
    )
    (found,) = (one for one in schemas if one.name == name)
    return Draft202012Validator(found.written(closed=True))


def _shortened(said: Any) -> Any:
    """Return a document with no more items in its lists than are looked at."""
    if not isinstance(said, dict):
        return said
    return {
        key: value[:_LOOKED_AT] if isinstance(value, list) else value for key, value in said.items()
    }
