"""The table of prices as text: comma-separated, a heading, and a row for each figure.

`glaciercli/prices.csv` is one, and is the place where a figure is changed.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from glaciercli.core.pricing import UNITS, Price
from glaciercli.core.text import printable
from glaciercli.errors import BadUsage

COLUMNS = ("region", "item", "above_gb", "usd", "unit", "as_of", "source", "note")

#: A larger figure is a slip of the finger.
_MOST_USD = Decimal(1_000_000)

#: `Decimal` takes underscores, exponents and the digits of every script too.
_PLAIN = re.compile(r"-?(?=\.?[0-9])[0-9]{0,7}(\.[0-9]{0,12})?")


def read_table(lines: Iterable[str]) -> Iterator[Price]:
    """Yield the prices of a table; raise `ValueError` where it is none."""
    rows = csv.DictReader(lines)
    if tuple(rows.fieldnames or ()) != COLUMNS:
        message = f"the columns of a table of prices are {', '.join(COLUMNS)}"
        raise ValueError(message)
    try:
        for row in rows:
            yield _price(row)
    except (ArithmeticError, TypeError, csv.Error, ValueError) as error:
        message = f"line {rows.line_num} is no price: {error}"
        raise ValueError(message) from error


def _price(row: Mapping[str, str]) -> Price:
    """Return the price of a row, or raise what its figures raise where they are none."""
    price = Price(
        region=row["region"],
        item=row["item"],
        above=int(row["above_gb"]),
        usd=Decimal(row["usd"]),
        as_of=row["as_of"] or None,
        source=row["source"],
        note=row["note"],
    )
    if price.item not in UNITS or price.unit != row["unit"] or not price.usd.is_finite():
        message = f'"{price.item}" has no price for a {row["unit"]}'
        raise ValueError(message)
    return price


def own_price(region: str, item: str, figure: object, *, as_of: str | None, source: str) -> Price:
    """Return a price that the user set; raise `BadUsage` where it is none.

    ``figure`` is a number of US dollars for a unit, as the configuration or a user wrote it.
    """
    if item not in UNITS:
        raise BadUsage(
            f'nothing is sold as "{printable(item)}"', hint=f"there are: {', '.join(UNITS)}"
        )
    return Price(region=region, item=item, usd=dollars(figure), as_of=as_of, source=source)


def dollars(figure: object) -> Decimal:
    """Return an amount of US dollars from 0 on; raise `BadUsage` for what is none."""
    if isinstance(figure, bool) or not isinstance(figure, (int, str, Decimal)):
        raise _bad(figure)
    if isinstance(figure, str) and not _PLAIN.fullmatch(figure.strip()):
        raise _bad(figure)
    usd = Decimal(figure)
    if not (usd.is_finite() and 0 <= usd <= _MOST_USD):
        raise _bad(figure)
    return abs(usd)


def _bad(figure: object) -> BadUsage:
    return BadUsage(
        f'"{printable(str(figure))}" is no amount of dollars',
        hint=f"write a number such as 0, 0.004 or 25, up to {_MOST_USD:,}",
    )
