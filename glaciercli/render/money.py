"""Amounts of money: exact in documents, rounded up to a cent for people."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from glaciercli.core import amounts
from glaciercli.core.pricing import Charge, Cost, Price
from glaciercli.core.text import printable
from glaciercli.operations.deletion_fee import DeletionFee
from glaciercli.render import humanise

#: Amounts as people read them.
dollars, total, cell = amounts.dollars, amounts.total, amounts.cell


def price(usd: Decimal) -> str:
    """Return the price of a unit, with all its digits."""
    return f"${usd:f}"


def exact(usd: Decimal | None) -> str | None:
    """Return an amount as documents have it: a text, with six decimals."""
    return None if usd is None else f"{usd:.6f}"


def quantity(units: Fraction) -> str:
    """Return a number of units to twelve decimals, rounded up."""
    digits = -(-units.numerator * 10**12 // units.denominator)
    # Read from a text, which is exact: arithmetic rounds to 28 digits, and may round down.
    return f"{Decimal(f'{digits}e-12'):f}".rstrip("0").rstrip(".")


def document(cost: Cost) -> dict[str, Any]:
    """Return a cost with its charges, each with the row that it came from."""
    return {
        "usd": exact(cost.usd),
        "charges": [_charge(one) for one in cost.charges],
        "missing_prices": list(cost.missing),
    }


def prices_of(costs: Iterable[Cost]) -> list[Price]:
    """Return the prices that some costs came from, each once, in order of row."""
    found = {one.price.row: one.price for cost in costs for one in cost.charges}
    return [found[row] for row in sorted(found)]


def missing_lines(costs: Iterable[Cost]) -> Iterator[str]:
    """Yield a line that names the prices which nobody knows, and what to do, if there are any."""
    rows = dict.fromkeys(row for cost in costs for row in cost.missing)
    if rows:
        yield (
            f"no price is known of {printable(', '.join(rows))}: "
            "set it in the configuration, as docs/cost.md shows"
        )


def price_document(one: Price) -> dict[str, Any]:
    """Return one row of the price list."""
    return {
        "row": one.row,
        "usd": f"{one.usd:f}",
        "unit": one.unit,
        "as_of": one.as_of,
        "source": one.source,
        "note": one.note,
    }


def price_lines(prices: Iterable[Price]) -> Iterator[str]:
    """Yield a line for each price, with its date and where it was read."""
    for one in prices:
        note = f"; {one.note}" if one.note else ""
        said = f"{price(one.usd)} per {one.unit}, {one.as_of or 'undated'}, {one.source}{note}"
        yield f"price: {printable(one.row)}: {printable(said)}"


def price_summary(prices: Iterable[Price]) -> Iterator[str]:
    """Yield where and when prices were read, in few words; what is odd about one is said too."""
    by_list: dict[tuple[str, str | None, str], list[str]] = {}
    for one in prices:
        region, _, item = one.row.partition("/")
        key = f"{region}, {one.source.partition(',')[0]}", one.as_of, one.note or ""
        by_list.setdefault(key, []).append(item)
    for (name, as_of, note), found in by_list.items():
        about = f" of {', '.join(found)}: {note}" if note else ""
        yield f"prices: {printable(name)}, {printable((as_of or 'undated') + about)}"


def fee_document(fee: DeletionFee) -> dict[str, Any]:
    """Return the fee for deleting archives early."""
    return {
        "young_archives": fee.count,
        "young_bytes": fee.size_bytes,
        "billed": fee.billed,
        **document(fee.cost),
    }


def fee_lines(fee: DeletionFee) -> Iterator[str]:
    """Yield what people should know of the fee for deleting archives early."""
    if fee.count:
        them = humanise.count(fee.count, "archive")
        verb = "is" if fee.count == 1 else "are"
        rest = f"{them} {verb} younger than 90 days: {total(fee.cost)} for the rest of them"
        unknown = f", {fee.unmeasured:,} of unknown size counted as empty"
        yield f"{rest}{unknown if fee.unmeasured else ''}"
    if fee.from_future:
        them = humanise.count(fee.from_future, "archive")
        yield f"{them} uploaded in the future, says this machine's clock: is it right?"
    if fee.count and not fee.billed:
        yield UNBILLED


#: What stands below amounts that nobody will charge.
UNBILLED = "these are Amazon's prices; this store bills nothing"


def _charge(one: Charge) -> dict[str, Any]:
    return {
        "what": one.what,
        "quantity": quantity(one.quantity),
        "unit": one.price.unit,
        "usd": exact(one.usd),
        "row": one.price.row,
    }
