"""Whom a vault tells about its finished jobs."""

from dataclasses import dataclass

from glaciercli.server.catalogue.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRecord:
    """A topic, and the events that it is told of, in the order in which they were given."""

    topic: str
    events: tuple[str, ...]


def find(tx: Transaction, vault_row: int) -> NotificationRecord | None:
    """Return the notification configuration of a vault, or ``None``."""
    row = tx.execute(
        "SELECT topic, events FROM notifications WHERE vault = ?", (vault_row,)
    ).fetchone()
    return NotificationRecord(topic=row[0], events=tuple(row[1].split(" "))) if row else None


def put(tx: Transaction, vault_row: int, configured: NotificationRecord) -> None:
    """Set the notification configuration of a vault, in place of an earlier one."""
    tx.execute(
        "INSERT OR REPLACE INTO notifications (vault, topic, events) VALUES (?, ?, ?)",
        (vault_row, configured.topic, " ".join(configured.events)),
    )


def remove(tx: Transaction, vault_row: int) -> None:
    """Drop the notification configuration of a vault, if it has one."""
    tx.execute("DELETE FROM notifications WHERE vault = ?", (vault_row,))
