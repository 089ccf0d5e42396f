"""Whether other runs have the key map open: a file may be replaced only when none has.

Every run that may write holds a shared lock from before its first change.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from glaciercli import errors
from glaciercli.keymap import beside, files


def share(path: str) -> int | None:
    """Tell others that this run has the key map open; closing the descriptor ends it.

    Returns ``None`` where no lock can be taken: the directory may be read-only.  Raises ``Busy``
    while the file is being replaced.
    """
    try:
        descriptor = _open(path)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno != errno.EWOULDBLOCK:
            return None
        raise errors.Busy(
            f'the key map "{path}" is being replaced by another run',
            hint="run the same line again",
        ) from error
    return descriptor


@contextmanager
def alone(path: str, purpose: str) -> Iterator[None]:
    """Keep every other run from opening the key map; raise ``Busy`` where one has.

    The directory of the key map has to be there.
    """
    with files.file_problems(beside.locks(path)):
        descriptor = _open(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise errors.Busy(
                f'another run is using the key map "{path}": {purpose} has to wait',
                hint="run the same line again when the other run is done",
            ) from error
        yield
    finally:
        os.close(descriptor)


def _open(path: str) -> int:
    directory = beside.locks(path)
    with suppress(FileExistsError):
        os.mkdir(directory, mode=0o700)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    return os.open(os.path.join(directory, "key-map.lock"), flags, 0o600)
