"""What deleting archives now costs: Amazon charges for the rest of 90 days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from glaciercli.core.pricing import Cost, Youth, deleting, youth
from glaciercli.model.archives import Archive
from glaciercli.operations.billing import Billing


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionFee:
    """The fee for deleting some archives, and for how many of them it is due."""

    count: int
    size_bytes: int
    #: How many of them have a size that nobody told; they count as empty.
    unmeasured: int
    cost: Cost
    #: How many seem to have been uploaded in the future: a clock is wrong.
    from_future: int
    #: Whether somebody writes that bill.
    billed: bool


def deletion_fee(billing: Billing, archives: Iterable[Archive], *, now: datetime) -> DeletionFee:
    """Return what it costs to delete archives now; what the service does not hold is free."""
    held: dict[str, list[tuple[int | None, datetime]]] = {}
    for one in archives:
        if one.archive_id is not None:
            held.setdefault(one.vault.region, []).append((one.known_size_bytes, one.uploaded_at))
    cost, all_young = Cost(), Youth()
    for region, some in held.items():
        young = youth(some, now=now)
        all_young = all_young.with_more(young)
        if young.count:
            cost += deleting(billing.prices, region, young)
    return DeletionFee(
        count=all_young.count,
        size_bytes=all_young.size_bytes,
        unmeasured=all_young.unmeasured,
        cost=cost,
        from_future=all_young.from_future,
        billed=billing.billed,
    )
