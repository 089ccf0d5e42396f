"""One SQLite file: opened with care, written in whole transactions, its errors translated.

``synchronous=FULL`` with ``journal_mode=TRUNCATE`` keeps every commit through a power cut; WAL
does so too and is faster, but versions before 3.51.3 can corrupt a database (the WAL-reset
bug, https://sqlite.org/wal.html), so it is used only from there on.
"""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from glaciercli import errors
from glaciercli.keymap.sqlite_errors import (
    REFUSED,
    primary_code,
    translated,
    translation,
)

#: "gcli" in ASCII: tells a key map from any other SQLite file.
APPLICATION_ID = 0x67636C69

#: How long SQLite itself waits for another process, in seconds; an interrupt is heard after it.
_WAIT_S = 1.0

#: How often that wait is begun again.  What was done at the service must be recorded, however
#: long another run takes; a question may be asked again.
_WRITER_WAITS = 900
_READER_WAITS = 10

_SAFE_WAL = (3, 51, 3)

#: What needs no escape in the path of a URI (RFC 3986).
_PLAIN_IN_URI = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-~")

#: How many rows are read at once where there are very many.
_ROWS = 1000

#: How SQLite tells that a function of ours raised something.
_FUNCTION_FAILED = "user-defined function raised exception"

Parameter = int | str | bytes | None
Parameters = Sequence[Parameter]


@dataclass(slots=True)
class _Batch:
    """What is known of a batch under way."""

    #: Whether anything was changed, so that there is something to commit.
    begun: bool = False
    in_step: bool = False


