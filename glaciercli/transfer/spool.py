"""Standard input, cut into parts that can be sent again.

A part of a pipe cannot be read twice, and holding it in memory would take as much as the part
size; so each part goes through a file without a name on its way.
"""

import os
import tempfile
from hashlib import sha256
from typing import BinaryIO

from glaciercli.core.treehash import TreeHasher
from glaciercli.model.ranges import ByteRange
from glaciercli.transfer.files import FileSlice, os_errors

_WINDOW_BYTES = 1024 * 1024


class Spool:
    """Cuts a stream of unknown length into parts of one size."""

    def __init__(self, stream: BinaryIO, *, part_bytes: int, directory: str | None) -> None:
        self._stream = stream
        self._part_bytes = part_bytes
        self._directory = directory
        self._position = 0

    def next_part(self) -> "SpooledPart | None":
        """Return the next part with its hashes, or ``None`` at the end of the stream."""
        start = self._position
        window = memoryview(bytearray(_WINDOW_BYTES))
        hasher = TreeHasher()
        linear = sha256()
        file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - the part closes it
        try:
            while hasher.size_bytes < self._part_bytes:
                room = min(_WINDOW_BYTES, self._part_bytes - hasher.size_bytes)
                with os_errors("standard input"):
                    count = _read_into(self._stream, window[:room])
                if not count:
                    break
                hasher.update(window[:count])
                linear.update(window[:count])
                with os_errors(self._directory or tempfile.gettempdir()):
                    file.write(window[:count])
            with os_errors(self._directory or tempfile.gettempdir()):
                file.flush()
        except BaseException:
            file.close()
            raise
        if not hasher.size_bytes:
            file.close()
            return None
        self._position += hasher.size_bytes
        return SpooledPart(
            file,
            ByteRange(start, self._position),
            linear_hash=linear.digest(),
            tree_hash=hasher.tree_digest(),
        )


class SpooledPart(FileSlice):
    """A part of a stream, kept in a file of its own until it is closed."""

    __slots__ = ("_file",)

    def __init__(
        self, file: BinaryIO, span: ByteRange, *, linear_hash: bytes, tree_hash: bytes
    ) -> None:
        super().__init__(
            file.fileno(),
            span,
            at=0,
            path="standard input",
            linear_hash=linear_hash,
            tree_hash=tree_hash,
        )
        self._file = file

    def close(self) -> None:
        """Free the space."""
        self._file.close()


def _read_into(stream: BinaryIO, view: memoryview) -> int:
    # A pipe gives what it has; readinto of a raw stream may give less than was asked for.
    return os.readv(stream.fileno(), [view])
