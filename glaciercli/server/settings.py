"""How the embedded service behaves where the real one leaves room: delays, lifetimes, checks."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from glaciercli.model.jobs import Tier

_DAY = timedelta(hours=24)
_NO_WAIT = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The switches of one embedded service; by default there is nothing to wait for."""

    expedited_delay: timedelta = _NO_WAIT
    standard_delay: timedelta = _NO_WAIT
    bulk_delay: timedelta = _NO_WAIT
    inventory_delay: timedelta = _NO_WAIT
    #: How often a vault is inventoried; ``None`` means after every write.
    inventory_interval: timedelta | None = None
    #: Whether signatures count; without this anybody may do anything.
    verify_signatures: bool = True
    #: How far a request's date may be off; ``None`` means as far as it likes.
    clock_skew: timedelta | None = timedelta(minutes=15)
    #: How long a finished job's output stays ("at least 24 hours" in the developer guide).
    job_lifetime: timedelta = _DAY
    #: How long a multipart upload lives without activity.
    upload_lifetime: timedelta = _DAY

    #: Whether Expedited retrievals are served without provisioned capacity.
    on_demand_expedited: bool = True
    #: Whether a job for a deleted archive is accepted, to fail in the end.
    accept_deleted_archives: bool = False
    #: Whether an account without any vault is turned away, as a new customer is since 2025.
    closed_to_new_customers: bool = False
    #: How many requests a second are let in; ``None`` means all.
    request_rate: float | None = None

    @classmethod
    def realistic(cls) -> Self:
        """Return the delays that users of the real service see."""
        return cls(
            expedited_delay=timedelta(minutes=3),
            standard_delay=timedelta(hours=4),
            bulk_delay=timedelta(hours=8),
            inventory_delay=timedelta(hours=4),
            inventory_interval=_DAY,
        )

    def retrieval_delay(self, tier: Tier) -> timedelta:
        """Return how long an archive retrieval of this tier takes."""
        delays = {
            Tier.EXPEDITED: self.expedited_delay,
            Tier.STANDARD: self.standard_delay,
            Tier.BULK: self.bulk_delay,
        }
        return delays[tier]
