"""Vaults: where they are, and what the service says of them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class VaultIdentity:
    """What makes a vault the same vault: never an access key, which may be rotated."""

    endpoint: str
    account: str
    region: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreIdentity:
    """Where vaults are: an endpoint, and the region and account where they are known."""

    endpoint: str
    region: str | None
    account: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVault:
    """A vault as the key map remembers it."""

    key: int
    identity: VaultIdentity
    created_at: datetime | None
    gone_at: datetime | None

    @property
    def name(self) -> str:
        """The name of the vault."""
        return self.identity.name


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
