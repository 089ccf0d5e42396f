"""Who may do what in a data directory: shared use, exclusive tidying, one HTTP server.

The locks are ``flock`` locks, which the kernel frees whatever becomes of the process.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glaciercli.errors import Busy, FileProblem


class DataLock:
    """A shared hold on a data directory, from opening to closing it."""

    def __init__(self, data_dir: Path) -> None:
        self._descriptor = _open(data_dir / "data.lock")

    def try_exclusive(self) -> bool:
        """Tell whether nobody else uses the directory; if so, nobody can until ``share``."""
        return _try_lock(self._descriptor)

    def share(self) -> None:
        """Hold the directory together with others; wait while one of them tidies."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """Let go."""
        os.close(self._descriptor)


@contextmanager
def serving(data_dir: Path) -> Iterator[None]:
    """Hold the right to serve a data directory over HTTP; raise ``Busy`` where another does."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _open(data_dir / "serve.lock")
    except (FileExistsError, NotADirectoryError) as error:
        raise FileProblem(f'cannot use "{data_dir}": it is not a directory') from error
    except OSError as error:
        raise FileProblem(f'cannot use "{data_dir}": {error.strerror}') from error
    try:
        if not _try_lock(descriptor):
            raise Busy(
                f'"{data_dir}" is served already by another process',
                hint="stop that one, or choose another directory with --data",
            )
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
