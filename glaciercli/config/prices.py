"""The prices of the user's own, as the configuration gives them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glaciercli import errors

if TYPE_CHECKING:
    # Most configurations hold none.
    from glaciercli.core.pricing import Price

#: What tells in a table of prices when they were read.
_PRICE_DATE = "as_of"


def prices(table: Mapping[str, Any]) -> tuple["Price", ...]:
    """Return the prices in a table of tables, one for each region; raise ``BadUsage``."""
    if not all(isinstance(one, dict) for one in table.values()):
        raise errors.BadUsage(
            "prices in the configuration are tables, as in [prices.eu-west-1]",
            hint="the manual page glaciercli-config says what may stand there",
        )
    return tuple(
        _price(region, item, figure, of_region)
        for region, of_region in table.items()
        for item, figure in of_region.items()
        if item != _PRICE_DATE
    )


def _price(region: str, item: str, figure: object, table: Mapping[str, Any]) -> "Price":
    from glaciercli.core.pricing_table import own_price

    try:
        return own_price(region, item, figure, as_of=_date(table), source="your configuration")
    except errors.BadUsage as error:
        raise errors.BadUsage(
            f"prices.{region} in the configuration: {error.message}", hint=error.hint
        ) from error


def _date(table: Mapping[str, Any]) -> str | None:
    """Return when prices were read, as the user wrote it, with quotes or without."""
    return str(table[_PRICE_DATE]) if _PRICE_DATE in table else None
