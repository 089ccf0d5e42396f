"""What Amazon charges, worked out from a list of prices.

Money is `Decimal` US dollars, quantities are fractions, and nothing is a float.  Each charge
carries the price that it came from, so that whatever is shown can be traced to its row.  A price
that nobody knows makes a cost unknown; it never counts as nothing.  docs/cost.md explains the rules
in words.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from glaciercli.model.jobs import Tier

#: "GB" on a bill of AWS, for storage and for transfer.
GB = 1024**3

#: What the service adds to each archive, and bills: "Amazon Glacier pricing" and the developer
#: guide's Describe Vault, whose SizeInBytes holds it.
OVERHEAD_BYTES = 32 * 1024

#: An archive that is deleted younger pays storage for the days that are left.
MINIMUM_AGE = timedelta(days=90)

#: The bill's month of that fee: 90 days are three of them.
_FEE_MONTH = timedelta(days=30)

#: Charges are rounded up to a millionth of a dollar, so that what costs something never shows as
#: nothing, and sums are exact.
_MICRO = 10**6

_GB_MONTH, _GB, _REQUESTS, _UNIT_MONTH = "GB-month", "GB", "1,000 requests", "unit-month"

STORAGE = "vault/storage"
EARLY_DELETION = "vault/early-deletion"
UPLOAD_REQUESTS = "vault/upload-requests"
TRANSFER = "transfer/internet"

#: The storage classes of S3 that a price is kept for.
S3_CLASSES = ("STANDARD", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")

#: Every item that may have a price, and the unit of its price.
UNITS: dict[str, str] = {
    STORAGE: _GB_MONTH,
    EARLY_DELETION: _GB_MONTH,
    UPLOAD_REQUESTS: _REQUESTS,
    **{f"vault/retrieval/{tier.value.lower()}": _GB for tier in Tier},
    **{f"vault/retrieval-requests/{tier.value.lower()}": _REQUESTS for tier in Tier},
    "vault/capacity-unit": _UNIT_MONTH,
    TRANSFER: _GB,
    **{f"s3/{one}/storage": _GB_MONTH for one in S3_CLASSES},
    **{f"s3/{one}/put-requests": _REQUESTS for one in S3_CLASSES},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One row of the list: what one unit of something costs in a region."""

    region: str
    item: str
    usd: Decimal
    #: When the figure was read, as precisely as is known; ``None`` where nobody said.
    as_of: str | None
    source: str
    note: str = ""
    #: The price holds for what goes beyond that many units.
    above: int = 0

    @property
    def unit(self) -> str:
        """What the price is for."""
        return UNITS[self.item]

    @property
    def row(self) -> str:
        """What tells the row from every other."""
        beyond = f"/above-{self.above}" if self.above else ""
        return f"{self.region}/{self.item}{beyond}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of a bill."""

    what: str
    price: Price
    #: How many units of the price, exactly.
    quantity: Fraction
    #: Rounded up to a millionth of a dollar.
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What something costs: its charges, and the rows that are missing from the list."""

    charges: tuple[Charge, ...] = ()
    #: The prices that nobody knows, as REGION/ITEM.
    missing: tuple[str, ...] = ()

    @property
    def usd(self) -> Decimal | None:
        """The sum, ``None`` where a price is missing."""
        return None if self.missing else self.known_usd

    @property
    def known_usd(self) -> Decimal:
        """The sum of the charges whose prices are known."""
        return sum((one.usd for one in self.charges), Decimal(0))

    def __add__(self, other: "Cost") -> "Cost":
        """Return both together."""
        missing = dict.fromkeys(self.missing + other.missing)
        return Cost(charges=self.charges + other.charges, missing=tuple(missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The prices of every region, those of the user before those of the table."""

    rows: Mapping[tuple[str, str], tuple[Price, ...]]

    def find(self, region: str, item: str) -> tuple[Price, ...]:
        """Return the rows for an item, by what they begin at; none where nobody knows a price."""
        return self.rows.get((region, item), ())

    def cost(self, region: str, item: str, quantity: Fraction, *, what: str) -> Cost:
        """Return what a number of units costs; nothing at all needs no price."""
        if quantity <= 0:
            return Cost()
        rows = self.find(region, item)
        if not rows:
            return Cost(missing=(f"{region}/{item}",))
        return Cost(charges=tuple(_spread(rows, quantity, what)))


