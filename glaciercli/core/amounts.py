"""Amounts of money as people read them: rounded up to a cent."""

from decimal import ROUND_CEILING, Decimal

from glaciercli.core.pricing import Cost
from glaciercli.core.text import printable

_CENT = Decimal("0.01")


def dollars(usd: Decimal) -> str:
    """Return an amount such as ``$1,234.57``; what costs something never reads as nothing."""
    if 0 < usd < _CENT:
        return "less than $0.01"
    return f"${usd.quantize(_CENT, rounding=ROUND_CEILING):,}"


def cell(cost: Cost) -> str:
    """Return a sum for a table; where a price is missing it says no more than that."""
    if not cost.missing:
        return "< $0.01" if 0 < cost.known_usd < _CENT else dollars(cost.known_usd)
    return f"at least {dollars(cost.known_usd)}" if cost.known_usd >= _CENT else "unknown"


def total(cost: Cost) -> str:
    """Return a sum; where a price is missing it says which."""
    if not cost.missing:
        return dollars(cost.known_usd)
    least = f"at least {dollars(cost.known_usd)}, " if cost.known_usd else ""
    return f"{least}unknown: no price of {printable(', '.join(cost.missing))}"
