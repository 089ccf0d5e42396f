"""What an archive retrieval is refused for: the data retrieval policy, and missing capacity.

Rules: "Data Retrieval Policies" and "Provisioned Capacity" in the Amazon Glacier developer guide.
The caller enters the job in the transaction in which it is counted here, so that two requests at
once cannot both take what is left for one.
"""

from calendar import monthrange
from dataclasses import dataclass

from glaciercli.model.jobs import Tier
from glaciercli.server import times
from glaciercli.server.catalogue import capacity, jobs, retrieval_policies
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.retrieval_policies import RetrievalPolicy
from glaciercli.server.settings import ServiceSettings
from glaciercli.server.wire import ErrorCode, WireError

#: The strategies of a data retrieval policy, by their names on the wire.
BYTES_PER_HOUR, FREE_TIER, NO_LIMIT = "BytesPerHour", "FreeTier", "None"

#: The guide gives no formula for the rate of a job.  A Standard retrieval of the real service
#: takes about this long; a shorter delay of this service is for convenience, and a policy must
#: refuse the same jobs as it would there.  So the delay decides how long a job counts, and this
#: how much.
_STANDARD_HOURS = 4

#: The free allowance of a month since late 2016, of which each day has its share; what it is
#: today is not published.  Amazon bills GB of 2^30 bytes.
_FREE_BYTES_A_MONTH = 10 * 1024**3

#: One unit serves "at least three expedited retrievals every five minutes".
_JOBS_A_UNIT = 3
_UNIT_WINDOW_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRetrieval:
    """What a new job would add."""

    region: str
    tier: Tier
    size_bytes: int
    now_ms: int


def check(tx: Transaction, settings: ServiceSettings, wanted: WantedRetrieval) -> None:
    """Refuse a retrieval that the policy forbids or that there is no capacity for."""
    if wanted.tier is Tier.STANDARD:
        _check_policy(tx, wanted)
    if wanted.tier is Tier.EXPEDITED and not settings.on_demand_expedited:
        _check_capacity(tx, wanted)


def _check_policy(tx: Transaction, wanted: WantedRetrieval) -> None:
    policy = retrieval_policies.find(tx, wanted.region)
    if policy and not _allows(tx, policy, wanted):
        raise WireError(
            ErrorCode.POLICY_ENFORCED,
            "InitiateJob request denied by current data retrieval policy.",
        )


def _allows(tx: Transaction, policy: RetrievalPolicy, wanted: WantedRetrieval) -> bool:
    if policy.strategy == BYTES_PER_HOUR:
        assert policy.bytes_per_hour
        running = jobs.standard_bytes_running(tx, wanted.region, now_ms=wanted.now_ms)
        return running + wanted.size_bytes <= policy.bytes_per_hour * _STANDARD_HOURS
    if policy.strategy == FREE_TIER:
        today_ms = times.start_of_day(wanted.now_ms)
        begun = jobs.standard_bytes_begun(tx, wanted.region, since_ms=today_ms)
        return begun + wanted.size_bytes <= free_bytes_of_day(wanted.now_ms)
    return True


def free_bytes_of_day(moment_ms: int) -> int:
    """Return the free allowance of the UTC day that a moment is in, in bytes."""
    day = times.from_ms(moment_ms)
    return _FREE_BYTES_A_MONTH // monthrange(day.year, day.month)[1]


def _check_capacity(tx: Transaction, wanted: WantedRetrieval) -> None:
    units = len(capacity.active(tx, wanted.region, wanted.now_ms))
    since_ms = wanted.now_ms - _UNIT_WINDOW_MS
    served = jobs.expedited_jobs_begun(tx, wanted.region, after_ms=since_ms)
    if served >= units * _JOBS_A_UNIT:
        raise WireError(
            ErrorCode.INSUFFICIENT_CAPACITY,
            "There is not enough capacity for this expedited retrieval. Try again later, or use"
            " another tier.",
        )
