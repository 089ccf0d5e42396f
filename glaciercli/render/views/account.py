"""What an account has set and bought: retrieval policy and provisioned capacity."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.model.vault_settings import CapacityUnit, RetrievalPolicy, RetrievalStrategy
from glaciercli.operations.account import CapacityList, Purchase, ShownRetrievalPolicy
from glaciercli.render import humanise, money, values
from glaciercli.render.columns import Line, Table

Result = ShownRetrievalPolicy | CapacityList | Purchase

_STRATEGIES = {
    RetrievalStrategy.UNLIMITED: "none",
    RetrievalStrategy.FREE_TIER: "free_tier",
    RetrievalStrategy.BYTES_PER_HOUR: "bytes_per_hour",
}


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    match result:
        case ShownRetrievalPolicy():
            found = _policy(result.policy)
            if result.before is not None:
                found |= {"before": _policy(result.before), "dry_run": result.dry_run}
            return found
        case CapacityList():
            return {"units": [_unit(one) for one in result.units]}
        case Purchase():
            return {
                "capacity_id": result.capacity_id,
                "units_before": result.units_before,
                "billed": result.billed,
                **money.document(result.cost),
                "prices": [money.price_document(one) for one in money.prices_of([result.cost])],
                "dry_run": result.dry_run,
            }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    if isinstance(result, CapacityList):
        return ("capacity_id", "started_at", "expires_at")
    if isinstance(result, ShownRetrievalPolicy):
        changed = () if result.before is None else ("dry_run",)
        return ("strategy", "hourly_bytes", *changed)
    return tuple(next(items(result)))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each unit, or the one object, without what lies within it."""
    if isinstance(result, CapacityList):
        yield from (_unit(one) for one in result.units)
        return
    nested = {"before", "charges", "prices", "missing_prices"}
    yield {key: value for key, value in document(result).items() if key not in nested}


def lines(result: Result) -> Iterator[Line]:
    """Yield what there is to say."""
    match result:
        case ShownRetrievalPolicy():
            would = "would be " if result.dry_run else ""
            changed = f"retrieval policy {would}set: " if result.before else ""
            yield f"{changed}{sentence(result.policy)}"
        case CapacityList():
            yield from _table(result.units)
        case Purchase():
            yield from _purchase(result)


def sentence(policy: RetrievalPolicy) -> str:
    """Return how retrievals are limited."""
    match policy.strategy:
        case RetrievalStrategy.UNLIMITED:
            return "no limit on retrievals"
        case RetrievalStrategy.FREE_TIER:
            return "standard retrievals beyond the free allowance are refused"
        case RetrievalStrategy.BYTES_PER_HOUR:
            rate = humanise.size(policy.bytes_per_hour or 0)
            return f"standard retrievals of more than {rate} an hour are refused"


def _policy(policy: RetrievalPolicy) -> dict[str, Any]:
    found: dict[str, Any] = {"strategy": _STRATEGIES[policy.strategy]}
    if policy.bytes_per_hour is not None:
        found["hourly_bytes"] = policy.bytes_per_hour
    return found


def _unit(one: CapacityUnit) -> dict[str, Any]:
    return {
        "capacity_id": one.capacity_id,
        "started_at": values.time(one.started_at),
        "expires_at": values.time(one.expires_at),
    }


def _table(units: Sequence[CapacityUnit]) -> Iterator[Line]:
    if not units:
        yield "no unit of provisioned capacity"
        return
    rows = [
        (
            printable(one.capacity_id),
            humanise.moment(one.started_at),
            humanise.moment(one.expires_at),
        )
        for one in units
    ]
    yield Table(("unit", "since", "until"), rows)


def _purchase(result: Purchase) -> Iterator[str]:
    if result.unheard and result.capacity_id is not None:
        unit = printable(result.capacity_id)
        yield f"unit {unit} was bought by a line that was cut off: none was bought now"
    elif result.capacity_id is not None:
        yield f"bought unit {printable(result.capacity_id)}"
    else:
        yield f"a unit of provisioned capacity for a month: {money.total(result.cost)}"
        yield "it cannot be given back, and is not renewed"
    yield from money.price_lines(money.prices_of([result.cost]))
    if not result.billed:
        yield money.UNBILLED
