"""Archive IDs as numbers.

An index over 138-character IDs would be larger than everything else together.  The rank of an ID
is its first ten characters read as a number; it sorts as the IDs do, so the index on it serves
look-ups, prefixes and merging.  Two IDs may share a rank: every look-up compares the whole ID.
"""

#: The alphabet of the service's IDs, in ASCII order so that ranks sort as text does.
_ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_LENGTH = 10


def rank(archive_id: str) -> int:
    """Return the rank of an ID: 60 bits, order preserving."""
    return _rank(archive_id, filler=0)


def prefix_ranks(prefix: str) -> tuple[int, int]:
    """Return the lowest and the highest rank of an ID that starts with a prefix."""
    return _rank(prefix, filler=0), _rank(prefix, filler=len(_ALPHABET) - 1)


def _rank(text: str, *, filler: int) -> int:
    total = 0
    for index in range(_LENGTH):
        digit = _digit(text[index]) if index < len(text) else filler
        total = total * len(_ALPHABET) + digit
    return total


def _digit(character: str) -> int:
    """Return a character's place; one outside the alphabet takes that of its lower neighbour."""
    known = _VALUE.get(character)
    if known is not None:
        return known
    return max(0, sum(1 for one in _ALPHABET if one <= character) - 1)
