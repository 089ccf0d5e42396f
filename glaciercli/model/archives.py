"""Archives: what the key map knows of them."""

from enum import Enum


class ArchiveState(Enum):
    """How sure it is that an archive is at the service."""

    #: Stored from here, and not in an inventory yet.
    UPLOADED = "uploaded"
    #: In the last inventory that could list it.
    CONFIRMED = "confirmed"
    #: Absent from an inventory that should list it: kept and shown, never dropped.
    MISSING = "missing"
    #: The answer to its upload was lost: probably stored.
    UNSETTLED = "unsettled"
    #: An empty file, which the service cannot hold: only recorded.
    EMPTY = "empty"
    #: To be deleted; the service has not answered yet.
    DELETING = "deleting"
    #: Deleted; an inventory may list it for a day more.
    DELETED = "deleted"

    @property
    def is_live(self) -> bool:
        """Whether a listing shows it: all but what is deleted or about to be."""
        return self not in {ArchiveState.DELETING, ArchiveState.DELETED}
