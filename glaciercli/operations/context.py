"""What every use case is given, and how it finds the vault that it is about."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from glaciercli.core import lock_window
from glaciercli.core.text import counted
from glaciercli.core.times import format_time
from glaciercli.keymap.store import KeyMap
from glaciercli.model.vault_descriptions import Vault
from glaciercli.model.vaults import KnownVault, StoreIdentity, VaultIdentity
from glaciercli.operations.billing import Billing
from glaciercli.operations.selection import recall
from glaciercli.ports import ArchiveService, Clock
from glaciercli.reporting import Notice, Reporter
from glaciercli.transfer.own import OwnFiles


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
    #: What this run works on itself, and so takes for no file of the user's.
    own: OwnFiles = field(default_factory=OwnFiles)
    #: The vaults whose lock was told of.
    _told_of: set[int] = field(default_factory=set, init=False)

    @cached_property
    def service(self) -> ArchiveService:
        """The far side."""
        return self.connect()

    def reach(self, name: str) -> KnownVault:
        """Return a vault after asking the service about it; raise ``VaultNotFound``.

        A lock in progress, as far as the key map knows, is told of: its day soon is over.
        """
        vault = self.remember(self.service.describe_vault(name))
        self._tell_of_lock(vault)
        return vault

    def _tell_of_lock(self, vault: KnownVault) -> None:
        history = ((one.event, one.at) for one in self.key_map.journal.milestones(vault.key))
        end = lock_window.open_until(history, now=self.clock.now())
        if end is not None and vault.key not in self._told_of:
            self._told_of.add(vault.key)
            self.reporter.report(
                Notice(
                    message=f"the lock of vault {vault.name} is in progress until "
                    f"{end:%Y-%m-%d %H:%MZ}, then it ends by itself: complete or abort it, "
                    f"glaciercli vault lock show {vault.name}"
                )
            )

    def remember(self, vault: Vault) -> KnownVault:
        """Return the key map's row of a vault that the service described."""
        identity = VaultIdentity(
            endpoint=self.store.endpoint,
            account=vault.account,
            region=vault.region,
            name=vault.name,
        )
        with self.key_map.transaction():
            before = self.key_map.vaults.find(identity)
            known = self.key_map.vaults.remember(identity, created_at=vault.created_at)
            missed = self._miss_from_before(known) if before and before.gave_way_to(known) else 0
        if missed:
            self._tell_of_new_vault(known, missed)
        return known

    def _miss_from_before(self, vault: KnownVault) -> int:
        """Let go of what was in a vault that had the name before, and return how much that is.

        Whoever takes that for stored stores nothing, and nothing is there.
        """
        missed = self.key_map.vaults.leave_former(vault.key)
        self.key_map.journal.write(
            "vault made anew",
            at=self.clock.now(),
            vault_key=vault.key,
            name=vault.name,
            detail=f"{missed} missing",
        )
        return missed

    def _tell_of_new_vault(self, vault: KnownVault, missed: int) -> None:
        assert vault.created_at is not None
        self.reporter.report(
            Notice(
                message=f"vault {vault.name} was deleted and made anew on "
                f"{format_time(vault.created_at)}: {counted(missed, 'archive')} of before "
                f"counted as missing, glaciercli list {vault.name} --state missing"
            )
        )

    def recall(self, name: str) -> KnownVault:
        """Return a vault from the key map alone; raise ``VaultNotFound``."""
        return recall(self.key_map, self.store, name)
