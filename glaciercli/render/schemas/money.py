"""The members that say what something costs."""

from glaciercli.render.schemas.fields import TIER
from glaciercli.render.schemas.scalars import (
    BYTES,
    COUNT,
    FLAG,
    PRICE,
    QUANTITY,
    TEXT,
    TEXTS,
    USD,
)
from glaciercli.render.schemas.shapes import ListOf, Member, Record, record

_UNIT = Member(name="unit", shape=TEXT, says="The unit that the price is for, such as GB-month.")
_ROW = Member(name="row", shape=TEXT, says="The row of the price list.")

#: An amount as a document has it: what it is made of, and what could not be counted.
USD_MEMBER = Member(
    name="usd", shape=USD, says="The sum in US dollars, with six decimals, as a text."
).or_null("where a price is missing, which is never 0")

CHARGE = record(
    Member(name="what", shape=TEXT, says="What is paid for."),
    Member(name="quantity", shape=QUANTITY, says="How many units, as a text."),
    _UNIT,
    Member(name="usd", shape=USD, says="US dollars, with six decimals, as a text."),
    _ROW.saying("The row of the price list that it was counted with."),
    name="charge",
)

COST_MEMBERS = (
    USD_MEMBER,
    Member(name="charges", shape=ListOf(of=CHARGE), says="What the sum is made of."),
    Member(name="missing_prices", shape=TEXTS, says="The rows whose price nobody knows."),
)

AMOUNT = record(*COST_MEMBERS, name="amount")

BILLED = Member(
    name="billed", shape=FLAG, says="Whether somebody writes a bill; the amounts are Amazon's."
)

FEE: Record = record(
    Member(name="young_archives", shape=COUNT, says="How many are younger than 90 days."),
    Member(name="young_bytes", shape=BYTES, says="The sum of their sizes in bytes."),
    BILLED,
    *COST_MEMBERS,
    name="fee",
)

EARLY_DELETION = Member(
    name="early_deletion", shape=FEE, says="What deleting archives younger than 90 days costs."
)

#: What retrieving costs in one tier, the transfer to the internet included.
QUOTE: Record = record(
    TIER,
    Member(name="requests", shape=COUNT, says="How many requests to the service."),
    Member(name="asked_bytes", shape=BYTES, says="How much is asked for, in bytes."),
    Member(
        name="ready_within_seconds", shape=COUNT, says="How long the service takes, in seconds."
    ),
    *COST_MEMBERS,
    name="quote",
)

PRICES = Member(
    name="prices",
    shape=ListOf(
        of=record(
            _ROW,
            Member(name="usd", shape=PRICE, says="The price of a unit in US dollars, as a text."),
            _UNIT,
            Member(name="as_of", shape=TEXT, says="The day or month it was read.").or_null(
                "where nobody said"
            ),
            Member(name="source", shape=TEXT, says="Where it was read."),
            Member(name="note", shape=TEXT, says="What is odd about it; empty where nothing is."),
            name="price",
        )
    ),
    says="The rows of the price list that the amounts came from.",
)


def amount(name: str, says: str) -> Member:
    """Return a member that holds an amount."""
    return Member(name=name, shape=AMOUNT, says=says)
