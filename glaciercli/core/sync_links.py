"""Further names of files, and the archives that hold what they stand for.

What is stored for a further name tells only the first one.  So an archive is needed as long as any
name stands for it, and not only while its own file is there.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from glaciercli.core.sync_plan import SyncAction, SyncKind
from glaciercli.core.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherName:
    """What the vault holds of a further name of a file."""

    name: str
    #: The name of the archive that holds the file.
    first: str


def left_alone(
    further: Iterable[FurtherName], *, below: str, unseen: Container[str]
) -> dict[str, list[str]]:
    """Return which names depend on an archive without being looked at now, by its name.

    ``below`` is what the names of the directory begin with, ``unseen`` are those of its further
    names that are gone, or that are left out.
    """
    found: dict[str, list[str]] = {}
    for one in further:
        if one.name in unseen or not one.name.startswith(below):
            found.setdefault(one.first, []).append(one.name)
    return found


def spare(
    actions: Sequence[SyncAction], dependent: Mapping[str, Sequence[str]]
) -> list[SyncAction]:
    """Return the actions; what another name depends on is kept, unless that goes as well."""
    doomed = {one.name for one in actions if one.kind is SyncKind.DELETE and one.local is None}
    return [
        _spared(one, [name for name in dependent.get(one.name, ()) if name not in doomed])
        for one in actions
    ]


def _spared(action: SyncAction, names: Sequence[str]) -> SyncAction:
    if not names or action.kind is not SyncKind.DELETE:
        return action
    reason = f'"{printable(names[0])}" is another name of it'
    return replace(action, kind=SyncKind.KEEP, reason=reason)