def price_list(rows: Iterable[Price], own: Iterable[Price] = ()) -> PriceList:
    """Return the list of some rows; an item with a price of the user's own has that one only."""
    grouped = _grouped(rows)
    grouped.update(_grouped(own))
    return PriceList(
        rows={key: tuple(sorted(some, key=lambda one: one.above)) for key, some in grouped.items()}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """How much is brought back, from where, in which way."""

    region: str
    tier: Tier
    count: int
    size_bytes: int


def storing(prices: PriceList, region: str, *, count: int, size_bytes: int) -> Cost:
    """Return what archives in a vault cost a month, their overhead as a charge of its own."""
    overhead = gigabytes(count * OVERHEAD_BYTES)
    return prices.cost(region, STORAGE, gigabytes(size_bytes), what="content") + prices.cost(
        region, STORAGE, overhead, what="32 KiB of overhead for each archive"
    )


def uploading(prices: PriceList, region: str, *, requests: int) -> Cost:
    """Return what sending archives costs once: the requests, parts included."""
    return prices.cost(region, UPLOAD_REQUESTS, thousands(requests), what="upload requests")


def retrieving(prices: PriceList, asked: Retrieval) -> Cost:
    """Return what preparing archives costs: the bytes, and a request for each archive."""
    tier, region = asked.tier.value.lower(), asked.region
    content = prices.cost(
        region, f"vault/retrieval/{tier}", gigabytes(asked.size_bytes), what=f"{tier} retrieval"
    )
    return content + prices.cost(
        region,
        f"vault/retrieval-requests/{tier}",
        thousands(asked.count),
        what=f"{tier} retrieval requests",
    )


def transferring(prices: PriceList, region: str, *, size_bytes: int) -> Cost:
    """Return what it costs to bring bytes out of a region to the internet."""
    return prices.cost(region, TRANSFER, gigabytes(size_bytes), what="transfer to the internet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Youth:
    """How much would be deleted too early."""

    count: int = 0
    size_bytes: int = 0
    #: Bytes, overhead included, times the seconds that are left of 90 days.
    byte_seconds: int = 0
    #: How many seem to have been uploaded in the future: a clock is wrong.
    from_future: int = 0
    #: How many have a size that nobody told; they count as empty.
    unmeasured: int = 0

    def with_more(self, other: "Youth") -> "Youth":
        """Return both together."""
        return Youth(
            count=self.count + other.count,
            size_bytes=self.size_bytes + other.size_bytes,
            byte_seconds=self.byte_seconds + other.byte_seconds,
            from_future=self.from_future + other.from_future,
            unmeasured=self.unmeasured + other.unmeasured,
        )


def youth(archives: Iterable[tuple[int | None, datetime]], *, now: datetime) -> Youth:
    """Return what of some archives, each a size and a time of upload, is younger than 90 days.

    A size that nobody told is ``None``.  An archive that seems to come from the future counts as
    new, not as younger than that.
    """
    count = size_bytes = byte_seconds = from_future = unmeasured = 0
    for told, uploaded_at in archives:
        age = now - uploaded_at
        if age >= MINIMUM_AGE:
            continue
        left = min(MINIMUM_AGE - age, MINIMUM_AGE)
        size = told or 0
        count += 1
        size_bytes += size
        byte_seconds += (size + OVERHEAD_BYTES) * -(-left // timedelta(seconds=1))
        from_future += age < timedelta(0)
        unmeasured += told is None
    return Youth(
        count=count,
        size_bytes=size_bytes,
        byte_seconds=byte_seconds,
        from_future=from_future,
        unmeasured=unmeasured,
    )


def deleting(prices: PriceList, region: str, young: Youth) -> Cost:
    """Return what deleting archives costs that are younger than 90 days.

    Storage for the rest of the 90 days, a month being 30 of them, as Amazon's price page has it:
    deleted after one month an archive pays two more, after two months one.
    """
    months = Fraction(young.byte_seconds, GB * (_FEE_MONTH // timedelta(seconds=1)))
    return prices.cost(region, EARLY_DELETION, months, what="the rest of 90 days of storage")


def gigabytes(size_bytes: int) -> Fraction:
    """Return bytes as the GB of a bill."""
    return Fraction(size_bytes, GB)


def thousands(requests: int) -> Fraction:
    """Return requests as the thousands of a bill."""
    return Fraction(requests, 1000)


def _spread(rows: tuple[Price, ...], quantity: Fraction, what: str) -> Iterator[Charge]:
    """Yield the charges for a quantity, each row up to where the next one begins."""
    for index, price in enumerate(rows):
        end = rows[index + 1].above if index + 1 < len(rows) else quantity
        part = min(quantity, end) - price.above
        if part > 0:
            usd = Decimal(ceil(part * Fraction(price.usd) * _MICRO)) / _MICRO
            yield Charge(what=what, price=price, quantity=Fraction(part), usd=usd)


def _grouped(rows: Iterable[Price]) -> dict[tuple[str, str], list[Price]]:
    found: dict[tuple[str, str], list[Price]] = {}
    for one in rows:
        found.setdefault((one.region, one.item), []).append(one)
    return found
