"""Request bodies: the stream of a payload, at a pace, and what went wrong in it."""

from glaciercli import errors
from glaciercli.ports import Payload
from glaciercli.service.pacing import Pace

#: What is handed out at a time: small enough to be in the processor's cache when it is sent.
_SENT_BYTES = 256 * 1024


class PacedBody:
    """The stream of a payload, as botocore's connections take it."""

    def __init__(self, payload: Payload, pace: Pace) -> None:
        #: What went wrong here while others read, who may make something else of it.
        self.failure: errors.GlacierCliError | None = None
        self._stream = payload.open()
        self._pace = pace

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes, as soon as they may be sent."""
        most = self._pace.piece_bytes(_SENT_BYTES)
        try:
            piece = self._stream.read(min(size, most) if size >= 0 else size)
        except errors.GlacierCliError as failure:
            self.failure = failure
            raise
        self._pace.take(len(piece))
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move the position."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._stream.tell()

    def __len__(self) -> int:
        """Return the length in bytes."""
        return len(self._stream)

    @property
    def is_spent(self) -> bool:
        """Whether the last byte was handed out."""
        return self._stream.tell() >= len(self._stream)
