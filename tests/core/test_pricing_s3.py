"""What archives would cost as objects of S3, by arithmetic of the test's own."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glaciercli
from glaciercli.core import pricing, pricing_table
from glaciercli.core.pricing import Charge, Cost, Price, PriceList
from glaciercli.core.pricing_s3 import (
    Stock,
    StorageClass,
    months_to_break_even,
    putting,
    storing_in,
)

TABLE = Path(glaciercli.__file__).with_name("prices.csv")
REGION = "us-east-1"
GB = 2**30


@pytest.fixture(scope="module")
def prices() -> PriceList:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return pricing.price_list(pricing_table.read_table(lines))


def up(numerator: int, denominator: int = GB) -> int:
    return -(-numerator // denominator)


@given(
    count=st.integers(0, 10**8),
    size=st.integers(0, 10**17),
    instant=st.integers(0, 10**17),
    requests=st.integers(0, 10**9),
)
def test_each_class_has_its_own_rules(
    prices: PriceList, count: int, size: int, instant: int, requests: int
) -> None:
    stock = Stock(count=count, size_bytes=size, instant_bytes=instant, put_requests=requests)
    # In hundredths of a millionth of a dollar, the least that a GB-month costs.
    expected = {
        StorageClass.INSTANT: up(instant * 4000),
        StorageClass.FLEXIBLE: up(size * 3600)
        + up(count * 32768 * 3600)
        + up(count * 8192 * 23000),
        StorageClass.DEEP: up(size * 990) + up(count * 32768 * 990) + up(count * 8192 * 23000),
    }
    puts = {StorageClass.INSTANT: 20, StorageClass.FLEXIBLE: 30, StorageClass.DEEP: 50}
    for storage in StorageClass:
        usd = storing_in(prices, REGION, storage, stock).usd
        assert usd is not None
        assert usd * 1_000_000 == expected[storage]
        assert (
            putting(prices, REGION, storage, stock).usd == Decimal(requests * puts[storage]) / 10**6
        )


def cost(usd: str | None) -> Cost:
    if usd is None:
        return Cost(missing=("r/vault/storage",))
    price = Price(region="r", item="vault/storage", usd=Decimal(1), as_of=None, source="")
    charge = Charge(what="", price=price, quantity=pricing.thousands(1), usd=Decimal(usd))
    return Cost(charges=(charge,))


@pytest.mark.parametrize(
    ("now", "then", "moving", "months"),
    [
        ("10", "5", "20", 4),
        ("10", "5", "21", 5),
        ("10", "5", "0", 0),
        ("10", "10", "1", None),
        ("10", "11", "1", None),
        (None, "1", "1", None),
        ("10", None, "1", None),
        ("10", "1", None, None),
        ("0.000002", "0.000001", "100", None),
    ],
)
def test_a_move_pays_back_when_it_has_saved_what_it_cost(
    now: str | None, then: str | None, moving: str | None, months: int | None
) -> None:
    assert months_to_break_even(cost(now), cost(then), cost(moving)) == months


def test_a_region_without_prices_of_s3_says_which(prices: PriceList) -> None:
    stock = Stock(count=1, size_bytes=1, instant_bytes=1, put_requests=1)
    found = storing_in(prices, "mars-north-1", StorageClass.DEEP, stock)
    assert found.missing == (
        "mars-north-1/s3/DEEP_ARCHIVE/storage",
        "mars-north-1/s3/STANDARD/storage",
    )


def test_deep_archive_is_paid_for_twice_as_long() -> None:
    assert {one: one.least_days for one in StorageClass} == {
        StorageClass.INSTANT: 90,
        StorageClass.FLEXIBLE: 90,
        StorageClass.DEEP: 180,
    }
