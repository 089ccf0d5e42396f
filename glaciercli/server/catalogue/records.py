"""The values that rows of the catalogue become."""

from dataclasses import dataclass
from enum import Enum

from glaciercli.model.jobs import Tier
from glaciercli.model.ranges import ByteRange


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultRecord:
    """A vault; the counters are those of this moment, not of its last inventory."""

    row: int
    name: str
    created_ms: int
    last_write_ms: int | None
    write_count: int
    live_count: int
    live_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What an inventory saw: everything up to a moment and up to a numbered write."""

    date_ms: int
    #: Writes after this moment are not in it.
    until_ms: int
    #: Nor are writes with a higher number, which came while the inventory was being written.
    until_write: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBlob:
    """A file of content that has reached the disk and is not in the catalogue yet."""

    file: str
    size_bytes: int
    tree_hash: bytes
    #: The digests of its MiB, 32 bytes each, one after the other.
    leaves: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRecord:
    """An archive, or what is left of a deleted one."""

    row: int
    vault_row: int
    archive_id: str
    description: str
    size_bytes: int
    tree_hash: bytes
    created_ms: int
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArchive:
    """An archive about to be entered."""

    archive_id: str
    description: str
    size_bytes: int
    tree_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A file of content in its place in an archive or an upload."""

    start: int
    blob_row: int
    file: str
    size_bytes: int
    tree_hash: bytes

    @property
    def stop(self) -> int:
        """The offset behind the last byte."""
        return self.start + self.size_bytes


class UploadState(Enum):
    """How far a multipart upload is."""

    OPEN = "open"
    COMPLETED = "completed"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRecord:
    """A multipart upload; the last three fields are set once it is completed."""

    row: int
    upload_id: str
    description: str
    part_bytes: int
    created_ms: int
    state: UploadState
    archive_id: str | None
    size_bytes: int | None
    tree_hash: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryQuery:
    """What an inventory job asks for, as the client wrote it."""

    format: str
    start_date: str | None
    end_date: str | None
    limit: str | None
    marker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryOutput:
    """The inventory that was written when the job was initiated."""

    file: str
    size_bytes: int
    next_marker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTimes:
    """The life of a job; everything about its state follows from these and the clock."""

    created_ms: int
    completes_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job about to be entered; ``archive`` or ``inventory`` is set, never both."""

    job_id: str
    times: JobTimes
    description: str | None
    sns_topic: str | None
    archive: "Retrieval | None" = None
    inventory: "InventoryJob | None" = None
    #: Why the job fails once it is due; ``None`` where it succeeds.
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """The archive, or stretch of one, that a job prepares."""

    archive: ArchiveRecord
    span: ByteRange
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryJob:
    """The inventory that a job prepares."""

    query: InventoryQuery
    output: InventoryOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord(NewJob):
    """A job in the catalogue."""

    row: int

    def is_over(self, now_ms: int) -> bool:
        """Tell whether a job has ended, well or not."""
        return self.times.completes_ms <= now_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInVault:
    """A job with the names that its vault's ARN is made of."""

    job: JobRecord
    vault_row: int
    vault_name: str
    region: str
