"""Reading local files: what they are, slices of them, and their hashes.

Files are read with ``pread`` through small windows: a memory map would kill the process when the
file shrinks under it, and a buffer of a whole part would make memory grow with part sizes.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from glaciercli import errors
from glaciercli.core.treehash import LEAF_BYTES, combine
from glaciercli.model.files import FileIdentity
from glaciercli.model.ranges import ByteRange

Advanced = Callable[[int], None]

_SIGNED_64 = (1 << 63) - 1


@contextmanager
def os_errors(path: str) -> Iterator[None]:
    """Turn the file system's errors into ours."""
    try:
        yield
    except OSError as error:
        raise translate(error, path) from error


def translate(error: OSError, path: str) -> errors.FileProblem:
    """Return what the file system's error means for a path."""
    import errno

    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return errors.DiskFull(
            f'no room left for "{path}"',
            hint="nothing is lost: free some space and run the same line again",
        )
    words = (error.strerror or str(error)).lower()
    return errors.FileProblem(f'"{path}": {words}', hint=_HINTS.get(error.errno or 0))


_HINTS = {
    2: "the file does not exist, or was removed meanwhile",
    13: "check the permissions of the file and of the directories above it",
}


class SourceFile:
    """A regular file held open for reading; every slice of it shares the descriptor."""

    def __init__(self, path: str) -> None:
        self.path = path
        with os_errors(path):
            # Non-blocking, so that a pipe in a file's place cannot hang the program.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self.identity = self._look()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def check_unchanged(self) -> None:
        """Raise ``FileChanged`` if the file is not what it was when it was opened."""
        with os_errors(self.path):
            under_name = os.stat(self.path)
        if self._look() != self.identity or under_name.st_ino & _SIGNED_64 != self.identity.inode:
            raise errors.FileChanged(self.path)

    def hashed(self, span: ByteRange) -> "FileSlice":
        """Read a slice once and return it with both of its hashes."""
        return hashed_slice(self._descriptor, span, at=span.start, path=self.path)

    def _look(self) -> FileIdentity:
        with os_errors(self.path):
            seen = os.fstat(self._descriptor)
        if not stat.S_ISREG(seen.st_mode):
            kind = "a directory" if stat.S_ISDIR(seen.st_mode) else "no regular file"
            raise errors.FileProblem(f'"{self.path}" is {kind}')
        return FileIdentity(
            path=self.path,
            size_bytes=seen.st_size,
            modified_ns=seen.st_mtime_ns,
            device=seen.st_dev & _SIGNED_64,
            inode=seen.st_ino & _SIGNED_64,
        )


class FileSlice:
    """A stretch of an open file, with its hashes: a ``Payload``."""

    __slots__ = ("_at", "_descriptor", "_path", "linear_hash", "span", "tree_hash")

    def __init__(
        self,
        descriptor: int,
        span: ByteRange,
        *,
        at: int,
        path: str,
        linear_hash: bytes,
        tree_hash: bytes,
    ) -> None:
        self._descriptor = descriptor
        self._at = at
        self._path = path
        self.span = span
        self.linear_hash = linear_hash
        self.tree_hash = tree_hash

    def open(self) -> "SliceReader":
        """Return a new stream over the slice."""
        return SliceReader(self._descriptor, self._at, self.span.size_bytes, self._path)


class SliceReader:
    """A seekable stream over a stretch of an open file: a ``WindowedBody``."""

    def __init__(self, descriptor: int, start: int, size_bytes: int, path: str) -> None:
        self._descriptor = descriptor
        self._start = start
        self._size = size_bytes
        self._path = path
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes; raise ``FileChanged`` where the file has become shorter."""
        left = self._size - self._position
        wanted = left if size < 0 else min(size, left)
        if not wanted:
            return b""
        with os_errors(self._path):
            piece = os.pread(self._descriptor, wanted, self._start + self._position)
        if not piece:
            raise errors.FileChanged(self._path)
        self._position += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move the position, as files do."""
        base = {0: 0, 1: self._position, 2: self._size}[whence]
        self._position = max(0, min(base + offset, self._size))
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def __len__(self) -> int:
        """Return the length of the slice in bytes."""
        return self._size

    @property
    def is_spent(self) -> bool:
        """Whether the last byte was handed out."""
        return self._position >= self._size


def hashed_slice(descriptor: int, span: ByteRange, *, at: int, path: str) -> FileSlice:
    """Read a stretch of a file once and return it as a payload.

    ``span`` is its place in the archive, ``at`` its place in the file.  One window of a leaf's
    size serves both hashes while it is in the processor's cache.
    """
    linear = sha256()
    leaves: list[bytes] = []
    window = bytearray(min(LEAF_BYTES, span.size_bytes))
    done = 0
    while done < span.size_bytes:
        view = memoryview(window)[: min(LEAF_BYTES, span.size_bytes - done)]
        _read_fully(descriptor, view, at + done, path)
        linear.update(view)
        # The first leaf is what the linear hash has seen so far.
        leaves.append(sha256(view).digest() if done else linear.digest())
        done += len(view)
    return FileSlice(
        descriptor,
        span,
        at=at,
        path=path,
        linear_hash=linear.digest(),
        tree_hash=combine(leaves),
    )


def tree_hash_of(path: str) -> bytes:
    """Return the tree hash of a file of at least one byte, 32 bytes."""
    source = SourceFile(path)
    try:
        if not source.identity.size_bytes:
            message = f'"{path}" is empty, and Glacier knows no empty archives'
            raise errors.FileProblem(message)
        return source.hashed(ByteRange(0, source.identity.size_bytes)).tree_hash
    finally:
        source.close()


def _read_fully(descriptor: int, view: memoryview, offset: int, path: str) -> None:
    filled = 0
    while filled < len(view):
        with os_errors(path):
            count = os.preadv(descriptor, [view[filled:]], offset + filled)
        if not count:
            raise errors.FileChanged(path)
        filled += count
