"""The SQLite file itself: opened, checked, shared by threads and processes.

A write is one ``BEGIN IMMEDIATE`` transaction and has reached the disk when it returns.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self, TypeAlias

from glaciercli.errors import FileProblem
from glaciercli.server.catalogue import schema

#: A transaction under way, as the functions of this package take it.
Transaction: TypeAlias = sqlite3.Connection

_BUSY_TIMEOUT_S = 60.0
_SYNCHRONOUS_FULL = 2

#: Before 3.51.3 a write-ahead log could corrupt the file when two processes reset it at once.
_FIRST_SAFE_WAL = (3, 51, 3)

#: A full check of a bigger file would make every short command slow.
_CHECKED_AT_OPEN_BYTES = 8 * 1024 * 1024


class Database:
    """A catalogue file, with a few connections that are lent out one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        # Threads of one process queue here rather than poll SQLite's lock.
        self._one_writer = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return an opened catalogue; refuse one that is damaged, foreign or newer."""
        database = cls(path)
        if not path.exists():
            # SQLite would let everybody read it, and gives its journal the mode of the file.
            path.touch(mode=0o600)
        try:
            connection = database._connect()
            try:
                _check(connection, path)
                schema.migrate(connection)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise FileProblem(f'"{path}" cannot be used as a catalogue: {error}') from error
        return database

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Lend a connection that sees one state of the catalogue throughout."""
        with self._lent() as connection:
            yield from _transaction(connection, "BEGIN")

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Lend a connection that alone may write; commit at the end, or undo everything."""
        with self._one_writer, self._lent() as connection:
            yield from _transaction(connection, "BEGIN IMMEDIATE")

    def close(self) -> None:
        """Close every connection that is not in use."""
        with self._guard:
            while self._idle:
                self._idle.pop().close()

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            idle = self._idle.pop() if self._idle else None
        connection = idle or self._connect()
        try:
            yield connection
        except sqlite3.Error:
            connection.close()
            raise
        except BaseException:
            self._take_back(connection)
            raise
        self._take_back(connection)

    def _take_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.close()
            return
        with self._guard:
            self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            _configure(connection, self._path)
        except BaseException:
            connection.close()
            raise
        return connection


def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[Transaction]:
    connection.execute(begin)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # A disk that fails may fail at this too; what is open then ends with the connection.
        with suppress(sqlite3.Error):
            connection.rollback()
        raise


def _configure(connection: sqlite3.Connection, path: Path) -> None:
    wanted = "wal" if sqlite3.sqlite_version_info >= _FIRST_SAFE_WAL else "truncate"
    journal = connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0]
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    foreign_keys = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    if (journal, synchronous, foreign_keys) != (wanted, _SYNCHRONOUS_FULL, 1):
        raise FileProblem(f'SQLite cannot keep "{path}" safely: the settings did not take')


def _check(connection: sqlite3.Connection, path: Path) -> None:
    owner, version = schema.application_id(connection), schema.version(connection)
    if (owner, version) == (0, 0):
        _check_empty(connection, path)
        return
    if owner != schema.APPLICATION_ID:
        raise FileProblem(f'"{path}" is not a catalogue of this program')
    if version > schema.VERSION:
        raise FileProblem(f'"{path}" was written by a newer version of this program')
    if path.stat().st_size <= _CHECKED_AT_OPEN_BYTES:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise FileProblem(f'"{path}" is damaged: {found}')


def _check_empty(connection: sqlite3.Connection, path: Path) -> None:
    # Read after the version, so a table that another process makes right now is seen with it.
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and schema.version(connection) == 0:
        raise FileProblem(f'"{path}" is not a catalogue of this program')
