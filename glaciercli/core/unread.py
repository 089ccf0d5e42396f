"""Which places of a tree a check has to look at anew: those that it could not read.

Names are bytes, and are looked at in the order of their bytes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A place of a tree that could not be read."""

    #: The name of a file, or what the names of all that a directory holds begin with.
    place: bytes
    #: The last of its names that had been looked at before; empty where none had.
    since: bytes = b""

    def holds(self, name: bytes) -> bool:
        """Tell whether a name is that of the place, or of something in it."""
        return name == self.place or (self._is_directory and name.startswith(self.place))

    def misses(self, name: bytes) -> bool:
        """Tell whether a name could not be looked at, because of this place."""
        return name > self.since and self.holds(name)

    @property
    def _is_directory(self) -> bool:
        return not self.place or self.place.endswith(b"/")


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
    met = (_missed(one, reached=reached, unread=unread) for one in sorted(places - noted))
    # What lies in a place that cannot be read was not met: nobody knows whether it can be.
    hidden = {one for one in noted if any(Unread(place=place).holds(one) for place in places)}
    return [one for one in met if one is not None], noted - places - hidden


def _missed(place: bytes, *, reached: bytes, unread: Iterable[Unread]) -> Unread | None:
    """Return what has to be looked at anew of a place; nothing if earlier runs saw all of it."""
    found = Unread(place=place)
    looked_at = min([reached, *(one.since for one in unread if one.holds(place))])
    if looked_at < place:
        return found
    return Unread(place=place, since=looked_at) if found.holds(looked_at) else None
