"""A warning before very many small archives are made: each is billed for more than it holds."""

from dataclasses import dataclass

from glaciercli.core.amounts import total
from glaciercli.core.pricing import OVERHEAD_BYTES, PriceList, storing, uploading
from glaciercli.core.sizes import format_size
from glaciercli.operations.billing import Billing
from glaciercli.reporting import Notice, Reporter

#: Fewer are not worth a word.
_MANY = 1000


@dataclass(slots=True, kw_only=True)
class SmallFiles:
    """How many files of a plan are smaller than what the service adds to each archive."""

    count: int = 0
    size_bytes: int = 0

    def take(self, size_bytes: int) -> None:
        """Count a file, if it is small."""
        if size_bytes < OVERHEAD_BYTES:
            self.count += 1
            self.size_bytes += size_bytes


def warn(reporter: Reporter, billing: Billing, region: str | None, small: SmallFiles) -> None:
    """Say what very many small files really cost; fewer than a thousand are not worth a word."""
    if small.count >= _MANY:
        said = _sentence(billing.prices, region or "an unknown region", small)
        reporter.report(Notice(message=said))


def _sentence(prices: PriceList, region: str, small: SmallFiles) -> str:
    held = storing(prices, region, count=small.count, size_bytes=small.size_bytes)
    packed = storing(prices, region, count=1, size_bytes=small.size_bytes)
    sent = uploading(prices, region, requests=small.count)
    return (
        f"{small.count:,} files are smaller than the 32 KiB that Amazon adds to each archive: "
        f"{format_size(small.size_bytes)} cost {total(held)} a month, and {total(sent)} once for "
        f"the requests; packed into one archive, as with tar, {total(packed)} a month"
    )
