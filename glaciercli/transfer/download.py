"""Bytes on their way into a file: written by ranges, proved, and named only when whole."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress

from glaciercli import errors
from glaciercli.core.treehash import TreeHasher
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.transfer.files import Descriptor, hashed_slice, os_errors
from glaciercli.transfer.targets import Target


def usual_mode() -> int:
    """Return the permissions of a new file of which nobody tells any.

    The mask is the whole process's, and can only be read by setting it: this is for one thread,
    before others are at work.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


class PartialFile:
    """A temporary file beside the target; ranges may be written from several threads."""

    def __init__(self, target: Target, name: str, *, size_bytes: int) -> None:
        self._target = target
        self._name = name
        self._path = os.path.join(os.path.dirname(target.path), name)
        self.size_bytes = size_bytes
        self._descriptor = self._open()
        if os.fstat(self._descriptor.number).st_nlink > 1:
            # A run that was killed had given it its final name already: that file is not ours.
            self.discard()
            self._descriptor = self._open()
        self._reserve()

    def write(
        self, span: ByteRange, pieces: Iterable[bytes], advanced: Callable[[int], None]
    ) -> HashedSpan:
        """Write a range, make it last, and return its tree hash.

        ``advanced`` hears how many bytes of the range are there.  Raises ``TransientFailure``
        where more or fewer bytes come than the range holds.
        """
        hasher = TreeHasher()
        done = 0
        for piece in pieces:
            if done + len(piece) > span.size_bytes:
                raise _unasked("more bytes than were asked for")
            self._write_at(span.start + done, piece)
            hasher.update(piece)
            done += len(piece)
            # Before the next one comes: two would double what a connection takes in memory.
            del piece
            advanced(done)
        if done != span.size_bytes:
            raise _unasked("fewer bytes than were asked for")
        with os_errors(self._path):
            os.fdatasync(self._descriptor.number)
        return HashedSpan(span=span, tree_hash=hasher.tree_digest())

    def reread(self, span: ByteRange) -> HashedSpan:
        """Return the tree hash of what the file holds of a range."""
        piece = hashed_slice(self._descriptor, span, at=span.start, path=self._path)
        return HashedSpan(span=span, tree_hash=piece.tree_hash)

    def finish(self, *, mode: int, modified_ns: int | None, overwrite: bool) -> None:
        """Make the content last, restore mode and time, and give the file its final name.

        No bit that would let others act as the owner is restored.
        """
        with os_errors(self._path):
            os.fchmod(self._descriptor.number, mode & 0o777)
            if modified_ns is not None:
                os.utime(self._descriptor.number, ns=(modified_ns, modified_ns))
            os.fsync(self._descriptor.number)
        self._target.put(self._name, overwrite=overwrite)

    def discard(self) -> None:
        """Remove the temporary file."""
        self._target.clear(self._name)

    def _open(self) -> Descriptor:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        with os_errors(self._path):
            number = os.open(self._name, flags, 0o600, dir_fd=self._target.directory)
        return Descriptor(number)

    def _reserve(self) -> None:
        """Take the space at once, so that a full disk is found before the download."""
        with os_errors(self._path):
            have = os.fstat(self._descriptor.number).st_size
            if have == self.size_bytes:
                return
            os.ftruncate(self._descriptor.number, 0)
            try:
                os.posix_fallocate(self._descriptor.number, 0, self.size_bytes)
            except OSError:
                # What was taken so far would keep the disk full.
                with suppress(errors.FileProblem):
                    self.discard()
                raise

    def _write_at(self, offset: int, piece: bytes) -> None:
        view = memoryview(piece)
        with os_errors(self._path):
            while view:
                count = os.pwrite(self._descriptor.number, view, offset)
                view = view[count:]
                offset += count


def _unasked(what: str) -> errors.TransientFailure:
    return errors.TransientFailure(f"the service sent {what}", unasked=True)
