"""A key map as lines of JSON, and back: nothing is lost, not a byte of a name.

The first line says which format this is, then comes a line for each row, and the last line says
how many there were.  docs/key-map.md tells the form.  Both ways take constant memory.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from glaciercli import errors
from glaciercli.keymap import archive_lines, database, schema, sources
from glaciercli.keymap.database import Database, Parameter, encode_text

#: The member by which the first line is known, and the version of the line forms.
_MARK = "glaciercli_key_map"
_VERSION = 1

_ARCHIVES = "archives"

_HIGHEST = 2**63


class BadLine(Exception):
    """A line that is none of a key map; says why."""


def lines(opened: Database) -> Iterator[str]:
    """Yield a key map as lines, each with its line feed."""
    form = schema.version(opened)
    yield _line({_MARK: _VERSION, "format": form})
    count = 0
    for table in sources.tables(opened):
        for row in _rows(opened, table, form=form):
            yield _line({"table": table, **row})
            count += 1
    yield _line({"rows": count})


def fill(made: str, given: Iterable[bytes], *, path: str, now: datetime) -> None:
    """Make an empty file the key map that some lines tell of; ``path`` is where they are from.

    It has the format that it had when it was given out.  Raises ``FileProblem`` with the number
    of the first line that is wrong, and ``KeyMapTooNew``.
    """
    numbered = _Numbered(given)
    with closing(database.connect(made)) as opened:
        database.make_fleeting(opened)
        try:
            _begin(opened, _object(next(numbered, b"")), now=now)
            with opened.transaction():
                _fill_tables(opened, numbered)
        except BadLine as error:
            raise errors.FileProblem(
                f'"{path}", line {max(numbered.number, 1)}: {error}',
                hint="nothing was changed; export it again from the key map that it came from",
            ) from error


class _Numbered:
    """Lines, and the number of the last one that was taken."""

    def __init__(self, given: Iterable[bytes]) -> None:
        self.number = 0
        self._given = iter(given)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.number += 1
        return next(self._given)


def _fill_tables(opened: Database, given: Iterator[bytes]) -> None:
    writer = _Writer(opened)
    for raw in given:
        row = _object(raw)
        if "rows" in row:
            _end(writer, row, given)
            return
        writer.write(row)
    raise BadLine("the file ends too early")


def _begin(opened: Database, head: dict[str, Any], *, now: datetime) -> None:
    """Read the first line and make the tables."""
    form = head.get("format")
    if head.get(_MARK) is None or type(form) is not int or form < 1:
        raise BadLine("it is not the first line of a key map that was exported")
    newest = len(schema.MIGRATIONS)
    if head[_MARK] != _VERSION or form > newest:
        raise errors.KeyMapTooNew(
            f"the export has format {form}, and this program knows formats up to {newest}",
            hint="use the newer version of glaciercli that wrote it; nothing was changed",
        )
    schema.migrate(opened, now=now, newest=form)


def _end(writer: "_Writer", row: dict[str, Any], source: Iterator[bytes]) -> None:
    if row != {"rows": writer.count}:
        raise BadLine(f"it speaks of {row['rows']} rows, and there were {writer.count}")
    if any(raw.strip() for raw in source):
        raise BadLine("something follows the last line")


class _Writer:
    """Puts rows into the tables."""

    def __init__(self, opened: Database) -> None:
        self.count = 0
        self._opened = opened
        self._form = schema.version(opened)
        self._types = {table: sources.columns(opened, table) for table in sources.tables(opened)}

    def write(self, row: dict[str, Any]) -> None:
        """Put in a row; raise ``BadLine``."""
        table = row.pop("table", None)
        if not isinstance(table, str) or table not in self._types:
            raise BadLine(f"there is no table {str(table)[:40]!r}")
        types = _line_types(table, self._types[table], form=self._form)
        if row.keys() != types.keys():
            wrong = ", ".join(sorted(row.keys() ^ types.keys())[:3])
            raise BadLine(f"the members are not those of {table}: {wrong[:80]}")
        values = {name: _read(name, value, types[name]) for name, value in row.items()}
        if table == _ARCHIVES:
            try:
                archive_lines.kept(row, values, form=self._form)
            except archive_lines.UnknownWord as error:
                raise BadLine(str(error)) from error
        self._insert(table, self._types[table], values)
        self.count += 1

    def _insert(self, table: str, types: dict[str, str], values: dict[str, Parameter]) -> None:
        marks = ", ".join("CAST(? AS TEXT)" if types[name] == "TEXT" else "?" for name in values)
        names = ", ".join(f'"{name}"' for name in values)
        try:
            self._opened.execute(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values())
            )
        except sqlite3.IntegrityError as error:
            raise BadLine(str(error)) from error


def _rows(opened: Database, table: str, *, form: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, each as it stands in a line, in the order of their keys."""
    kept = list(_line_types(table, sources.columns(opened, table), form=form))
    chosen = ", ".join(f'"{name}"' for name in kept)
    order = ", ".join(f'"{name}"' for name in sources.key_columns(opened, table))
    for values in opened.query(f'SELECT {chosen} FROM "{table}" ORDER BY {order}'):
        row: Mapping[str, object] = dict(zip(kept, values, strict=True))
        if table == _ARCHIVES:
            row = archive_lines.told(row, form=form)
        yield {name: _written(value) for name, value in row.items()}


def _line_types(table: str, types: dict[str, str], *, form: int) -> dict[str, str]:
    return archive_lines.line_types(types, form=form) if table == _ARCHIVES else types


def _written(value: object) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _read(name: str, value: Any, kind: str) -> Parameter:
    """Return a member as the column takes it; raise ``BadLine``."""
    if value is None:
        return None
    if kind == "INTEGER" and type(value) is int and -_HIGHEST <= value < _HIGHEST:
        return value
    if kind == "TEXT" and isinstance(value, str):
        return encode_text(value)
    if kind == "BLOB" and isinstance(value, str):
        try:
            return bytes.fromhex(value)
        except ValueError:
            pass
    raise BadLine(f"{name} is no {kind.lower()}")


def _object(raw: bytes) -> dict[str, Any]:
    """Return the object of a line; raise ``BadLine``."""
    if not raw.endswith(b"\n"):
        raise BadLine("the line is cut off" if raw else "the file ends too early")
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadLine("it is no JSON") from error
    if not isinstance(found, dict):
        raise BadLine("it is no JSON object")
    return found


def _line(row: dict[str, Any]) -> str:
    # ASCII only: bytes that are no UTF-8 are lone surrogates, which no file encodes.
    return json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n"
