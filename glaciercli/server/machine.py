"""What the machine below the service may refuse: room on the disk, the disk itself, open files."""

import sqlite3

from glaciercli.errors import FileProblem
from glaciercli.server.wire import ErrorCode, WireError

#: The part of SQLite's error codes that the kinds of one error share.
_PRIMARY = 0xFF

_OF_THE_DISK = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        # Also what SQLite says where the disk cannot read what it wrote.
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
    }
)


def primary_code(error: BaseException) -> int:
    """Return SQLite's code of an error, 0 for any other error (https://sqlite.org/rescode.html)."""
    return int(getattr(error, "sqlite_errorcode", 0)) & _PRIMARY


def refusal(error: BaseException) -> str | None:
    """Return the words of what the machine refused; ``None`` where the fault is another."""
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    if isinstance(error, FileProblem):
        return error.message
    if isinstance(error, sqlite3.Error) and primary_code(error) in _OF_THE_DISK:
        return str(error)
    return None


def failed(error: BaseException) -> WireError:
    """Return the answer to a request that failed, perhaps after the deed."""
    return WireError(ErrorCode.UNAVAILABLE, _unavailable(error))


def not_taken(error: BaseException) -> WireError:
    """Return the answer to a request that surely changed nothing."""
    return WireError(ErrorCode.NOT_TAKEN, _unavailable(error))


def _unavailable(error: BaseException) -> str:
    words = refusal(error)
    return f"Service unavailable: {words}" if words else "Service unavailable."
