"""Names that cannot stand beside one another in a file system.

A vault holds names that no directory can hold together: ``a`` and ``a/b``; and where a file system
takes letters of either case, or accents of either form, for the same, ``README`` and ``Readme``.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

#: A path below a directory, component by component.
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folding:
    """What a file system takes for the same."""

    ignores_case: bool = False
    #: Whether an accented letter is the letter and its accent.
    ignores_form: bool = False

    def fold(self, component: str) -> str:
        """Return what two components have in common if they are the same there."""
        if self.ignores_form:
            component = unicodedata.normalize("NFC", component)
        if self.ignores_case:
            component = component.casefold()
        return unicodedata.normalize("NFC", component) if self.ignores_form else component


#: What takes for the same whatever any file system does.
COARSEST = Folding(ignores_case=True, ignores_form=True)


def crowded_out(paths: Sequence[tuple[int, Path]], folding: Folding) -> dict[int, str]:
    """Return whose path is taken, each with the reason.

    ``paths`` are those of files, by the number of each; the first keeps its path.  A file gives
    way to a directory.  Two of just the same path are no concern of this.
    """
    folded = {number: tuple(map(folding.fold, path)) for number, path in paths}
    directories = set(_on_the_way(folded.values()))
    first: dict[Path, Path] = {}
    crowded: dict[int, str] = {}
    for number, path in paths:
        place = folded[number]
        if place in directories:
            crowded[number] = "a directory has that name"
        elif first.setdefault(place, path) != path:
            crowded[number] = f'it would be one with "{"/".join(first[place])}"'
    return crowded


def _on_the_way(paths: Iterable[Path]) -> Iterable[Path]:
    """Yield the directories that paths lead through."""
    return (path[:count] for path in paths for count in range(1, len(path)))
