"""The data retrieval policy of each region."""

from dataclasses import dataclass

from glaciercli.server.catalogue.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalPolicy:
    """A strategy by its name on the wire; only ``BytesPerHour`` has a number."""

    strategy: str
    bytes_per_hour: int | None = None


def find(tx: Transaction, region: str) -> RetrievalPolicy | None:
    """Return the policy of a region; ``None`` where none was ever set."""
    row = tx.execute(
        "SELECT strategy, bytes_per_hour FROM retrieval_policies WHERE region = ?", (region,)
    ).fetchone()
    return RetrievalPolicy(strategy=row[0], bytes_per_hour=row[1]) if row else None


def put(tx: Transaction, region: str, policy: RetrievalPolicy) -> None:
    """Set the policy of a region, in place of an earlier one."""
    tx.execute(
        "INSERT OR REPLACE INTO retrieval_policies (region, strategy, bytes_per_hour)"
        " VALUES (?, ?, ?)",
        (region, policy.strategy, policy.bytes_per_hour),
    )
