"""Multipart uploads and their parts in the catalogue."""

from typing import Any

from glaciercli.server.catalogue import archives, vaults
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import (
    NewArchive,
    NewBlob,
    Segment,
    UploadRecord,
    UploadState,
)

_COLUMNS = "id, upload_id, description, part_bytes, created_at, state, archive_id, size, tree_hash"


def insert(
    tx: Transaction,
    vault_row: int,
    *,
    upload_id: str,
    description: str,
    part_bytes: int,
    now_ms: int,
) -> None:
    """Enter a new upload."""
    tx.execute(
        """
        INSERT INTO uploads
            (vault, upload_id, description, part_bytes, created_at, touched_at, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, 'open')
        """,
        (vault_row, upload_id, description, part_bytes, now_ms),
    )


def find(
    tx: Transaction, vault_row: int, upload_id: str, *, idle_since_ms: int
) -> UploadRecord | None:
    """Return an upload of a vault in any state, unless it was idle for too long."""
    row = tx.execute(
        f"SELECT {_COLUMNS} FROM uploads WHERE vault = ? AND upload_id = ? AND touched_at > ?",
        (vault_row, upload_id, idle_since_ms),
    ).fetchone()
    return _record(row) if row else None


def page(
    tx: Transaction, vault_row: int, *, first_row: int, limit: int, idle_since_ms: int
) -> list[UploadRecord]:
    """Return up to ``limit`` open uploads of a vault, oldest first."""
    rows = tx.execute(
        f"""
        SELECT {_COLUMNS} FROM uploads
        WHERE vault = ? AND id >= ? AND state = 'open' AND touched_at > ? ORDER BY id LIMIT ?
        """,
        (vault_row, first_row, idle_since_ms, limit),
    )
    return [_record(row) for row in rows]


def put_part(
    tx: Transaction, upload_row: int, start: int, blob: NewBlob, *, now_ms: int
) -> list[str]:
    """Enter a part in its place; return the files of the one that it replaces."""
    replaced = tx.execute(
        "DELETE FROM parts WHERE upload = ? AND start = ? RETURNING blob", (upload_row, start)
    ).fetchall()
    tx.execute(
        "INSERT INTO parts (upload, start, blob) VALUES (?, ?, ?)",
        (upload_row, start, archives.insert_blob(tx, blob)),
    )
    tx.execute("UPDATE uploads SET touched_at = ? WHERE id = ?", (now_ms, upload_row))
    return vaults.remove_blobs(tx, [row[0] for row in replaced])


def parts(
    tx: Transaction, upload_row: int, *, first_start: int = 0, limit: int = -1
) -> list[Segment]:
    """Return parts in order of their place, all of them unless limited."""
    rows = tx.execute(
        """
        SELECT parts.start, blobs.id, blobs.file, blobs.size, blobs.tree_hash
        FROM parts JOIN blobs ON blobs.id = parts.blob
        WHERE upload = ? AND parts.start >= ? ORDER BY parts.start LIMIT ?
        """,
        (upload_row, first_start, limit),
    )
    return [archives.segment(row) for row in rows]


def complete(tx: Transaction, upload_row: int, archive: NewArchive, *, now_ms: int) -> None:
    """Note which archive an upload became; its blobs belong to that archive now."""
    tx.execute("DELETE FROM parts WHERE upload = ?", (upload_row,))
    tx.execute(
        """
        UPDATE uploads SET state = 'completed', touched_at = ?, archive_id = ?, size = ?,
            tree_hash = ? WHERE id = ?
        """,
        (now_ms, archive.archive_id, archive.size_bytes, archive.tree_hash, upload_row),
    )


def abort(tx: Transaction, upload_row: int, *, now_ms: int) -> list[str]:
    """Drop an open upload; return the files that nothing needs any more.

    Doing so again changes nothing, not even when the upload is forgotten.
    """
    freed = _free_parts(tx, upload_row)
    tx.execute(
        "UPDATE uploads SET state = 'aborted', touched_at = ? WHERE id = ? AND state = 'open'",
        (now_ms, upload_row),
    )
    return freed


def purge(tx: Transaction, *, idle_since_ms: int) -> list[str]:
    """Forget uploads that were idle for too long; return the files that nothing needs."""
    idle = tx.execute("SELECT id FROM uploads WHERE touched_at <= ?", (idle_since_ms,)).fetchall()
    freed = [file for (row,) in idle for file in _free_parts(tx, row)]
    tx.execute("DELETE FROM uploads WHERE touched_at <= ?", (idle_since_ms,))
    return freed


def _free_parts(tx: Transaction, upload_row: int) -> list[str]:
    freed = tx.execute("DELETE FROM parts WHERE upload = ? RETURNING blob", (upload_row,))
    return vaults.remove_blobs(tx, [row[0] for row in freed.fetchall()])


def _record(row: tuple[Any, ...]) -> UploadRecord:
    return UploadRecord(
        row=row[0],
        upload_id=row[1],
        description=row[2],
        part_bytes=row[3],
        created_ms=row[4],
        state=UploadState(row[5]),
        archive_id=row[6],
        size_bytes=row[7],
        tree_hash=row[8],
    )
