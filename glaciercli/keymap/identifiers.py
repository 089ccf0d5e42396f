"""Archive IDs as numbers.

An index over 138-character IDs would be larger than everything else together.  The rank of an ID
is its first seven bytes read as a number; it sorts as the IDs do, whatever they are made of, so
the index on it serves look-ups, prefixes and merging.  Two IDs may share a rank: every look-up
compares the whole ID.
"""

_BYTES = 7


def rank(archive_id: str) -> int:
    """Return the rank of an ID: 56 bits, order preserving."""
    return int.from_bytes(_start(archive_id).ljust(_BYTES, b"\0"), "big")


def prefix_ranks(prefix: str) -> tuple[int, int]:
    """Return the lowest and the highest rank of an ID that starts with a prefix."""
    start = _start(prefix)
    low, high = start.ljust(_BYTES, b"\0"), start.ljust(_BYTES, b"\xff")
    return int.from_bytes(low, "big"), int.from_bytes(high, "big")


def _start(text: str) -> bytes:
    # UTF-8 sorts as its characters do, and so do surrogates that are encoded in the same way.
    return text[:_BYTES].encode("utf-8", "surrogatepass")[:_BYTES]
