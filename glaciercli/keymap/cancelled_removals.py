"""What a removal of a vault had doomed, where another key map knows that it was cancelled.

A cancellation is the one way back from a tombstone, which would win against whatever lives.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from glaciercli.core import doom
from glaciercli.keymap.archives import Archives
from glaciercli.keymap.database import Database
from glaciercli.keymap.journal import Journal
from glaciercli.keymap.vaults import Vaults
from glaciercli.model.vaults import KnownVault, VaultIdentity

#: When somebody said yes to the removal of a vault that was cancelled later.
Cancelled: TypeAlias = Mapping[VaultIdentity, frozenset[datetime]]


def known_to(database: Database) -> Cancelled:
    """Return which removals a key map knows as cancelled."""
    found = defaultdict[VaultIdentity, set[datetime]](set)
    for vault in Vaults(database).every():
        found[vault.identity].update(_taken_back(database, vault))
    return {identity: frozenset(times) for identity, times in found.items() if times}


def take_back(database: Database, told: Cancelled) -> None:
    """Let archives live that only a removal has doomed which another key map knows as cancelled.

    Done to both before they are united, it leaves no tombstone of such a removal on either side.
    """
    archives = Archives(database)
    for vault in Vaults(database).every():
        said_yes_at = told.get(vault.identity)
        for one in list(archives.doomed(vault)) if said_yes_at else []:
            before = doom.state_before(one, said_yes_at=said_yes_at or ())
            if before is not None:
                archives.set_state(one.key, before, deleted_at=None)


def _taken_back(database: Database, vault: KnownVault) -> Iterator[datetime]:
    """Yield the times of a yes that a cancellation followed; the newest come first."""
    is_cancelled = False
    for one in Journal(database).milestones(vault.key):
        is_cancelled = is_cancelled or one.event == doom.CANCELLED
        if is_cancelled and one.event == doom.CONFIRMED:
            yield one.at
