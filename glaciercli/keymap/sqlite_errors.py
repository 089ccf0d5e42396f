"""What SQLite refuses, in our words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from glaciercli import errors

#: Python raises ``MemoryError`` for SQLITE_NOMEM, which a damaged file has too: a size in it may
#: be larger than any memory; and ``UnicodeDecodeError`` where SQLite's words on a damaged schema
#: repeat bytes of it that are no text.
REFUSED = (sqlite3.DatabaseError, MemoryError, UnicodeDecodeError)

#: The last is for a value that is said to be longer than any may be.
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG})


@contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except REFUSED as error:
        raise translation(path, error) from error


def translation(path: str, error: Exception) -> errors.GlacierCliError:
    """Return our error for one of SQLite's about a key map; raise it itself if there is none."""
    code = primary_code(error)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return errors.Busy(
            f'the key map "{path}" is held by another run', hint="run the same line again"
        )
    if (damaged := _damaged(path, error, code)) is not None:
        return damaged
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


def _damaged(path: str, error: Exception, code: int) -> errors.KeyMapDamaged | None:
    if code == sqlite3.SQLITE_ERROR:
        # A statement makes no sense.  Ours do, for the tables that we made and what we wrote there.
        return errors.KeyMapDamaged(
            f'the key map "{path}" cannot be used: {error}',
            hint="nothing was changed; `glaciercli keymap check` says what is wrong with it, and "
            "where it finds nothing, this is a fault of the program: please report it",
        )
    if code in _DAMAGE:
        return errors.KeyMapDamaged(
            f'the key map "{path}" is damaged: {error}',
            hint="nothing was changed; move it aside and run `glaciercli inventory refresh VAULT` "
            "to rebuild it, or restore a copy",
        )
    if code == sqlite3.SQLITE_NOMEM:
        return errors.KeyMapDamaged(
            f'the key map "{path}" is damaged, or there is not enough memory to read it',
            hint="nothing was changed; run the same line again, and restore a copy if it ends "
            "the same way",
        )
    return None


def primary_code(error: Exception) -> int:
    """Return which kind of error it is."""
    # It is the low byte, https://sqlite.org/rescode.html.
    if isinstance(error, MemoryError):
        return sqlite3.SQLITE_NOMEM
    if isinstance(error, UnicodeDecodeError):
        return sqlite3.SQLITE_CORRUPT
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
