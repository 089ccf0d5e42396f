"""The JSON Schemas in docs/schemas, with the examples of docs/json-output.md."""

import json
import os
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from glaciercli.render.schemas.catalogue import (
    DOCUMENTS,
    Schema,
    document_schema,
    line_schema,
    schemas,
    stream_schemas,
)

#: Where the sessions are that the examples come from.
SESSIONS = "docs/json-output.md"

_SESSION = re.compile(
    r"```console\n\$ glaciercli ([^\n]+) -o (jsonl?)\n```\n\n```(?:json|text)\n(.*?)\n```",
    re.DOTALL,
)

_PLACE = "docs/schemas"

_WIDTH = 120

_INDEX = """# JSON Schemas

They are made from the program by `make docs`, in the dialect of draft 2020-12.
[json-output.md](../json-output.md) shows and explains each document; the tests hold what the
program prints against these schemas.

A later version may add members, and the schemas let them pass; it may add words, too, to those
from which a member takes one (`enum`). No member is ever renamed or removed, and those in
`required` are always there.

An error is as [error.schema.json](error.schema.json) says, an event of `-o jsonl -v` as
[event.schema.json](event.schema.json) says.

| command | `-o json` | `-o jsonl` | a line of `jsonl`, a row of `csv` |
|---|---|---|---|
"""


def files(root: str) -> dict[str, str]:
    """Return the file of each schema: its path below the repository, and its text."""
    with open(os.path.join(root, SESSIONS), encoding="utf-8") as file:
        shown = examples(file.read())
    made = {_path(one): text(one.written(examples=shown.get(one.name, ()))) for one in schemas()}
    return made | {f"{_PLACE}/README.md": _index()}


def _path(schema: Schema) -> str:
    return f"{_PLACE}/{schema.name}.schema.json"


def _index() -> str:
    """Return the page that leads to each schema."""
    rows = []
    for command, found in sorted(DOCUMENTS.items()):
        document, line = (one(command).name for one in (document_schema, line_schema))
        links = f"[document]({document}.schema.json) | [line]({line}.schema.json)"
        rows.append(f"| `{command}` | {links} | {found.row} |\n")
    return _INDEX + "".join(rows)


def examples(document: str) -> dict[str, list[Any]]:
    """Return what the sessions of a document show, by the schema that it should fit."""
    found = defaultdict(list)
    for line, form, printed in _SESSION.findall(document):
        said = json.loads(printed if form == "json" else printed.splitlines()[0])
        found[_schema_of(line, form, said).name].append(said)
    for command, one in DOCUMENTS.items():
        if one.like is not None:
            found[document_schema(command).name] += found[document_schema(one.like).name]
    return dict(found)


def _schema_of(line: str, form: str, said: Mapping[str, Any]) -> Schema:
    """Return the schema for what a command line printed."""
    if "error" in said:
        return stream_schemas()[0]
    command = command_of(shlex.split(line))
    assert command is not None, line
    return document_schema(command) if form == "json" else line_schema(command)


def command_of(words: Sequence[str]) -> str | None:
    """Return the command with a document that a line begins with."""
    beginnings = (" ".join(words[:count]) for count in range(min(3, len(words)), 0, -1))
    return next((one for one in beginnings if one in DOCUMENTS), None)


def text(value: Any) -> str:
    """Return JSON that people can read: what fits on a line stands on one."""
    return "".join(_lines(value, "")) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:
    short = json.dumps(value)
    if len(indent) + len(short) <= _WIDTH or not isinstance(value, dict | list):
        yield short
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield opening
    named = value.items() if isinstance(value, dict) else ((None, one) for one in value)
    for index, (name, one) in enumerate(named):
        yield ("," if index else "") + f"\n{indent}  "
        yield "" if name is None else f"{json.dumps(name)}: "
        yield from _lines(one, indent + "  ")
    yield f"\n{indent}{closing}"
