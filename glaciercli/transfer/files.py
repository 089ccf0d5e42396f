"""Reading local files: what they are, slices of them, and their hashes.

Files are read with ``pread`` through small windows: a memory map would kill the process when the
file shrinks under it, and a buffer of a whole part would make memory grow with part sizes.
"""

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from glaciercli import errors
from glaciercli.core.treehash import LEAF_BYTES, combine
from glaciercli.model.files import FileIdentity
from glaciercli.model.ranges import ByteRange
from glaciercli.transfer.own import NOTHING, OwnFiles

_SIGNED_64 = (1 << 63) - 1
_LOWEST_NS = -_SIGNED_64 - 1


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
    hint = _HINTS.get(error.errno or 0, "see to the file and run the same line again")
    return errors.FileProblem(f'"{path}": {words}', hint=hint)


#: By the number of the error: importing the names costs every start.
_HINTS = {
    2: "the file does not exist, or was removed meanwhile",
    13: "check the permissions of the file and of the directories above it",
    20: "a file stands where a directory is meant",
    21: "a regular file is meant",
}


class Descriptor:
    """An open file, closed when the last that reads from it lets go.

    A request that was given up may still read in its thread; closing the file under it would
    let it read from whatever is opened next under the same number.
    """

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        """Close the file."""
        os.close(self.number)


