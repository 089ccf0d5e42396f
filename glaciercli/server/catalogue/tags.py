"""The tags of vaults."""

from collections.abc import Iterable, Mapping

from glaciercli.server.catalogue.database import Transaction


def find(tx: Transaction, vault_row: int) -> dict[str, str]:
    """Return the tags of a vault, in order of their keys."""
    rows = tx.execute("SELECT key, value FROM tags WHERE vault = ? ORDER BY key", (vault_row,))
    return dict(rows.fetchall())


def put(tx: Transaction, vault_row: int, added: Mapping[str, str]) -> None:
    """Add tags to a vault; a key that it has gets the new value."""
    tx.executemany(
        "INSERT OR REPLACE INTO tags (vault, key, value) VALUES (?, ?, ?)",
        ((vault_row, key, value) for key, value in added.items()),
    )


def remove(tx: Transaction, vault_row: int, keys: Iterable[str]) -> None:
    """Drop tags from a vault; a key that it lacks is no error."""
    tx.executemany(
        "DELETE FROM tags WHERE vault = ? AND key = ?", ((vault_row, key) for key in keys)
    )
