"""The access policies of vaults, as the text that was set."""

from glaciercli.server.catalogue.database import Transaction


def find(tx: Transaction, vault_row: int) -> str | None:
    """Return the access policy of a vault, or ``None``."""
    row = tx.execute("SELECT policy FROM access_policies WHERE vault = ?", (vault_row,)).fetchone()
    return str(row[0]) if row else None


def put(tx: Transaction, vault_row: int, policy: str) -> None:
    """Set the access policy of a vault, in place of an earlier one."""
    tx.execute(
        "INSERT OR REPLACE INTO access_policies (vault, policy) VALUES (?, ?)",
        (vault_row, policy),
    )


def remove(tx: Transaction, vault_row: int) -> None:
    """Drop the access policy of a vault, if it has one."""
    tx.execute("DELETE FROM access_policies WHERE vault = ?", (vault_row,))
