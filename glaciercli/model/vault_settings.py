"""What can be set of a vault and of an account, beside archives and jobs."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class LockState(Enum):
    """How far a vault lock is."""

    #: In force, and taken back by itself after a day unless it is completed.
    IN_PROGRESS = "InProgress"
    #: In force for as long as the vault exists.
    LOCKED = "Locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultLock:
    """The lock of a vault."""

    #: The policy document, as JSON.
    policy: str
    state: LockState
    created_at: datetime
    #: When a lock in progress ends by itself; ``None`` once it is locked.
    expires_at: datetime | None


class JobEvent(Enum):
    """What a vault can tell a topic of."""

    ARCHIVE = "ArchiveRetrievalCompleted"
    INVENTORY = "InventoryRetrievalCompleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """Which topic hears of the ends of a vault's jobs."""

    #: The ARN of a topic of Amazon SNS.
    topic: str
    events: tuple[JobEvent, ...]


class RetrievalStrategy(Enum):
    """How an account limits its retrievals."""

    UNLIMITED = "None"
    FREE_TIER = "FreeTier"
    BYTES_PER_HOUR = "BytesPerHour"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalPolicy:
    """The data retrieval policy of an account in a region; only Standard retrievals obey it."""

    strategy: RetrievalStrategy
    bytes_per_hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityUnit:
    """A unit of provisioned capacity: paid for, and good for a month."""

    capacity_id: str
    started_at: datetime
    expires_at: datetime
