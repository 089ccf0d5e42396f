"""What an account has set and bought in a region: its retrieval policy, its capacity."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from glaciercli import errors
from glaciercli.core import purchases
from glaciercli.core.pricing import Cost
from glaciercli.model.vault_settings import CapacityUnit, RetrievalPolicy
from glaciercli.operations.context import Context

#: How many units an account may have: "Provisioned Capacity" in the developer guide.
_MOST_UNITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRetrievalPolicy:
    """How the account limits its retrievals; ``before`` where that was changed just now."""

    policy: RetrievalPolicy
    before: RetrievalPolicy | None = None
    dry_run: bool = False
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityList:
    """The units of provisioned capacity that have not expired."""

    units: Sequence[CapacityUnit]
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A unit of provisioned capacity that was bought, or would be."""

    cost: Cost
    #: How many there are beside it.
    units_before: int
    #: Whether somebody writes that bill.
    billed: bool
    capacity_id: str | None = None
    #: Whether an earlier run bought it, and was cut off before it heard so.
    unheard: bool = False
    dry_run: bool = False
    exit_code: int = 0


def show_policy(context: Context) -> ShownRetrievalPolicy:
    """Return how the account limits its retrievals."""
    return ShownRetrievalPolicy(policy=context.service.settings.retrieval_policy())


def set_policy(context: Context, wanted: RetrievalPolicy, *, dry_run: bool) -> ShownRetrievalPolicy:
    """Limit the account's retrievals."""
    before = context.service.settings.retrieval_policy()
    if not dry_run:
        context.service.settings.set_retrieval_policy(wanted)
        context.key_map.journal.write("retrieval policy set", at=context.clock.now())
    return ShownRetrievalPolicy(policy=wanted, before=before, dry_run=dry_run)


def list_capacity(context: Context) -> CapacityList:
    """Return the units of provisioned capacity."""
    return CapacityList(units=context.service.settings.capacity())


def plan_purchase(context: Context, region: str, *, dry_run: bool) -> Purchase:
    """Return what one more unit costs; raise ``RefusedByService`` where there may be no more.

    A unit that an earlier run bought without hearing so is the one that is meant.
    """
    units = context.service.settings.capacity()
    found, there = purchases.unheard(_history(context), units), len(units)
    if found is None and there >= _MOST_UNITS:
        raise errors.RefusedByService(
            f"there are {there} units of provisioned capacity already, and no account has more",
            hint="glaciercli account capacity list tells when they expire",
        )
    cost = context.billing.prices.cost(
        region, "vault/capacity-unit", Fraction(1), what="a unit of capacity for a month"
    )
    return Purchase(
        cost=cost,
        units_before=there if found is None else there - 1,
        billed=context.billing.billed,
        capacity_id=None if found is None else found.capacity_id,
        unheard=found is not None,
        dry_run=dry_run,
    )


def buy(context: Context, planned: Purchase) -> Purchase:
    """Buy a unit of provisioned capacity, unless that was done and not heard.

    Raises ``OutcomeUnknown`` where the answer was lost: the same line tells what became of it.
    """
    if planned.capacity_id is not None:
        _note(context, purchases.BOUGHT, planned.capacity_id)
        return planned
    _note(context, purchases.ASKED_FOR)
    try:
        capacity_id = context.service.settings.buy_capacity()
    except errors.OutcomeUnknown as error:
        raise errors.OutcomeUnknown(
            error.message,
            hint="the same line buys none where there is one more now: "
            "glaciercli account capacity list",
        ) from error
    except errors.GlacierCliError:
        _note(context, purchases.REFUSED)
        raise
    _note(context, purchases.BOUGHT, capacity_id)
    return replace(planned, capacity_id=capacity_id)


def _history(context: Context) -> Sequence[tuple[str, datetime, str]]:
    events = (purchases.ASKED_FOR, purchases.BOUGHT, purchases.REFUSED)
    return context.key_map.journal.of_account(events, _place(context))


def _note(context: Context, event: str, detail: str = "") -> None:
    now, place = context.clock.now(), _place(context)
    context.key_map.journal.write(event, at=now, name=place, detail=detail)


def _place(context: Context) -> str:
    """Return what tells an account in a region from others."""
    store = context.store
    return f"{store.endpoint} {store.account or '-'} {store.region or '-'}"
