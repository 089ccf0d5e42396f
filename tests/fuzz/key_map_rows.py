"""The rows of a key map as lines, so that changes get behind the pages of its file."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from random import Random
from typing import Any

_MAGIC = b"SQLite format 3\0"

#: Where a file says in which way commits are kept safe, https://sqlite.org/fileformat2.html: one
#: with a journal of its own beside it cannot be in memory.
_MODES = slice(18, 20)
_ROLLBACK, _WAL = b"\1\1", b"\2\2"

_FORMAT = slice(60, 64)

#: How bytes stand in JSON, which has none.
_BYTES = "bytes"


class Rows:
    """Opens key maps as lines of rows, and makes key maps of such lines, which may be wrong."""

    def __init__(self, samples: Iterable[bytes]) -> None:
        #: A key map of each format, and the lines of its rows.
        self._of_format = {
            str(format_of(one)).encode(): (one, frozenset(_lines(one)))
            for one in samples
            if one.startswith(_MAGIC)
        }

    def opened(self, data: bytes) -> bytes | None:
        """Return the format and every row as lines of JSON; nothing for what is no key map."""
        if not data.startswith(_MAGIC):
            return None
        return b"\n".join([str(format_of(data)).encode(), *_lines(data)])

    def sealed(self, lines: bytes, rng: Random) -> bytes:
        """Return a key map with such rows; one that no table takes stays what it was."""
        first, *others = lines.split(b"\n")
        sample, known = self._of_format.get(first) or rng.choice([*self._of_format.values()])
        with _in_memory(sample) as held:
            for line in others:
                row = None if line in known else _replacement(line)
                if row is not None:
                    with suppress(sqlite3.Error, ValueError, OverflowError):
                        held.execute(*row)
            held.commit()
            made = held.serialize()
        return made[: _MODES.start] + _WAL + made[_MODES.stop :]


def format_of(data: bytes) -> int:
    """Return the format that a key map says to have."""
    return int.from_bytes(data[_FORMAT])


def _lines(data: bytes) -> list[bytes]:
    with _in_memory(data) as held:
        rows = [row for table in _tables(held) for row in _rows(held, table)]
    return [json.dumps(row).encode() for row in rows]


@contextmanager
def _in_memory(data: bytes) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as held:
        held.deserialize(data[: _MODES.start] + _ROLLBACK + data[_MODES.stop :])
        held.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        held.execute("PRAGMA ignore_check_constraints=ON")
        yield held


def _tables(held: sqlite3.Connection) -> list[str]:
    found = held.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [str(name) for (name,) in found if name != "migrations"]


def _rows(held: sqlite3.Connection, table: str) -> Iterator[dict[str, object]]:
    found = held.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of our own
    names = [column[0] for column in found.description]
    for row in found:
        yield {"table": table, **dict(zip(names, map(_told, row), strict=True))}


def _replacement(line: bytes) -> tuple[str, list[Any]] | None:
    """Return the statement that puts a row in, and its values; nothing for what is no row."""
    try:
        row = json.loads(line)
        table, values = row.pop("table"), [*map(_value, row.values())]
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError):
        return None
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("CAST(? AS TEXT)" if isinstance(one, str) else "?" for one in row.values())
    # Names that are none may be among them: SQLite is to refuse them.
    statement = f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608
    return statement, values


def _told(value: object) -> object:
    return {_BYTES: value.hex()} if isinstance(value, bytes) else value


def _value(told: object) -> Any:
    if isinstance(told, dict):
        return bytes.fromhex(str(told.get(_BYTES)))
    if isinstance(told, str):
        # Text that is no UTF-8, too.
        return told.encode("utf-8", "surrogatepass" if "\ud800" in told else "surrogateescape")
    return told
