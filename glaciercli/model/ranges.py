"""A span of bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ByteRange:
    """The bytes from ``start`` up to, but not including, ``stop``."""

    start: int
    stop: int

    def __post_init__(self) -> None:
        """Refuse a span that ends before it starts."""
        if not 0 <= self.start <= self.stop:
            message = f"no such range: {self.start} to {self.stop}"
            raise ValueError(message)

    @property
    def size_bytes(self) -> int:
        """The length in bytes."""
        return self.stop - self.start

    @property
    def last(self) -> int:
        """The offset of the last byte, as HTTP writes a range's end."""
        return self.stop - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedSpan:
    """A stretch of an archive and its tree hash, 32 bytes."""

    span: ByteRange
    tree_hash: bytes
