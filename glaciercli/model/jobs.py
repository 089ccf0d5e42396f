"""Jobs: what was asked of the service, and how far it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Tier(Enum):
    """How fast, and how dear, a retrieval is."""

    EXPEDITED = "Expedited"
    STANDARD = "Standard"
    BULK = "Bulk"


class JobAction(Enum):
    """What a job prepares."""

    RETRIEVAL = "ArchiveRetrieval"
    INVENTORY = "InventoryRetrieval"
    SELECT = "Select"


class JobStatus(Enum):
    """How far a job is."""

    RUNNING = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the service describes it."""

    job_id: str
    action: JobAction
    status: JobStatus
    status_message: str
    description: str
    created_at: datetime
    completed_at: datetime | None
    archive_id: str | None
    tier: Tier | None
    #: The size of the output where it is known.
    size_bytes: int | None
    #: The tree hash of the output, 32 bytes, where it is one archive or an aligned part of one.
    tree_hash: bytes | None
    #: Whether the output is the whole archive, or the whole inventory.
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownJob:
    """A job as the key map remembers it; ``job_id`` is ``None`` until the service has answered."""

    key: int
    job_id: str | None
    action: JobAction
    archive_id: str | None
    tier: Tier | None
    #: The unique mark in the job's description, by which a lost answer is settled.
    tag: str | None
    status: JobStatus
    status_message: str
    created_at: datetime
    completed_at: datetime | None
    size_bytes: int | None
    tree_hash: bytes | None
    whole: bool
    #: When the service no longer knew it.
    gone_at: datetime | None
