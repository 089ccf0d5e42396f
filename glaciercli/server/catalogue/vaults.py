"""Vaults in the catalogue, and what their inventories saw."""

import sqlite3
from typing import Any

from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import Snapshot, VaultRecord

_COLUMNS = "id, name, created_at, last_write_at, write_count, live_count, live_bytes"


def find(tx: Transaction, region: str, name: str) -> VaultRecord | None:
    """Return the vault of that name in a region, or ``None``."""
    row = tx.execute(
        f"SELECT {_COLUMNS} FROM vaults WHERE region = ? AND name = ?", (region, name)
    ).fetchone()
    return _record(row) if row else None


def page(tx: Transaction, region: str, first_name: str, limit: int) -> list[VaultRecord]:
    """Return up to ``limit`` vaults in ASCII order, from a name on."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM vaults WHERE region = ? AND name >= ? ORDER BY name LIMIT ?",
        (region, first_name, limit),
    )
    return [_record(row) for row in rows]


def count(tx: Transaction, region: str) -> int:
    """Return how many vaults a region has."""
    row = tx.execute("SELECT count(*) FROM vaults WHERE region = ?", (region,)).fetchone()
    return int(row[0])


def exist(tx: Transaction) -> bool:
    """Tell whether there is a vault in any region."""
    return bool(tx.execute("SELECT EXISTS (SELECT 1 FROM vaults)").fetchone()[0])


def insert(tx: Transaction, region: str, name: str, now_ms: int) -> None:
    """Enter a new vault."""
    tx.execute(
        "INSERT INTO vaults (region, name, created_at) VALUES (?, ?, ?)", (region, name, now_ms)
    )


def delete(tx: Transaction, vault_row: int) -> list[str]:
    """Remove a vault with all it has; return the files that nothing needs any more."""
    outputs = tx.execute(
        "SELECT output_file FROM jobs WHERE vault = ? AND output_file IS NOT NULL", (vault_row,)
    ).fetchall()
    held = tx.execute(
        """
        SELECT blob FROM segments WHERE archive IN (SELECT id FROM archives WHERE vault = ?1)
        UNION SELECT blob FROM parts WHERE upload IN (SELECT id FROM uploads WHERE vault = ?1)
        """,
        (vault_row,),
    ).fetchall()
    tx.execute("DELETE FROM jobs WHERE vault = ?", (vault_row,))
    tx.execute("DELETE FROM vaults WHERE id = ?", (vault_row,))
    return [row[0] for row in outputs] + remove_blobs(tx, [row[0] for row in held])


def remove_blobs(tx: Transaction, blob_rows: list[int]) -> list[str]:
    """Forget blobs that nothing refers to any more; return their files."""
    freed = (
        tx.execute("DELETE FROM blobs WHERE id = ? RETURNING file", (row,)).fetchone()
        for row in blob_rows
    )
    return [row[0] for row in freed]


def count_write(
    tx: Transaction, vault_row: int, *, now_ms: int, archives: int, size_bytes: int
) -> int:
    """Note that archives came or went (negative); return the number of this write."""
    row = tx.execute(
        """
        UPDATE vaults SET last_write_at = max(coalesce(last_write_at, 0), ?),
            write_count = write_count + 1, live_count = live_count + ?, live_bytes = live_bytes + ?
        WHERE id = ? RETURNING write_count
        """,
        (now_ms, archives, size_bytes, vault_row),
    ).fetchone()
    return int(row[0])


def last_write_until(tx: Transaction, vault_row: int, until_ms: int) -> int | None:
    """Return when the last write up to a moment was, or ``None`` where there was none."""
    row = tx.execute(
        """
        SELECT max(at) FROM (
            SELECT max(created_at) AS at FROM archives WHERE vault = ?1 AND created_at <= ?2
            UNION ALL
            SELECT max(deleted_at) FROM archives
            WHERE vault = ?1 AND deleted_at IS NOT NULL AND deleted_at <= ?2
        )
        """,
        (vault_row, until_ms),
    ).fetchone()
    return None if row[0] is None else int(row[0])


def seen_by(tx: Transaction, vault: VaultRecord, snapshot: Snapshot) -> tuple[int, int]:
    """Return how many archives, and how many bytes, an inventory saw.

    The live counters are known; only what changed since the snapshot is looked at.
    """
    parameters = (vault.row, snapshot.until_ms)
    came = tx.execute(
        """
        SELECT count(*), coalesce(sum(size), 0) FROM archives
        WHERE vault = ?1 AND created_at > ?2 AND deleted_at IS NULL
        """,
        parameters,
    ).fetchone()
    went = tx.execute(
        """
        SELECT count(*), coalesce(sum(size), 0) FROM archives
        WHERE vault = ?1 AND deleted_at IS NOT NULL AND deleted_at > ?2 AND created_at <= ?2
        """,
        parameters,
    ).fetchone()
    return vault.live_count - came[0] + went[0], vault.live_bytes - came[1] + went[1]


def _record(row: sqlite3.Row | tuple[Any, ...]) -> VaultRecord:
    return VaultRecord(
        row=row[0],
        name=row[1],
        created_ms=row[2],
        last_write_ms=row[3],
        write_count=row[4],
        live_count=row[5],
        live_bytes=row[6],
    )
