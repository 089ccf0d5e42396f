"""The lock policies of vaults."""

from dataclasses import dataclass

from glaciercli.server.catalogue.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultLockRecord:
    """A lock: in progress until a moment, or locked for good."""

    lock_id: str
    policy: str
    created_ms: int
    #: ``None`` once the vault is locked.
    expires_ms: int | None

    @property
    def locked(self) -> bool:
        """Whether the lock can no longer be taken back."""
        return self.expires_ms is None


def find(tx: Transaction, vault_row: int, *, now_ms: int) -> VaultLockRecord | None:
    """Return the lock of a vault; ``None`` where it has none or the one in progress expired."""
    row = tx.execute(
        """
        SELECT lock_id, policy, created_at, expires_at FROM vault_locks
        WHERE vault = ? AND (expires_at IS NULL OR expires_at > ?)
        """,
        (vault_row, now_ms),
    ).fetchone()
    if row is None:
        return None
    return VaultLockRecord(lock_id=row[0], policy=row[1], created_ms=row[2], expires_ms=row[3])


def put(tx: Transaction, vault_row: int, lock: VaultLockRecord) -> None:
    """Set the lock of a vault, in place of an earlier one."""
    tx.execute(
        """
        INSERT OR REPLACE INTO vault_locks (vault, lock_id, policy, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?)
        """,
        (vault_row, lock.lock_id, lock.policy, lock.created_ms, lock.expires_ms),
    )


def remove(tx: Transaction, vault_row: int) -> None:
    """Drop the lock of a vault, if it has one."""
    tx.execute("DELETE FROM vault_locks WHERE vault = ?", (vault_row,))
