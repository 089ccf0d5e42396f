"""Archive IDs as numbers.

An index over 138-character IDs would be larger than everything else together.  The rank of an ID
is its first seven bytes read as a number; it sorts as the IDs do, whatever they are made of, so
the index on it serves look-ups, prefixes and merging.  Two IDs may share a rank: every look-up
compares the whole ID.
"""

_BYTES = 7


def rank(archive_id: str) -> int:
    """Return the rank of an ID: 56 bits, order preserving."""
    return _rank(archive_id, filler=b"\0")


def prefix_ranks(prefix: str) -> tuple[int, int]:
    """Return the lowest and the highest rank of an ID that starts with a prefix."""
    return _rank(prefix, filler=b"\0"), _rank(prefix, filler=b"\xff")


def _rank(text: str, *, filler: bytes) -> int:
    # UTF-8 sorts as its characters do, and so do surrogates that are encoded in the same way.
    start = text[:_BYTES].encode("utf-8", "surrogatepass")[:_BYTES]
    return int.from_bytes(start.ljust(_BYTES, filler), "big")