class Database:
    """A connection used by one thread, in autocommit except inside ``transaction``."""

    def __init__(self, path: str, connection: sqlite3.Connection, *, waits: int = 1) -> None:
        self.path = path
        self._connection = connection
        self._waits = waits
        self._batch: _Batch | None = None
        #: What was raised within a function that a statement calls.
        self._raised: BaseException | None = None
        # Names are kept byte for byte, also those that are no valid UTF-8.
        connection.text_factory = decode_text

    def query(self, sql: str, parameters: Parameters = ()) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a question."""
        with self._translated():
            cursor = self._patiently(sql, parameters)
            # Not from the cursor itself: a generator that is dropped would close it, and that
            # is an error once the connection is closed.
            yield from iter(cursor.fetchone, None)

    def query_many(self, sql: str, parameters: Parameters = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a question, many at a time: quicker where there are very many."""
        with self._translated():
            cursor = self._patiently(sql, parameters)
            while rows := cursor.fetchmany(_ROWS):
                yield rows

    def one(self, sql: str, parameters: Parameters = ()) -> tuple[object, ...] | None:
        """Return the first row of a question, if any."""
        # Spelt out, as in ``execute``: a context manager takes longer than most statements.
        try:
            row: tuple[object, ...] | None = self._patiently(sql, parameters).fetchone()
        except REFUSED as error:
            raise self._refused(error) from error
        return row

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Carry out a statement and return the key of the row it put in, if it did."""
        self._begin_batch()
        try:
            return self._patiently(sql, parameters).lastrowid or 0
        except REFUSED as error:
            raise self._refused(error) from error

    def execute_many(self, sql: str, rows: Iterator[Parameters]) -> None:
        """Carry out a statement for each row."""
        self._begin_batch()
        with self._translated():
            self._connection.executemany(sql, rows)

    def change(self, sql: str, parameters: Parameters = ()) -> int:
        """Carry out a statement and return how many rows it put in, changed or took out."""
        self._begin_batch()
        with self._translated():
            return self._patiently(sql, parameters).rowcount

    def define(self, name: str, function: Callable[..., Parameter], *, takes: int = 1) -> None:
        """Let statements call a function of some values, which always answers them alike.

        Text has to be given as bytes, which ``CAST`` makes of it: SQLite's interface cannot hand
        over what is no UTF-8, and what fails before the function begins is taken for a stop.
        """

        def called(*values: Any) -> Parameter:
            try:
                return function(*values)
            except BaseException as error:
                # SQLite says no more than that something was raised.
                self._raised = error
                raise

        with self._translated():
            self._connection.create_function(name, takes, called, deterministic=True)

    @contextmanager
    def attached(self, path: str, name: str, *, scratch: bool = False) -> Iterator[None]:
        """Let statements read the tables of another file too, as ``name.table``.

        One that is ``scratch`` may be written as well; nothing of it outlives this run.
        """
        self.execute(f"ATTACH ? AS {name}", (_uri(path, mode="rw" if scratch else "ro"),))
        try:
            if scratch:
                # No journal on the disk: a commit of the key map is not to hang on two files.
                self.execute(f"PRAGMA {name}.journal_mode=MEMORY")
                self.execute(f"PRAGMA {name}.synchronous=OFF")
            yield
        finally:
            # It is gone with the connection in any case.
            with suppress(errors.GlacierCliError, sqlite3.Error):
                self.execute(f"DETACH {name}")

    def copy_into(
        self, target: "Database", *, pages: int, advanced: Callable[[int, int], None]
    ) -> None:
        """Make another database the same as this one, some pages at a time.

        Other runs may write between two steps; then SQLite begins anew.  ``advanced`` hears how
        many pages are done, and of how many; what it raises ends the copying.
        """

        def step(_status: int, remaining: int, total: int) -> None:
            advanced(total - remaining, total)

        with self._translated():
            # SQLite's own pause after a step that another process was in the way of.
            self._connection.backup(target._connection, pages=pages, progress=step, sleep=0.05)  # noqa: SLF001 - of the same class

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside one commit, or nothing at all; inside another it joins it."""
        self._begin_batch()
        if self._batch is not None and not self._batch.in_step:
            with self._step(self._batch):
                yield
            return
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

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Let the changes made inside reach the disk together, at the end.

        Each change stands by itself: what was changed before an exception is kept.  Nothing may
        be done on the strength of a change before the batch has ended.
        """
        self._batch = batch = _Batch()
        try:
            yield
        finally:
            self._batch = None
            if batch.begun:
                self._end_batch()

    def _begin_batch(self) -> None:
        if self._batch is not None and not self._batch.begun:
            with self._translated():
                self._patiently("BEGIN IMMEDIATE", ())
            self._batch.begun = True

    def _end_batch(self) -> None:
        if not self._connection.in_transaction:
            # SQLite takes a whole transaction back when the disk is full or fails under it.
            raise errors.FileProblem(
                f'the key map "{self.path}" could not be written',
                hint="free some space or check the disk, and run the same line again",
            )
        try:
            self.execute("COMMIT")
        except BaseException:
            self._connection.rollback()
            raise

    @contextmanager
    def _step(self, batch: "_Batch") -> Iterator[None]:
        """Make what happens inside one change of a batch, or nothing at all."""
        batch.in_step = True
        try:
            with self.savepoint("step"):
                yield
        finally:
            batch.in_step = False

    @contextmanager
    def savepoint(self, name: str) -> Iterator[None]:
        """Undo what happens inside where it fails.

        Outside of a transaction it is one, that locks what it writes and no more.
        """
        self.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            # SQLite takes a whole transaction back where the disk is full or fails under it.
            if self._connection.in_transaction:
                self.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            if self._connection.in_transaction:
                self.execute(f"RELEASE {name}")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except REFUSED as error:
            raise self._refused(error) from error

    def _refused(self, error: Exception) -> BaseException:
        """Return what to raise for what SQLite refused."""
        raised, self._raised = self._raised, None
        if _FUNCTION_FAILED not in str(error):
            return translation(self.path, error)
        if raised is None:
            # The run is stopped at the door of a function, where nothing can note it.
            return KeyboardInterrupt()
        if not isinstance(raised, Exception) or isinstance(raised, errors.GlacierCliError):
            return raised
        error.__cause__ = raised
        return translation(self.path, error)

    def _patiently(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        """Carry out a statement, waiting for other processes to finish theirs.

        A statement that finds the file busy has done nothing, a COMMIT too: it can be repeated.
        """
        for _ in range(self._waits - 1):
            try:
                return self._connection.execute(sql, parameters)
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY:
                    raise
        return self._connection.execute(sql, parameters)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def connect(path: str, *, waits: int = _WRITER_WAITS) -> Database:
    """Open an existing file for reading and writing; call ``make_durable`` before a change.

    ``waits`` is for how many seconds another process may be in the way.
    """
    return _connect(path, mode="rw", waits=waits)


def connect_reader(path: str) -> Database:
    """Open an existing file for reading only; nothing is ever written to it."""
    return _connect(path, mode="ro", waits=_READER_WAITS)


def connect_memory() -> Database:
    """Open an empty database that lives only in memory."""
    return Database(":memory:", sqlite3.connect(":memory:", isolation_level=None))


def encode_text(text: str | None) -> bytes | None:
    """Return text as the bytes that SQLite keeps; ``decode_text`` reads it back."""
    if text is None:
        return None
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return b"".join(map(_encode_character, text))


def _encode_character(character: str) -> bytes:
    # A lone surrogate that stands for no byte comes only from a hostile description.  It becomes
    # the three bytes that some programs write for it, and is read back as those bytes.
    stands_for_byte = "\udc80" <= character <= "\udcff"
    return character.encode("utf-8", "surrogateescape" if stands_for_byte else "surrogatepass")


def decode_text(raw: bytes) -> str:
    """Return the text that SQLite keeps as bytes; those that are no UTF-8 become surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def make_durable(database: Database) -> None:
    """Make every commit outlive a power cut; raise ``KeyMapDamaged`` where that fails."""
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


def make_fleeting(database: Database) -> None:
    """Make commits fast that nothing rests on: a crash may leave any part of them."""
    database.execute("PRAGMA journal_mode=MEMORY")
    database.execute("PRAGMA synchronous=OFF")


def _connect(path: str, *, mode: str, waits: int) -> Database:
    """Open a file that exists: SQLite would make an empty one, which is no key map."""
    if stat.S_ISFIFO(os.stat(path).st_mode if os.path.exists(path) else 0):
        # SQLite would wait for a writer without end.
        raise errors.FileProblem(f'"{path}" is a pipe, and no key map')
    with translated(path):
        connection = sqlite3.connect(
            _uri(path, mode=mode), uri=True, timeout=_WAIT_S, isolation_level=None
        )
    return Database(path, connection, waits=waits)


def _uri(path: str, *, mode: str) -> str:
    return f"file:{quoted(os.path.abspath(path))}?mode={mode}"


def quoted(path: str) -> str:
    """Return a path as it stands in a URI; urllib would cost every listing 10 ms to import."""
    return "".join(
        chr(byte) if chr(byte) in _PLAIN_IN_URI else f"%{byte:02X}" for byte in os.fsencode(path)
    )
