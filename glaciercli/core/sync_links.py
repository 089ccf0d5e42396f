"""Further names of files, and the archives that hold what they stand for.

What is stored for a further name tells only the first one.  So an archive is needed as long as any
name stands for it, and not only while its own file is there.
"""

import stat
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from glaciercli.core.sync_plan import USUAL_MODE, KnownVersion, LocalFile, SyncAction, SyncKind
from glaciercli.core.text import printable
from glaciercli.model.archives import ArchiveState

#: The states of an archive that holds bytes, or whose upload an inventory has to settle.
_HELD = frozenset({ArchiveState.UPLOADED, ArchiveState.CONFIRMED, ArchiveState.UNSETTLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherName:
    """What the vault holds of a further name of a file."""

    name: str
    #: The name of the archive that holds the file.
    first: str


def first_stored(
    names: Sequence[tuple[LocalFile, KnownVersion | None]],
) -> Iterator[LocalFile]:
    """Yield what each name of one file is, given the newest version of each in the vault.

    They come as a walk meets them: the first as the file, the others as further names of it.  A
    name whose version is a file goes before the first, or what is stored would be stored again.
    """
    whole = names[0][0]
    first = next((one.name for one, version in names if _is_file(version)), whole.name)
    for one, _ in names:
        file = replace(whole, name=one.name, path=one.path)
        if one.name != first:
            file = replace(file, size_bytes=0, mode=USUAL_MODE, linked_to=first)
        yield file


def _is_file(version: KnownVersion | None) -> bool:
    if version is None or version.linked_to is not None or version.state not in _HELD:
        return False
    return version.mode is None or stat.S_ISREG(version.mode)


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


def is_further_name(action: SyncAction) -> bool:
    """Tell whether an action is about a further name of a file."""
    return action.local is not None and action.local.linked_to is not None


def relies_on(action: SyncAction, unsure: Container[str]) -> bool:
    """Tell whether an action is about a further name of a file that is not stored for sure.

    The mark of such a name is no successor of anything: alone it brings nothing back.
    """
    if action.local is None or action.kind is SyncKind.RECORD:
        return False
    return action.local.linked_to in unsure


def waiting_with(unstored: Iterable[str], further: Iterable[FurtherName]) -> set[str]:
    """Return the names whose older versions are needed while some are not stored for sure.

    They are those names, all that stand for them, and what any of these stand for.
    """
    links = [(one.name, one.first) for one in further]
    relying = _reached(unstored, [(first, name) for name, first in links])
    return _reached(relying, links)


def _reached(start: Iterable[str], steps: Sequence[tuple[str, str]]) -> set[str]:
    """Return all names that steps lead to from some, these included."""
    found = set(start)
    while more := {to for come, to in steps if come in found and to not in found}:
        found |= more
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
