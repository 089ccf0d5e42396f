"""Whether what a sync has planned to delete is still to be deleted when it comes to that.

A plan may be hours old by then: everything else is done first.
"""

from dataclasses import dataclass

from glaciercli.core.sync_plan import SURE, SyncAction
from glaciercli.model.archives import Archive, ArchiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is the case now."""

    archive: Archive
    #: The newest live version of the name that was planned for.
    newest: Archive | None
    #: Whether something stands under that name in the directory; ``None`` where another directory
    #: has taken its place, an unmounted one for instance.
    is_back: bool | None


def why_spared(action: SyncAction, now: Sight) -> str | None:
    """Return why an archive is not deleted although that was planned, if it is not."""
    if now.archive.label != action.name:
        return "renamed meanwhile"
    if now.archive.state is ArchiveState.DELETING:
        return None
    if action.local is not None:
        return None if _has_successor(action, now) else "no newer version is there any more"
    if now.is_back is None:
        return "the directory was unmounted or replaced meanwhile"
    return "the file is there again" if now.is_back else None


def _has_successor(action: SyncAction, now: Sight) -> bool:
    newest = now.newest
    return newest is not None and newest.key not in action.archive_keys and newest.state in SURE
