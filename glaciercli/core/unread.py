"""Which places of a tree a check has to look at anew: those that it could not read.

Names are bytes, and are looked at in the order of their bytes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A place of a tree that could not be read."""

    #: The name of a file or a directory; of the whole tree it may be empty.
    place: bytes
    #: The last name that had been looked at before; empty where none had.
    since: bytes = b""

    def holds(self, name: bytes) -> bool:
        """Tell whether a name is that of the place, or of something in it.

        Of a place that could not be looked at nobody knows whether it is a directory.
        """
        below = self.place.rstrip(b"/") + b"/"
        return not self.place or name == self.place or name.startswith(below)

    def misses(self, name: bytes) -> bool:
        """Tell whether a name could not be looked at, because of this place."""
        return name > self.since and self.holds(name)


def is_due(name: bytes, *, reached: bytes, unread: Iterable[Unread]) -> bool:
    """Tell whether a name is still to be looked at.

    ``reached`` is the last name up to which all was looked at, but for what was ``unread``.
    """
    return name > reached or any(one.misses(name) for one in unread)


def changes(
    places: set[bytes], *, noted: set[bytes], reached: bytes, unread: Collection[Unread]
) -> tuple[list[Unread], set[bytes]]:
    """Return which places are to be written down as unread, and which are so no more.

    ``places`` are all that could not be read so far, ``noted`` those that are written down.
    ``reached`` and ``unread`` say what earlier runs have looked at.
    """

    def looked_at(place: bytes) -> bytes:
        return min([reached, *(one.since for one in unread if one.holds(place))])

    met = [Unread(place=one, since=looked_at(one)) for one in sorted(places - noted)]
    # What lies in a place that cannot be read was not met: nobody knows whether it can be.
    hidden = {one for one in noted if any(Unread(place=place).holds(one) for place in places)}
    return met, noted - places - hidden
