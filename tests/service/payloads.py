"""Content on its way up, for tests of the service."""

import hashlib
import io
from collections.abc import Callable

from glaciercli import errors
from glaciercli.core.treehash import tree_hash
from glaciercli.model.ranges import ByteRange

MIB = 1024 * 1024


def content(size: int, seed: int = 0) -> bytes:
    """Return bytes of which no two MiB are the same."""
    pattern = bytes((seed + index * 7) % 251 for index in range(65_537))
    return (pattern * (size // len(pattern) + 1))[:size]


class MemoryPayload:
    """A ``Payload`` in memory that counts how often its bytes are read."""

    def __init__(self, whole: bytes, span: ByteRange | None = None) -> None:
        self.span = span or ByteRange(0, len(whole))
        self.bytes = whole[self.span.start : self.span.stop]
        self.linear_hash = hashlib.sha256(self.bytes).digest()
        self.tree_hash = tree_hash([self.bytes])
        self.read_bytes = 0
        self.largest_read = 0
        self.opened = 0

    def open(self) -> "CountedBody":
        self.opened += 1
        return CountedBody(self)


class CountedBody:
    def __init__(self, payload: MemoryPayload) -> None:
        self._payload = payload
        self._stream = io.BytesIO(payload.bytes)

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        self._payload.read_bytes += len(piece)
        self._payload.largest_read = max(self._payload.largest_read, len(piece))
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def __len__(self) -> int:
        return len(self._payload.bytes)


class FailingPayload(MemoryPayload):
    """A payload that raises when half of it was read."""

    def __init__(self, whole: bytes, failure: Callable[[], errors.GlacierCliError]) -> None:
        super().__init__(whole)
        self.failure = failure

    def open(self) -> "FailingBody":
        self.opened += 1
        return FailingBody(self)


class FailingBody(CountedBody):
    def __init__(self, payload: FailingPayload) -> None:
        super().__init__(payload)
        self._failing = payload

    def read(self, size: int = -1, /) -> bytes:
        half = len(self) // 2
        if self.tell() >= half:
            raise self._failing.failure()
        return super().read(half if size < 0 else min(size, half))
