"""Vaults: where they are, and what makes one the same."""

from dataclasses import dataclass
from datetime import datetime

#: What the endpoint of an embedded service begins with; it has one account.
LOCAL = "local:"


@dataclass(frozen=True, slots=True, kw_only=True)
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

    @property
    def local_data(self) -> str | None:
        """The directory of a store on this machine, behind which there is no line."""
        is_local = self.endpoint.startswith(LOCAL)
        return self.endpoint.removeprefix(LOCAL) if is_local else None

    @property
    def knows_account(self) -> bool:
        """Whether it is sure whose its vaults are, whatever keys somebody has: nobody need ask."""
        return self.account is not None or self.endpoint.startswith(LOCAL)


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

    def gave_way_to(self, other: "KnownVault") -> bool:
        """Tell whether a vault that was made later has the name now."""
        if self.created_at is None or other.created_at is None:
            return False
        return self.created_at < other.created_at
