"""Which name an archive gets from local files that hold the same.

Only archives whose name nobody gave are named: those without one, those whose description cannot
be read, and those of SAGU, whose descriptions have lost the path.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from glaciercli.core.description import decode
from glaciercli.core.foreign_stores.sagu import squeezed
from glaciercli.model.archives import Archive


class Naming(Enum):
    """What is known of an archive's name after a look at local files."""

    NAMED = "named"
    #: Several files hold the same.
    AMBIGUOUS = "ambiguous"
    UNMATCHED = "unmatched"
    #: It has a name, and no file says that it is a bad one.
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What becomes of one archive's name."""

    naming: Naming
    #: The new name, where it is named.
    name: str | None = None
    #: All names that fit.
    candidates: tuple[str, ...] = ()


def is_anonymous(archive: Archive) -> bool:
    """Tell whether nobody gave an archive its name."""
    return archive.name is None or decode(archive.description).format == "undecodable"


def is_squeezed(archive: Archive) -> bool:
    """Tell whether an archive's name may be what SAGU left of a path."""
    text = archive.description
    return bool(text) and text == archive.name == squeezed(text)


def choose(archive: Archive, names: Sequence[str], *, first: bool) -> Choice:
    """Return the name for an archive, of the files with its content in order of path.

    ``first`` takes the first of several.
    """
    anonymous = is_anonymous(archive)
    fitting = tuple(names) if anonymous else tuple(_left_by_sagu(archive, names))
    if not fitting:
        return Choice(naming=Naming.UNMATCHED if anonymous else Naming.KEPT)
    if len(fitting) > 1 and not first:
        return Choice(naming=Naming.AMBIGUOUS, candidates=fitting)
    if fitting[0] == archive.name:
        return Choice(naming=Naming.KEPT)
    return Choice(naming=Naming.NAMED, name=fitting[0], candidates=fitting)


def _left_by_sagu(archive: Archive, names: Sequence[str]) -> list[str]:
    """Return the names of which SAGU, given a path that ends so, would have left that text."""
    if not is_squeezed(archive):
        return []
    # Two files of one base name end alike, so the longest that fits is meant.
    fitting = [
        one for one in names if squeezed(one) and archive.description.endswith(squeezed(one))
    ]
    longest = max((len(squeezed(one)) for one in fitting), default=0)
    return [one for one in fitting if len(squeezed(one)) == longest]
