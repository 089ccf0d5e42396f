"""What Amazon charges, against arithmetic of the test's own in whole millionths of a dollar."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glaciercli
from glaciercli.core import pricing, pricing_table
from glaciercli.core.pricing import Cost, PriceList, Retrieval
from glaciercli.errors import BadUsage
from glaciercli.model.jobs import Tier

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TABLE = Path(glaciercli.__file__).with_name("prices.csv")
REGION = "us-east-1"


@pytest.fixture(scope="module")
def prices() -> PriceList:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return pricing.price_list(pricing_table.read_table(lines))


def micro(cost: Cost) -> int:
    """A known cost in millionths of a dollar."""
    assert cost.usd is not None
    whole, rest = divmod(cost.usd * 1_000_000, 1)
    assert rest == 0
    return int(whole)


def up(numerator: int, denominator: int) -> int:
    """A division, rounded up."""
    return -(-numerator // denominator)


SIZES = st.integers(0, 10**17)
COUNTS = st.integers(0, 10**8)


@given(count=COUNTS, size=SIZES)
def test_a_month_of_storage_is_content_and_overhead(
    prices: PriceList, count: int, size: int
) -> None:
    found = pricing.storing(prices, REGION, count=count, size_bytes=size)
    # $0.0036 a GB-month.
    assert micro(found) == up(size * 3_600, 2**30) + up(count * 32_768 * 3_600, 2**30)


@pytest.mark.parametrize(
    ("tier", "gb_micro", "thousand_micro"),
    [
        (Tier.EXPEDITED, 30_000, 10_000_000),
        (Tier.STANDARD, 10_000, 30_000),
        (Tier.BULK, 2_500, 25_000),
    ],
)
@given(count=COUNTS, size=SIZES)
def test_a_retrieval_is_bytes_and_requests(
    *, prices: PriceList, tier: Tier, gb_micro: int, thousand_micro: int, count: int, size: int
) -> None:
    asked = Retrieval(region=REGION, tier=tier, count=count, size_bytes=size)
    expected = up(size * gb_micro, 2**30) + up(count * thousand_micro, 1_000)
    assert micro(pricing.retrieving(prices, asked)) == expected


@given(size=SIZES)
def test_transfer_is_cheaper_beyond_each_step(prices: PriceList, size: int) -> None:
    gb = 2**30
    steps = [(0, 90_000), (10 * 1024, 85_000), (50 * 1024, 70_000), (150 * 1024, 50_000)]
    ends = [start * gb for start, _ in steps[1:]] + [size]
    expected = 0
    for (start, each), end in zip(steps, ends, strict=True):
        part = max(min(size, end) - start * gb, 0)
        expected += up(part * each, gb)
    assert micro(pricing.transferring(prices, REGION, size_bytes=size)) == expected


@given(
    archives=st.lists(st.tuples(st.integers(0, 2**45), st.integers(-(10**7), 10**7)), max_size=20)
)
def test_the_fee_is_storage_for_what_is_left_of_90_days(
    prices: PriceList, archives: list[tuple[int, int]]
) -> None:
    uploads = [(size, NOW - timedelta(seconds=age)) for size, age in archives]
    young = pricing.youth(uploads, now=NOW)
    left = [
        (size, min(90 * 86_400 - age, 90 * 86_400)) for size, age in archives if age < 90 * 86_400
    ]
    byte_seconds = sum((size + 32_768) * seconds for size, seconds in left)
    fee = pricing.deleting(prices, REGION, young)
    assert micro(fee) == up(byte_seconds * 3_600, 2**30 * 30 * 86_400)
    assert (young.count, young.size_bytes) == (len(left), sum(size for size, _ in left))
    assert young.from_future == sum(age < 0 for _, age in archives)


def test_the_fee_after_one_month_is_two_months_of_storage(prices: PriceList) -> None:
    size = 2**40 - pricing.OVERHEAD_BYTES
    young = pricing.youth([(size, NOW - timedelta(days=30))], now=NOW)
    assert pricing.deleting(prices, REGION, young).usd == 2 * 1024 * Decimal("0.0036")


@pytest.mark.parametrize("days", [90, 91, 4000])
def test_what_is_90_days_old_costs_nothing_to_delete(prices: PriceList, days: int) -> None:
    young = pricing.youth([(2**40, NOW - timedelta(days=days))], now=NOW)
    assert young.count == 0
    assert pricing.deleting(prices, REGION, young).usd == 0


def test_the_smallest_thing_that_costs_never_shows_as_nothing(prices: PriceList) -> None:
    assert pricing.transferring(prices, REGION, size_bytes=1).usd == Decimal("0.000001")
    assert pricing.transferring(prices, REGION, size_bytes=0).usd == 0


def test_a_region_without_prices_has_an_unknown_cost_and_says_which_rows_are_missing(
    prices: PriceList,
) -> None:
    found = pricing.storing(prices, "mars-north-1", count=1, size_bytes=1)
    assert found.usd is None
    assert found.missing == ("mars-north-1/vault/storage",)
    known = pricing.storing(prices, REGION, count=1, size_bytes=1)
    assert (known + found).usd is None
    assert (known + found).known_usd == known.usd
    # Nothing at all costs nothing anywhere.
    assert pricing.storing(prices, "mars-north-1", count=0, size_bytes=0).usd == 0


def test_every_charge_is_its_quantity_times_the_price_of_its_row(prices: PriceList) -> None:
    cost = pricing.transferring(prices, REGION, size_bytes=200 * 2**40)
    assert [one.price.row for one in cost.charges] == [
        f"{REGION}/transfer/internet",
        f"{REGION}/transfer/internet/above-10240",
        f"{REGION}/transfer/internet/above-51200",
        f"{REGION}/transfer/internet/above-153600",
    ]
    for one in cost.charges:
        assert one.price in prices.find(one.price.region, one.price.item)
        assert one.usd == Decimal(one.quantity.numerator) / one.quantity.denominator * one.price.usd


def test_a_price_of_the_users_own_takes_the_place_of_all_rows_of_the_item(
    prices: PriceList,
) -> None:
    rows = [one for some in prices.rows.values() for one in some]
    own = pricing_table.own_price(
        REGION, "transfer/internet", Decimal("0.02"), as_of=None, source="mine"
    )
    changed = pricing.price_list(rows, [own])
    assert pricing.transferring(changed, REGION, size_bytes=2**50).usd == 2**20 * Decimal("0.02")
    assert changed.find(REGION, "vault/storage") == prices.find(REGION, "vault/storage")


def test_every_row_of_the_table_says_when_and_whence(prices: PriceList) -> None:
    rows = [one for some in prices.rows.values() for one in some]
    assert len({one.row for one in rows}) == len(rows) > 60
    assert all(one.as_of and one.source and one.usd > 0 for one in rows)
    for some in prices.rows.values():
        assert some[0].above == 0
        assert all(one.above < other.above for one, other in pairwise(some))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("r,vault/nothing,0,1,GB,2025,x,", "has no price"),
        ("r,vault/storage,0,1,GB,2025,x,", "has no price for a GB"),
        ("r,vault/storage,none,1,GB-month,2025,x,", "invalid literal"),
    ],
)
def test_a_table_with_a_wrong_row_is_refused(line: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        list(pricing_table.read_table([",".join(pricing_table.COLUMNS), line]))


def test_a_table_with_other_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="the columns of a table"):
        list(pricing_table.read_table(["region,price", "x,1"]))


@pytest.mark.parametrize("text", ["0", "25", "0.004", Decimal("0.1"), 7, "-0", " 1 ", ".5", "5."])
def test_an_amount_of_dollars_is_read(text: object) -> None:
    assert pricing_table.dollars(text) == abs(Decimal(str(text).strip()))


@pytest.mark.parametrize(
    "text", ["", "-1", "nan", "inf", "-inf", "1e9", "$5", "5 USD", "five", True, 1.5, None]
)
def test_what_is_no_amount_of_dollars_is_refused(text: object) -> None:
    with pytest.raises(BadUsage, match="no amount of dollars"):
        pricing_table.dollars(text)


def test_an_item_that_is_not_sold_is_refused() -> None:
    with pytest.raises(BadUsage, match='nothing is sold as "vault/gold"'):
        pricing_table.own_price(REGION, "vault/gold", 1, as_of=None, source="mine")
