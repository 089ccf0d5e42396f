"""Files beside the key map that take a name only when they are whole."""

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from glaciercli import errors
from glaciercli.core.temporaries import KEY_MAP_PREFIX

#: What SQLite keeps beside a file that it works on.
COMPANIONS = ("-journal", "-wal", "-shm")

#: What the temporary files are called, with eight characters that ``tempfile`` picks.
_TEMPORARY = re.compile(re.escape(KEY_MAP_PREFIX) + r"[a-z0-9_]{8}")


@contextmanager
def file_problems(path: str) -> Iterator[None]:
    """Turn the file system's errors into ours: ``DiskFull`` and ``FileProblem``."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise errors.DiskFull(
                f'no room left for "{path}"', hint="free some space and run the same line again"
            ) from error
        words = (error.strerror or str(error)).lower()
        raise errors.FileProblem(
            f'"{path}": {words}', hint="check the path, its permissions and the disk"
        ) from error


@contextmanager
def fresh(path: str) -> Iterator[str]:
    """Yield an empty file for this user alone, beside ``path``; it is gone at the end.

    What is to stay is put in its place before that.
    """
    with file_problems(path):
        directory = os.path.dirname(os.path.abspath(path))
        os.makedirs(directory, mode=0o700, exist_ok=True)
        _sweep(directory)
        descriptor, made = _make(directory)
    try:
        yield made
    finally:
        # What stays is swept by the next run; the failure that led here must be heard, if any.
        with suppress(OSError):
            remove(made)
        # Not before: it would take the locks away that SQLite has on the file.
        os.close(descriptor)


def _make(directory: str) -> tuple[int, str]:
    """Make a temporary file that is locked for as long as its maker lives."""
    import tempfile

    while True:
        descriptor, made = tempfile.mkstemp(dir=directory, prefix=KEY_MAP_PREFIX)
        # A file system without locks keeps others from sweeping, too.
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, made
        # Somebody swept it away before it was locked.
        os.close(descriptor)


def _sweep(directory: str) -> None:
    """Remove the temporary files whose makers were killed."""
    for name in os.listdir(directory):
        if _TEMPORARY.fullmatch(name):
            with suppress(OSError):
                _remove_if_left(os.path.join(directory, name))


def _remove_if_left(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove(path)
    finally:
        os.close(descriptor)


def put_in_place(made: str, path: str, *, overwrite: bool) -> None:
    """Give a finished file its name, durably; raise ``FileProblem`` where it is taken."""
    with file_problems(path):
        sync_file(made)
        if overwrite:
            os.replace(made, path)
        else:
            # A link, unlike a rename, never replaces what somebody made meanwhile.
            try:
                os.link(made, path)
            except FileExistsError:
                raise _taken(path) from None
        sync_directory(os.path.dirname(os.path.abspath(path)))


def refuse_taken(path: str, *, overwrite: bool) -> None:
    """Raise ``FileProblem`` where a file is there that must not be replaced."""
    if not overwrite and os.path.lexists(path):
        raise _taken(path)


def _taken(path: str) -> errors.FileProblem:
    return errors.FileProblem(f'"{path}" exists already', hint="--overwrite replaces it")


def remove(path: str) -> None:
    """Remove a file and what SQLite kept beside it."""
    for one in (path, *(f"{path}{suffix}" for suffix in COMPANIONS)):
        with suppress(FileNotFoundError):
            os.unlink(one)


def sync_file(path: str) -> None:
    """Bring the content of a file to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(directory: str) -> None:
    """Bring the names in a directory to the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
