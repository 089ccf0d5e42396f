"""What every use case is given, and how it finds the vault that it is about."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from glaciercli.keymap.store import KeyMap
from glaciercli.model.vault_descriptions import Vault
from glaciercli.model.vaults import KnownVault, StoreIdentity, VaultIdentity
from glaciercli.operations.billing import Billing
from glaciercli.operations.selection import recall
from glaciercli.ports import ArchiveService, Clock
from glaciercli.reporting import Reporter


@dataclass(kw_only=True)
class Context:
    """The world as an operation sees it."""

    key_map: KeyMap
    store: StoreIdentity
    clock: Clock
    reporter: Reporter
    #: Makes the service on first use, so that what needs no network asks for none.
    connect: Callable[[], ArchiveService]
    #: Gives a new unique mark for a description.
    new_tag: Callable[[], str]
    #: How many requests may be under way at once.
    jobs: int
    #: Where the parts of standard input go on their way; ``None`` is the system's choice.
    spool_directory: str | None = None
    #: Who writes the bill, and by which prices.
    billing: Billing = field(default_factory=Billing)

    @cached_property
    def service(self) -> ArchiveService:
        """The far side."""
        return self.connect()

    def reach(self, name: str) -> KnownVault:
        """Return a vault after asking the service about it; raise ``VaultNotFound``."""
        return self.remember(self.service.describe_vault(name))

    def remember(self, vault: Vault) -> KnownVault:
        """Return the key map's row of a vault that the service described."""
        identity = VaultIdentity(
            endpoint=self.store.endpoint,
            account=vault.account,
            region=vault.region,
            name=vault.name,
        )
        return self.key_map.vaults.remember(identity, created_at=vault.created_at)

    def recall(self, name: str) -> KnownVault:
        """Return a vault from the key map alone; raise ``VaultNotFound``."""
        return recall(self.key_map, self.store, name)
