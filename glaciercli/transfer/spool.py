"""Standard input, cut into parts that can be sent again.

A part of a pipe cannot be read twice, and holding it in memory would take as much as the part
size; so each part goes through a file without a name on its way.
"""

import os
import select
import tempfile
from hashlib import sha256
from typing import BinaryIO

from glaciercli.core.treehash import TreeHasher
from glaciercli.model.ranges import ByteRange
from glaciercli.transfer.files import Descriptor, FileSlice, hashed_slice, os_errors

_WINDOW_BYTES = 1024 * 1024


def spooled(content: bytes, directory: str | None) -> FileSlice:
    """Return a payload of a few bytes, kept in a file without a name."""
    place = directory or tempfile.gettempdir()
    descriptor = _unnamed_file(place)
    with os_errors(place):
        os.write(descriptor.number, content)
    return hashed_slice(descriptor, ByteRange(0, len(content)), at=0, path=place)


class Spool:
    """Cuts a stream of unknown length into parts of one size."""

    def __init__(self, stream: BinaryIO, *, part_bytes: int, directory: str | None) -> None:
        self._stream = stream
        self._part_bytes = part_bytes
        self._directory = directory or tempfile.gettempdir()
        self._position = 0

    def next_part(self) -> FileSlice | None:
        """Return the next part with its hashes, or ``None`` at the end of the stream."""
        descriptor = _unnamed_file(self._directory)
        hasher, linear = TreeHasher(), sha256()
        window = memoryview(bytearray(_WINDOW_BYTES))
        while hasher.size_bytes < self._part_bytes:
            room = min(_WINDOW_BYTES, self._part_bytes - hasher.size_bytes)
            count = self._read(window[:room])
            if not count:
                break
            hasher.update(window[:count])
            linear.update(window[:count])
            self._write(descriptor.number, window[:count])
        return self._part(descriptor, hasher, linear.digest())

    def _read(self, room: memoryview) -> int:
        """Fill some room as far as the stream has something, and wait where it has nothing."""
        with os_errors("standard input"):
            while True:
                try:
                    # A pipe gives what it has, which may be less than was asked for.
                    return os.readv(self._stream.fileno(), [room])
                except BlockingIOError:
                    # Whoever has the other end may have made reads return at once.
                    select.select([self._stream], [], [])

    def _part(
        self, descriptor: Descriptor, hasher: TreeHasher, linear_hash: bytes
    ) -> FileSlice | None:
        if not hasher.size_bytes:
            return None
        start = self._position
        self._position += hasher.size_bytes
        return FileSlice(
            descriptor,
            ByteRange(start, self._position),
            at=0,
            path="standard input",
            linear_hash=linear_hash,
            tree_hash=hasher.tree_digest(),
        )

    def _write(self, number: int, view: memoryview) -> None:
        with os_errors(self._directory):
            while view:
                view = view[os.write(number, view) :]


def _unnamed_file(directory: str) -> Descriptor:
    with os_errors(directory):
        number, path = tempfile.mkstemp(dir=directory)
        os.unlink(path)
    return Descriptor(number)
