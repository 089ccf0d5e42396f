"""The SQLite files of other tools, read and never changed.

A database is code in part: a view or a virtual table may do anything and never end.  So only
ordinary tables are asked, nothing of the schema is trusted, and no value may be long.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from glaciercli import errors
from glaciercli.core.foreign_stores.records import MalformedStore, Place, StoreFormat
from glaciercli.core.listed import RECORD_MOST_CHARACTERS
from glaciercli.keymap.database import Parameters, decode_text, encode_text, quoted

#: What an SQLite file starts with (https://sqlite.org/fileformat.html).
MAGIC = b"SQLite format 3\0"

#: Where the header says that the file is in WAL mode, and how.
_WRITE_VERSION = 18
_WAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """The table of a store, and the columns that are read."""

    table: str
    columns: Sequence[str]
    #: The column with the owner's access key, where there is one.
    owner: str | None = None


_LAYOUTS = {
    StoreFormat.GLACIER_CLI: _Layout(
        table="archive",
        columns=("id", "name", "vault", "created_here", "deleted_here"),
        owner="key",
    ),
    StoreFormat.BAKTHAT: _Layout(table="inventory", columns=("archive_id", "filename")),
    StoreFormat.SYNOLOGY: _Layout(
        table="file_info_tb", columns=("archiveID", "shareName", "basePath")
    ),
}


class ForeignDatabase:
    """The database of another tool."""

    def __init__(self, path: str, connection: sqlite3.Connection, store: StoreFormat) -> None:
        self._path = path
        self._connection = connection
        self._layout = _LAYOUTS[store]
        self.store = store

    def owners(self, vault: str) -> list[str]:
        """Return the access keys under which the archives of a vault are kept, if there are any."""
        owner = self._layout.owner
        if owner is None:
            return []
        sql = f"SELECT DISTINCT {owner} FROM {self._layout.table} WHERE vault = ? ORDER BY 1"
        return [str(row[0]) for row in self._select(sql, (vault,))]

    def rows(self, owners: Sequence[str]) -> Iterator[tuple[Place, Mapping[str, object]]]:
        """Yield the rows, of all owners or of some, as they come."""
        layout = self._layout
        marks = ", ".join("CAST(? AS TEXT)" for _ in owners)
        chosen = f" WHERE {layout.owner} IN ({marks})" if layout.owner and owners else ""
        sql = f"SELECT {', '.join(layout.columns)} FROM {layout.table}{chosen} ORDER BY rowid"
        given = list(map(encode_text, owners)) if chosen else ()
        for number, row in enumerate(self._select(sql, given), start=1):
            place = Place(store=self.store, unit="row", number=number)
            yield place, dict(zip(layout.columns, row, strict=True))

    def _select(self, sql: str, parameters: Parameters) -> Iterator[tuple[object, ...]]:
        with _translated(self._path):
            cursor = self._connection.execute(sql, parameters)
            # Not from the cursor itself: a generator that is dropped would close it, and that
            # is an error once the connection is closed.
            yield from iter(cursor.fetchone, None)


@contextmanager
def open_foreign(path: str, wanted: StoreFormat | None) -> Iterator[ForeignDatabase]:
    """Open the database of another tool, of a certain one or of any.

    Raises ``BadUsage`` for a database of nobody known, ``Busy`` for one that is in use.
    """
    with _translated(path), closing(_connect(path)) as connection:
        store = _recognise(connection, wanted)
        if store is None:
            raise errors.BadUsage(
                f'"{path}" is a database, but not of a tool that can be taken over',
                hint="those of glacier-cli, bakthat and Synology can; "
                "glaciercli keymap merge takes in a key map of ours",
            )
        yield ForeignDatabase(path, connection, store)


def _connect(path: str) -> sqlite3.Connection:
    for suffix in ("-journal", "-wal"):
        beside = path + suffix
        if os.path.exists(beside) and os.path.getsize(beside):
            raise errors.Busy(
                f'"{path}" is in use, or was not closed: there is "{beside}"',
                hint="let its own tool open it once, or close it, and run the same line again",
            )
    with open(path, "rb") as file:
        header = file.read(100)
    # A file in WAL mode cannot be opened without writing beside it, unless nobody changes it.
    immutable = (
        "&immutable=1" if header[_WRITE_VERSION : _WRITE_VERSION + 1] == bytes([_WAL]) else ""
    )
    uri = f"file:{quoted(os.path.abspath(path))}?mode=ro{immutable}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    connection.text_factory = decode_text
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 16 * RECORD_MOST_CHARACTERS)
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _recognise(connection: sqlite3.Connection, wanted: StoreFormat | None) -> StoreFormat | None:
    for store, layout in _LAYOUTS.items():
        if wanted in {None, store} and _has(connection, layout):
            return store
    return None


def _has(connection: sqlite3.Connection, layout: _Layout) -> bool:
    """Tell whether there is such a table, an ordinary one with plain columns."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND rootpage > 0",
        (layout.table,),
    ).fetchone()
    if found is None:
        return False
    # This one leaves out columns that are computed.
    rows = connection.execute(f"PRAGMA table_info({layout.table})").fetchall()
    needed = {*layout.columns, *([layout.owner] if layout.owner else [])}
    return needed <= {row[1] for row in rows}


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """Turn the errors of SQLite and of the file system into ours."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError, MemoryError) as error:
        # The second where SQLite's own words repeat bytes of a damaged schema, the last where a
        # size in the file is larger than any memory.
        message = f'the database "{path}" cannot be read: {str(error) or "it is damaged"}'
        raise MalformedStore(message, hint="nothing was changed; try a copy of it") from error
    except OSError as error:
        raise errors.FileProblem(f'"{path}": {error.strerror}') from error
