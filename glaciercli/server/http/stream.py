"""A request body that arrives in an event loop, read by a thread as a file."""

import io
from collections.abc import Callable
from typing import Any


class BodyStream(io.RawIOBase):
    """A body to be read once; holds no more than the piece that came last.

    ``receive`` returns the next piece, an empty one at the end, or raises ``OSError``.
    """

    def __init__(self, receive: Callable[[], bytes]) -> None:
        super().__init__()
        self._receive = receive
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return that this can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Take up to as many bytes as the buffer holds; 0 at the end."""
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def read(self, size: int = -1, /) -> bytes:
        """Return what is there, up to so many bytes, waiting for the first; none at the end."""
        if not self._rest:
            piece = self._receive()
            if size < 0 or len(piece) <= size:
                return piece
            self._rest = memoryview(piece)
        head = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(head) :]
        return bytes(head)
