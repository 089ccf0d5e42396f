"""Vaults as the service describes them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """A vault as the service describes it; counts are those of its last inventory."""

    arn: str
    name: str
    created_at: datetime
    last_inventory_at: datetime | None
    archive_count: int
    #: With the service's own overhead of 32 KiB an archive.
    size_bytes: int

    @property
    def region(self) -> str:
        """The region, out of the ARN."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The account number, out of the ARN."""
        return self.arn.split(":")[4]
