"""One SQLite file: opened with care, written in whole transactions, its errors translated.

``synchronous=FULL`` with ``journal_mode=TRUNCATE`` keeps every commit through a power cut; WAL
does so too and is faster, but versions before 3.51.3 can corrupt a database (the WAL-reset
bug, https://sqlite.org/wal.html), so it is used only from there on.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from glaciercli import errors

#: "gcli" in ASCII: tells a key map from any other SQLite file.
APPLICATION_ID = 0x67636C69

#: How long a statement waits for another process's transaction.
BUSY_TIMEOUT_S = 30.0

_SAFE_WAL = (3, 51, 3)

Parameter = int | str | bytes | None
Parameters = Sequence[Parameter]


class Database:
    """A connection used by one thread, in autocommit except inside ``transaction``."""

    def __init__(self, path: str, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        # Names are kept byte for byte, also those that are no valid UTF-8.
        connection.text_factory = _text

    def query(self, sql: str, parameters: Parameters = ()) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a question."""
        with translated(self.path):
            yield from self._connection.execute(sql, parameters)

    def one(self, sql: str, parameters: Parameters = ()) -> tuple[object, ...] | None:
        """Return the first row of a question, if any."""
        return next(self.query(sql, parameters), None)

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Carry out a statement and return the key of the row it put in, if it did."""
        key: int | None = None
        with translated(self.path):
            key = self._connection.execute(sql, parameters).lastrowid
        return key or 0

    def execute_many(self, sql: str, rows: Iterator[Parameters]) -> None:
        """Carry out a statement for each row."""
        with translated(self.path):
            self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside one commit, or nothing at all; inside another it joins it."""
        if self._connection.in_transaction:
            yield
            return
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # Does nothing where a failed COMMIT (a full disk) has rolled back by itself.
            self._connection.rollback()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def connect(path: str) -> Database:
    """Open an existing file for reading and writing."""
    with translated(path):
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    database = Database(path, connection)
    try:
        _make_durable(database)
    except BaseException:
        database.close()
        raise
    return database


def connect_reader(path: str) -> Database:
    """Open an existing file for reading only; nothing is ever written to it."""
    with translated(path):
        uri = f"file:{_quoted(path)}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    return Database(path, connection)


def connect_memory() -> Database:
    """Open an empty database that lives only in memory."""
    return Database(":memory:", sqlite3.connect(":memory:", isolation_level=None))


def encode_text(text: str | None) -> bytes | None:
    """Return text as the bytes that SQLite keeps; read back by ``_text``."""
    if text is None:
        return None
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # A lone surrogate that stands for no byte, from a hostile description.
        return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _make_durable(database: Database) -> None:
    mode = "wal" if sqlite3.sqlite_version_info >= _SAFE_WAL else "truncate"
    taken = database.one(f"PRAGMA journal_mode={mode}")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("PRAGMA foreign_keys=ON")
    synchronous = database.one("PRAGMA synchronous")
    foreign_keys = database.one("PRAGMA foreign_keys")
    # An older file may stay in the other safe mode while another process holds it open.
    if taken not in {("wal",), ("truncate",)} or synchronous != (2,) or foreign_keys != (1,):
        message = f'SQLite does not keep commits safe for the key map "{database.path}"'
        raise errors.KeyMapDamaged(
            message, hint="put the key map on a local file system with --key-map FILE"
        )


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(os.path.abspath(path))


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _translation(path, error) from error


def _translation(path: str, error: sqlite3.DatabaseError) -> errors.GlacierCliError:
    # The low byte is the primary code, https://sqlite.org/rescode.html.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return errors.Busy(
            f'the key map "{path}" is held by another run', hint="run the same line again"
        )
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return errors.KeyMapDamaged(
            f'the key map "{path}" is damaged: {error}',
            hint="nothing was changed; move it aside and run `glaciercli inventory refresh VAULT` "
            "to rebuild it, or restore a copy",
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return errors.KeyMapReadOnly(
            f'the key map "{path}" cannot be written',
            hint="check the permissions of the file and of its directory",
        )
    if code == sqlite3.SQLITE_FULL:
        return errors.DiskFull(
            f'no room to write the key map "{path}"',
            hint="nothing is lost: free some space and run the same line again",
        )
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}:
        return errors.FileProblem(
            f'the key map "{path}" cannot be read or written: {error}',
            hint="check the path, its permissions and the disk",
        )
    raise error
