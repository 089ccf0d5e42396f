"""What a yes to the removal of a vault makes of its archives, and how that is taken back.

Each gets a tombstone with the time of the yes, by which those of the yes are told from those that
a deletion begun before has set.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from glaciercli.core.description import is_of_no_bytes
from glaciercli.model.archives import Archive, ArchiveState

#: What the journal says of a yes, and of one that was taken back.
CONFIRMED, CANCELLED = "vault removal confirmed", "vault removal cancelled"

#: Nothing else in a row tells that the archive was *missing* than that its tombstone is so much
#: later.  It is the smallest difference that the key map keeps.
_WAS_MISSING = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What an archive becomes that is to be deleted."""

    state: ArchiveState
    deleted_at: datetime


def tombstone(archive: Archive, *, said_yes_at: datetime) -> Tombstone:
    """Return what a yes makes of a live archive."""
    missing = archive.state is ArchiveState.MISSING
    return Tombstone(
        # Where its ID is not known, the inventory that tells it makes it *deleting*.
        state=ArchiveState.DELETED if archive.archive_id is None else ArchiveState.DELETING,
        deleted_at=said_yes_at + _WAS_MISSING if missing else said_yes_at,
    )


def state_before(archive: Archive, *, said_yes_at: Collection[datetime]) -> ArchiveState | None:
    """Return what an archive that is not deleted yet was, or ``None`` if no yes doomed it.

    What an inventory has listed since the yes is not *missing* any more.
    """
    doomed_at = archive.deleted_at
    if doomed_at is None:
        return None
    if doomed_at in said_yes_at:
        return _stored(archive) if archive.archive_id else ArchiveState.UNSETTLED
    if doomed_at - _WAS_MISSING not in said_yes_at:
        return None
    listed_since = archive.listed_at is not None and archive.listed_at > doomed_at
    return _stored(archive) if listed_since else ArchiveState.MISSING


def _stored(archive: Archive) -> ArchiveState:
    if archive.size_bytes == 0 and is_of_no_bytes(archive.description):
        return ArchiveState.EMPTY
    return ArchiveState.UPLOADED if archive.listed_at is None else ArchiveState.CONFIRMED
