"""What the same archives would cost as objects in the Glacier storage classes of S3.

The rules are those of "Amazon S3 pricing" and of "Understanding S3 Glacier storage classes" in the
S3 user guide.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from math import ceil

from glaciercli.core.pricing import OVERHEAD_BYTES, Cost, PriceList, gigabytes, thousands

#: What S3 keeps of each archived object in its standard class, and bills at that price.
METADATA_BYTES = 8 * 1024

#: The least that an object in Glacier Instant Retrieval is billed for.
INSTANT_LEAST_BYTES = 128 * 1024

#: The most that one PUT request carries; a larger object goes up in parts.
LARGEST_PUT_BYTES = 5 * 1024**3

#: The largest object that every tool for S3 copes with: the limit of many years.
LARGEST_OBJECT_BYTES = 5 * 1024**4

#: The longest key, in bytes.
LONGEST_KEY_BYTES = 1024

#: Beyond that nothing is paid back.
_MOST_MONTHS = 1200


class StorageClass(Enum):
    """A Glacier storage class of S3."""

    INSTANT = "GLACIER_IR"
    FLEXIBLE = "GLACIER"
    DEEP = "DEEP_ARCHIVE"

    @property
    def least_days(self) -> int:
        """How long an object is paid for at least."""
        return 180 if self is StorageClass.DEEP else 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What would be stored."""

    count: int
    size_bytes: int
    #: The bytes where each object counts for 128 KiB at least.
    instant_bytes: int
    #: The requests that it takes to put it there.
    put_requests: int


def storing_in(prices: PriceList, region: str, storage: StorageClass, stock: Stock) -> Cost:
    """Return what objects cost a month."""
    item = f"s3/{storage.value}/storage"
    if storage is StorageClass.INSTANT:
        content = gigabytes(stock.instant_bytes)
        return prices.cost(region, item, content, what="content, 128 KiB at least for each object")
    return (
        prices.cost(region, item, gigabytes(stock.size_bytes), what="content")
        + prices.cost(
            region,
            item,
            gigabytes(stock.count * OVERHEAD_BYTES),
            what="32 KiB of overhead for each object",
        )
        + prices.cost(
            region,
            "s3/STANDARD/storage",
            gigabytes(stock.count * METADATA_BYTES),
            what="8 KiB of metadata for each object",
        )
    )


def putting(prices: PriceList, region: str, storage: StorageClass, stock: Stock) -> Cost:
    """Return what it costs once to put objects into a class."""
    item = f"s3/{storage.value}/put-requests"
    return prices.cost(region, item, thousands(stock.put_requests), what="PUT requests")


def months_to_break_even(now: Cost, then: Cost, moving: Cost) -> int | None:
    """Return after how many months a move has paid for itself; ``None`` if never, or unknown."""
    if now.usd is None or then.usd is None or moving.usd is None:
        return None
    saved = now.usd - then.usd
    if saved <= Decimal(0):
        return None
    months = ceil(moving.usd / saved)
    return months if months <= _MOST_MONTHS else None
