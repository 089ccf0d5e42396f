"""What archives cost: to store, to retrieve in each tier, and to delete."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.pricing import Cost, Price
from glaciercli.core.pricing_quote import Quote
from glaciercli.core.text import printable
from glaciercli.operations.cost import CostReport
from glaciercli.render import humanise, money, words
from glaciercli.render.columns import Line, Table


def document(result: CostReport) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "ref": str(result.ref),
        "region": result.region,
        "billed": result.deleting.billed,
        "archives": result.count,
        "size_bytes": result.size_bytes,
        "unmeasured_archives": result.unknown_sizes,
        "missing_archives": result.missing,
        "storing_per_month": money.document(result.storing),
        "storing_as_one_archive_per_month": money.document(result.storing_as_one),
        "retrieving": [quote_document(one) for one in result.quotes],
        "deleting_now": money.fee_document(result.deleting),
        "prices": [money.price_document(one) for one in _prices(result)],
    }


def quote_document(quote: Quote) -> dict[str, Any]:
    """Return what retrieving costs in a tier, the transfer included."""
    return {
        "tier": quote.tier.value.lower(),
        "requests": quote.requests,
        "asked_bytes": quote.asked_bytes,
        "ready_within_seconds": int(quote.delay.total_seconds()),
        **money.document(quote.cost),
    }


def columns(result: CostReport) -> Sequence[str]:
    """Return the columns of the CSV form."""
    del result
    return ("deed", "tier", "what", "quantity", "unit", "usd", "row")


def items(result: CostReport) -> Iterator[dict[str, Any]]:
    """Yield an object for each charge, and one for each price that is missing."""
    for deed, tier, cost in _costs(result):
        for one in money.document(cost)["charges"]:
            yield {"deed": deed, "tier": tier, **one}
        for row in cost.missing:
            yield {"deed": deed, "tier": tier, "what": "missing price", "usd": None, "row": row}


def lines(result: CostReport) -> Iterator[Line]:
    """Yield the costs for people."""
    whole = words.total(result.count, result.size_bytes)
    yield f"{printable(str(result.ref))}: {whole}, in {printable(result.region)}"
    if result.unknown_sizes:
        yield f"{humanise.count(result.unknown_sizes, 'archive')} of unknown size, counted as empty"
    if result.missing:
        yield f"{humanise.count(result.missing, 'archive')} missing at the service, not counted"
    yield f"storing: {money.total(result.storing)} a month"
    if result.count > 1:
        yield f"stored as one archive: {money.total(result.storing_as_one)} a month"
    yield from quote_lines(result.quotes)
    if result.deleting.count:
        yield from money.fee_lines(result.deleting)
    else:
        yield "deleting now: $0.00, nothing is younger than 90 days"
    if not (result.deleting.billed or result.deleting.count):
        yield money.UNBILLED
    yield from money.price_lines(_prices(result))


def quote_lines(quotes: Sequence[Quote]) -> Iterator[Line]:
    """Yield a table of what retrieving costs in each tier."""
    rows = [
        (
            one.tier.value.lower(),
            f"{one.requests:,}",
            humanise.size(one.asked_bytes),
            humanise.span(one.delay),
            money.cell(one.preparing),
            money.cell(one.moving),
            money.cell(one.cost),
        )
        for one in quotes
    ]
    head = ("tier", "requests", "bytes", "ready within", "retrieval", "transfer out", "in all")
    yield Table(head, rows)
    yield from money.missing_lines(one.cost for one in quotes)


def _costs(result: CostReport) -> Iterator[tuple[str, str | None, Cost]]:
    yield "storing_per_month", None, result.storing
    for one in result.quotes:
        yield "retrieving", one.tier.value.lower(), one.cost
    yield "deleting_now", None, result.deleting.cost


def _prices(result: CostReport) -> list[Price]:
    return money.prices_of(cost for _, _, cost in _costs(result))