class SourceFile:
    """A regular file held open for reading; every slice of it shares the descriptor."""

    def __init__(self, path: str, *, own: OwnFiles = NOTHING) -> None:
        self.path = path
        own.refuse(path)
        with os_errors(path):
            # Non-blocking, so that a pipe in a file's place cannot hang the program.
            self._descriptor = Descriptor(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        self.identity, self._touched_ns = self._look()

    def check_unchanged(self, read_as: bytes | None = None) -> None:
        """Raise ``FileChanged`` if the file is not what it was when it was opened.

        Who changes a file may set its time back, but never the time at which it was touched.  A
        new mode or a further name touches it as well; only then it is read once more, and is
        unchanged if its tree hash is ``read_as`` again.  Without one, what was touched changed.
        """
        try:
            under_name = os.stat(self.path)
        except FileNotFoundError as error:
            raise errors.FileChanged(self.path) from error
        except OSError as error:
            raise translate(error, self.path) from error
        now, touched_ns = self._look()
        if now != self.identity or under_name.st_ino & _SIGNED_64 != self.identity.inode:
            raise errors.FileChanged(self.path)
        if touched_ns == self._touched_ns:
            return
        if read_as is None or self.tree_hash(self._everything) != read_as:
            raise errors.FileChanged(self.path)

    def read_whole(self) -> "FileSlice":
        """Read all of it and return it with both of its hashes; raise ``FileChanged``."""
        payload = self.hashed(self._everything)
        self.check_unchanged(payload.tree_hash)
        return payload

    def whole_tree_hash(self) -> bytes:
        """Read all of it and return its tree hash, 32 bytes; raise ``FileChanged``."""
        tree = self.tree_hash(self._everything)
        self.check_unchanged(tree)
        return tree

    def hashed(self, span: ByteRange) -> "FileSlice":
        """Read a slice once and return it with both of its hashes."""
        return hashed_slice(self._descriptor, span, at=span.start, path=self.path)

    def tree_hash(self, span: ByteRange) -> bytes:
        """Read a slice once and return its tree hash alone, 32 bytes: half of the work."""
        leaves: list[bytes] = []
        window = bytearray(min(LEAF_BYTES, span.size_bytes))
        for start in range(span.start, span.stop, LEAF_BYTES):
            view = memoryview(window)[: min(LEAF_BYTES, span.stop - start)]
            _read_fully(self._descriptor.number, view, start, self.path)
            leaves.append(sha256(view).digest())
        return combine(leaves)

    @property
    def _everything(self) -> ByteRange:
        return ByteRange(0, self.identity.size_bytes)

    def _look(self) -> tuple[FileIdentity, int]:
        """Return what the file is, and when anything of it was touched last."""
        with os_errors(self.path):
            seen = os.fstat(self._descriptor.number)
        if not stat.S_ISREG(seen.st_mode):
            kind = "a directory" if stat.S_ISDIR(seen.st_mode) else "no regular file"
            raise errors.FileProblem(f'"{self.path}" is {kind}', hint="a regular file is meant")
        identity = FileIdentity(
            path=self.path,
            size_bytes=seen.st_size,
            modified_ns=modified_ns(seen),
            device=seen.st_dev & _SIGNED_64,
            inode=seen.st_ino & _SIGNED_64,
            mode=seen.st_mode,
        )
        return identity, seen.st_ctime_ns


def modified_ns(seen: os.stat_result) -> int:
    """Return when a file was modified, as near as a database can hold: from 1677 up to 2262."""
    return max(_LOWEST_NS, min(seen.st_mtime_ns, _SIGNED_64))


class FileSlice:
    """A stretch of an open file, with its hashes: a ``Payload``."""

    def __init__(
        self,
        descriptor: Descriptor,
        span: ByteRange,
        *,
        at: int,
        path: str,
        linear_hash: bytes,
        tree_hash: bytes,
    ) -> None:
        self.span = span
        self.linear_hash = linear_hash
        self.tree_hash = tree_hash
        self._descriptor = descriptor
        self._at = at
        self._path = path
        self._lock = threading.Lock()
        self._spent = False
        self._revoked = False
        self._heard: Callable[[int], None] = _deaf

    def reporting(self, heard: Callable[[int], None]) -> "FileSlice":
        """Return the slice itself, which tells from now on how many bytes were handed out."""
        self._heard = heard
        return self

    def open(self) -> "SliceReader":
        """Return a new stream over the slice."""
        return SliceReader(self)

    def revoke(self) -> bool:
        """Hand out nothing more; tell whether the last byte never was.

        A single request whose last byte was never handed out cannot have become an archive.
        """
        with self._lock:
            self._revoked = True
            return not self._spent

    def piece(self, position: int, wanted: int) -> bytes:
        """Return bytes from a position within the slice.

        Raises ``FileChanged`` where the file has become shorter, ``Interrupted`` once revoked.
        """
        with os_errors(self._path):
            piece = os.pread(self._descriptor.number, wanted, self._at + position)
        if not piece:
            raise errors.FileChanged(self._path)
        reached = position + len(piece)
        with self._lock:
            if self._revoked:
                raise errors.Interrupted("the upload was stopped")
            self._spent = self._spent or reached >= self.span.size_bytes
        self._heard(reached)
        return piece


class SliceReader:
    """A seekable stream over a slice: a ``WindowedBody``."""

    def __init__(self, source: FileSlice) -> None:
        self._source = source
        self._size = source.span.size_bytes
        self._position = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes."""
        left = self._size - self._position
        wanted = left if size < 0 else min(size, left)
        if not wanted:
            return b""
        piece = self._source.piece(self._position, wanted)
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


def hashed_slice(descriptor: Descriptor, span: ByteRange, *, at: int, path: str) -> FileSlice:
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
        _read_fully(descriptor.number, view, at + done, path)
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


def tree_hash_of(path: str, *, own: OwnFiles = NOTHING) -> bytes:
    """Return the tree hash of a file of at least one byte, 32 bytes."""
    source = SourceFile(path, own=own)
    if not source.identity.size_bytes:
        message = f'"{path}" is empty, and Glacier knows no empty archives'
        raise errors.FileProblem(message, hint="its tree hash is that of no archive")
    return source.whole_tree_hash()


def _deaf(_: int) -> None:
    """Hear nothing."""


def _read_fully(descriptor: int, view: memoryview, offset: int, path: str) -> None:
    filled = 0
    while filled < len(view):
        with os_errors(path):
            count = os.preadv(descriptor, [view[filled:]], offset + filled)
        if not count:
            raise errors.FileChanged(path)
        filled += count


def free_bytes(path: str) -> int:
    """Return how much there is room for on the disk of a path, for this user."""
    with os_errors(path):
        found = os.statvfs(path)
    return found.f_bavail * found.f_frsize
