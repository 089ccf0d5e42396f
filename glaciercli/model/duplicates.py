"""Archives that hold the same."""

from dataclasses import dataclass

from glaciercli.model.archives import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """One archive of a group of equal content."""

    #: The number of the group, from 1, the most wasteful one first.
    group: int
    copies: int
    archive: Archive

    @property
    def wasted_bytes(self) -> int:
        """What the whole group takes beyond one copy."""
        return (self.copies - 1) * self.archive.size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateTotals:
    """The sums over all groups."""

    groups: int
    archives: int
    wasted_bytes: int
