"""Amounts of money as people read them."""

from decimal import Decimal

import pytest

from glaciercli.core.amounts import cell, dollars, total
from glaciercli.core.pricing import Charge, Cost, Price, thousands


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        ("0", "$0.00"),
        ("0.000001", "less than $0.01"),
        ("0.009999", "less than $0.01"),
        ("0.01", "$0.01"),
        ("0.010001", "$0.02"),
        ("1234.5", "$1,234.50"),
        ("1234567.891", "$1,234,567.90"),
    ],
)
def test_an_amount_is_rounded_up_to_a_cent(usd: str, text: str) -> None:
    assert dollars(Decimal(usd)) == text


def test_a_sum_with_a_missing_price_says_what_is_known_and_what_is_not() -> None:
    price = Price(region="r", item="vault/storage", usd=Decimal(1), as_of=None, source="")
    charge = Charge(what="", price=price, quantity=thousands(1), usd=Decimal("2.5"))
    unknown = Cost(missing=("r/vault/\x1b[31m",))
    assert total(Cost()) == "$0.00"
    assert total(Cost(charges=(charge,))) == "$2.50"
    assert total(unknown) == "unknown: no price of r/vault/\\x1b[31m"
    assert total(Cost(charges=(charge,)) + unknown).startswith("at least $2.50, unknown: no price")
    assert [cell(one) for one in (Cost(), unknown, Cost(charges=(charge,)) + unknown)] == [
        "$0.00",
        "unknown",
        "at least $2.50",
    ]
