"""Units of provisioned capacity."""

from dataclasses import dataclass

from glaciercli.server.catalogue.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityUnit:
    """A unit, and the time for which it was bought."""

    capacity_id: str
    started_ms: int
    expires_ms: int


def active(tx: Transaction, region: str, now_ms: int) -> list[CapacityUnit]:
    """Return the units of a region that have not expired, oldest first."""
    rows = tx.execute(
        """
        SELECT capacity_id, started_at, expires_at FROM capacity
        WHERE region = ? AND expires_at > ? ORDER BY started_at, capacity_id
        """,
        (region, now_ms),
    )
    return [CapacityUnit(capacity_id=row[0], started_ms=row[1], expires_ms=row[2]) for row in rows]


def insert(tx: Transaction, region: str, unit: CapacityUnit) -> None:
    """Enter a unit that was bought."""
    tx.execute(
        "INSERT INTO capacity (capacity_id, region, started_at, expires_at) VALUES (?, ?, ?, ?)",
        (unit.capacity_id, region, unit.started_ms, unit.expires_ms),
    )
