"""Archives: what the key map knows of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from glaciercli.model.vaults import VaultIdentity


class ArchiveState(Enum):
    """How sure it is that an archive is at the service."""

    #: Stored, and not in an inventory yet that proves it.
    UPLOADED = "uploaded"
    #: In the last inventory that could list it.
    CONFIRMED = "confirmed"
    #: Absent from an inventory that should list it: kept and shown, never dropped.
    MISSING = "missing"
    #: The answer to its upload was lost: probably stored.
    UNSETTLED = "unsettled"
    #: An empty file, which the service cannot hold; it has what stands for one.
    EMPTY = "empty"
    #: To be deleted; the service has not answered yet.
    DELETING = "deleting"
    #: Deleted; an inventory may list it for a day more.
    DELETED = "deleted"

    @property
    def is_live(self) -> bool:
        """Whether a listing shows it: all but what is deleted or about to be."""
        return self not in {ArchiveState.DELETING, ArchiveState.DELETED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One version of one name in a vault, as the key map knows it."""

    key: int
    vault: VaultIdentity
    #: ``None`` while unsettled, and where nothing ever settled it.
    archive_id: str | None
    #: ``None`` where nothing ever gave it one.
    name: str | None
    description: str
    #: The unique mark in the description, by which a lost answer is settled.
    tag: str | None
    size_bytes: int
    tree_hash: bytes | None
    modified_ns: int | None
    uploaded_at: datetime
    state: ArchiveState
    #: The date of the newest inventory that listed it.
    listed_at: datetime | None
    deleted_at: datetime | None
    #: The kind of file and its permissions, as ``st_mode`` of POSIX; ``None`` where only the
    #: description may tell.
    mode: int | None = None
    #: Since when a sync has missed its file.
    gone_at: datetime | None = None
    #: Whether it is missing, and its description says that it stood for what has no bytes.
    is_missing_stand_in: bool = False

    @property
    def known_size_bytes(self) -> int | None:
        """The size, ``None`` where only another tool's store told of the archive, and not that.

        The service holds no archive of 0 bytes, so that number is free to say so.
        """
        return None if self.size_bytes == 0 and not self.is_stand_in else self.size_bytes

    @property
    def is_stand_in(self) -> bool:
        """Whether a live archive stands for what has no bytes, though nobody may know its ID yet.

        Whoever else tells of an archive has its ID: without one it was sent from here.
        """
        unsettled = self.archive_id is None and self.size_bytes == 0
        return self.state is ArchiveState.EMPTY or unsettled or self.is_missing_stand_in

    @property
    def label(self) -> str:
        """The name, or what else there is to point at it by."""
        return self.name if self.name is not None else f"id:{self.archive_id}"
