"""Which inventory of a vault is the last one.

Nothing runs in the background: the answer follows from what is stored and the time of day.
Rules: "Range Inventory Retrieval" and "Describe Vault" in the Amazon Glacier developer guide.
"""

from datetime import timedelta

from glaciercli.server import times
from glaciercli.server.catalogue import vaults
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import Snapshot, VaultRecord
from glaciercli.server.settings import ServiceSettings

_FOR_EVER = 2**62


def latest(
    tx: Transaction, vault: VaultRecord, settings: ServiceSettings, now_ms: int
) -> Snapshot | None:
    """Return what the last inventory of a vault saw; ``None`` before the first one."""
    if vault.last_write_ms is None:
        return None
    if settings.inventory_interval is None:
        # After every write: whatever has been acknowledged is in it, however close in time.
        return Snapshot(
            date_ms=vault.last_write_ms, until_ms=_FOR_EVER, until_write=vault.write_count
        )
    return _periodic(tx, vault, settings.inventory_interval, now_ms)


def _periodic(
    tx: Transaction, vault: VaultRecord, interval: timedelta, now_ms: int
) -> Snapshot | None:
    step = max(times.span_ms(interval), 1)
    elapsed = max(now_ms - vault.created_ms, 0)
    newest_ms = vault.created_ms + elapsed // step * step
    # What is written in the very millisecond of an inventory is in the next one: an inventory
    # must not change once somebody has seen it.
    written_ms = vaults.last_write_until(tx, vault.row, newest_ms - 1)
    if written_ms is None:
        return None
    # An inventory is made only where something was written since the one before.
    steps = max(written_ms - vault.created_ms, 0) // step + 1
    date_ms = vault.created_ms + steps * step
    if date_ms > newest_ms:
        return None
    return Snapshot(date_ms=date_ms, until_ms=date_ms - 1, until_write=vault.write_count)


def is_deletable(
    tx: Transaction, vault: VaultRecord, settings: ServiceSettings, now_ms: int
) -> bool:
    """Tell whether a vault may be deleted: empty in its last inventory, unwritten since."""
    if vault.last_write_ms is None:
        return True
    snapshot = latest(tx, vault, settings, now_ms)
    if snapshot is None or snapshot.until_ms < vault.last_write_ms:
        return False
    count, _ = vaults.seen_by(tx, vault, snapshot)
    return count == 0
