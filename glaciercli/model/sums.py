"""Sums over archives, made by the key map in one pass."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSums:
    """How many archives there are, and how much of them is young."""

    count: int = 0
    size_bytes: int = 0
    #: How many of them have a size that nobody told; they add nothing to the bytes.  What stands
    #: for what has no bytes is none of them, while it is live.
    unknown_sizes: int = 0
    #: Those that were uploaded after a moment that the question named.
    young_count: int = 0
    young_bytes: int = 0
    young_unknown: int = 0
    #: Their bytes, with what the service adds to each, times the seconds that each is left of the
    #: span that the question named.
    young_byte_seconds: int = 0
    #: How many of them seem to have been uploaded in the future.
    from_future: int = 0

    def with_more(self, other: "ArchiveSums") -> "ArchiveSums":
        """Return both together."""
        return ArchiveSums(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__slots__}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How long an archive counts as young, and what is added to its size."""

    #: In milliseconds.
    length_ms: int
    added_bytes: int
