"""What a retrieval would cost in each tier, and how long it would take."""

from dataclasses import dataclass
from datetime import timedelta

from glaciercli.core.pricing import Cost, PriceList, Retrieval, retrieving, transferring
from glaciercli.core.retrieval_plan import usual_delay
from glaciercli.model.jobs import Tier

#: From cheap and slow to dear and fast.
TIERS = (Tier.BULK, Tier.STANDARD, Tier.EXPEDITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much is to be prepared, and how much to be brought here, from one region."""

    region: str
    #: Jobs to ask for; an archive that takes several counts as often, with its bytes.
    requests: int
    #: The bytes of those.
    asked_bytes: int
    #: The bytes that leave the region, of those and of what is ready already; 0 where this machine
    #: stands in the region.
    moved_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a load costs in a tier."""

    tier: Tier
    requests: int
    asked_bytes: int
    #: How long the service usually takes at the most.
    delay: timedelta
    preparing: Cost
    moving: Cost

    @property
    def cost(self) -> Cost:
        """Both together."""
        return self.preparing + self.moving


def quote(prices: PriceList, loads: tuple[Load, ...], tier: Tier) -> Quote:
    """Return what loads cost in a tier."""
    preparing = moving = Cost()
    for load in loads:
        asked = Retrieval(
            region=load.region, tier=tier, count=load.requests, size_bytes=load.asked_bytes
        )
        preparing += retrieving(prices, asked)
        moving += transferring(prices, load.region, size_bytes=load.moved_bytes)
    return Quote(
        tier=tier,
        requests=sum(load.requests for load in loads),
        asked_bytes=sum(load.asked_bytes for load in loads),
        delay=usual_delay(tier),
        preparing=preparing,
        moving=moving,
    )


def quotes(prices: PriceList, loads: tuple[Load, ...]) -> tuple[Quote, ...]:
    """Return what loads cost in each tier, from cheap and slow to dear and fast."""
    return tuple(quote(prices, loads, tier) for tier in TIERS)
