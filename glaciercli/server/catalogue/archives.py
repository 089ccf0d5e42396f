"""Archives in the catalogue, the blobs they consist of, and the rows of an inventory."""

from typing import Any

from glaciercli.server.catalogue import vaults
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import (
    ArchiveRecord,
    NewArchive,
    NewBlob,
    Segment,
    Snapshot,
    VaultRecord,
)

_COLUMNS = "id, vault, archive_id, description, size, tree_hash, created_at, deleted_at IS NOT NULL"
_QUALIFIED = (
    "archives.id, archives.vault, archive_id, archives.description, size, tree_hash,"
    " archives.created_at, deleted_at IS NOT NULL"
)
_DIGEST_BYTES = 32


def insert_blob(tx: Transaction, blob: NewBlob) -> int:
    """Enter a file of content; return its row."""
    row = tx.execute(
        "INSERT INTO blobs (file, size, tree_hash, leaves) VALUES (?, ?, ?, ?) RETURNING id",
        (blob.file, blob.size_bytes, blob.tree_hash, blob.leaves),
    ).fetchone()
    return int(row[0])


def insert(
    tx: Transaction,
    vault: VaultRecord,
    archive: NewArchive,
    places: list[tuple[int, int]],
    *,
    now_ms: int,
) -> None:
    """Enter an archive that consists of blobs, each given as its offset and its row."""
    write = vaults.count_write(
        tx, vault.row, now_ms=now_ms, archives=1, size_bytes=archive.size_bytes
    )
    row = tx.execute(
        """
        INSERT INTO archives
            (vault, archive_id, description, size, tree_hash, created_at, created_write)
        VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id
        """,
        (
            vault.row,
            archive.archive_id,
            archive.description,
            archive.size_bytes,
            archive.tree_hash,
            now_ms,
            write,
        ),
    ).fetchone()
    tx.executemany(
        "INSERT INTO segments (archive, start, blob) VALUES (?, ?, ?)",
        ((row[0], start, blob) for start, blob in places),
    )


def find(tx: Transaction, region: str, archive_id: str) -> ArchiveRecord | None:
    """Return an archive of any vault in a region, deleted ones included, or ``None``."""
    row = tx.execute(
        f"""
        SELECT {_QUALIFIED} FROM archives JOIN vaults ON vaults.id = archives.vault
        WHERE archive_id = ? AND region = ?
        """,
        (archive_id, region),
    ).fetchone()
    return record(row) if row else None


def get(tx: Transaction, archive_row: int) -> ArchiveRecord:
    """Return an archive by its row."""
    row = tx.execute(f"SELECT {_COLUMNS} FROM archives WHERE id = ?", (archive_row,)).fetchone()
    return record(row)


def mark_deleted(tx: Transaction, archive: ArchiveRecord, *, now_ms: int) -> list[str]:
    """Delete an archive; return the files that nothing needs any more."""
    write = vaults.count_write(
        tx, archive.vault_row, now_ms=now_ms, archives=-1, size_bytes=-archive.size_bytes
    )
    tx.execute(
        "UPDATE archives SET deleted_at = ?, deleted_write = ? WHERE id = ?",
        (now_ms, write, archive.row),
    )
    return release(tx, archive.row)


def release(tx: Transaction, archive_row: int) -> list[str]:
    """Free the content of a deleted archive unless a job still needs it; return the files."""
    freed = tx.execute(
        """
        DELETE FROM segments WHERE archive = ?1
            AND (SELECT deleted_at FROM archives WHERE id = ?1) IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM jobs WHERE archive = ?1 AND failure IS NULL)
        RETURNING blob
        """,
        (archive_row,),
    ).fetchall()
    return vaults.remove_blobs(tx, [row[0] for row in freed])


def segments(tx: Transaction, archive_row: int, start: int, stop: int) -> list[Segment]:
    """Return the files that hold a stretch of an archive, in order."""
    rows = tx.execute(
        """
        SELECT segments.start, blobs.id, blobs.file, blobs.size, blobs.tree_hash
        FROM segments JOIN blobs ON blobs.id = segments.blob
        WHERE archive = ? AND segments.start < ? AND segments.start + blobs.size > ?
        ORDER BY segments.start
        """,
        (archive_row, stop, start),
    )
    return [segment(row) for row in rows]


def leaf_digests(tx: Transaction, blob_row: int, first: int, count: int) -> list[bytes]:
    """Return the digests of some consecutive MiB of a blob."""
    row = tx.execute(
        "SELECT substr(leaves, ?, ?) FROM blobs WHERE id = ?",
        (first * _DIGEST_BYTES + 1, count * _DIGEST_BYTES, blob_row),
    ).fetchone()
    joined: bytes = row[0]
    return [joined[at : at + _DIGEST_BYTES] for at in range(0, len(joined), _DIGEST_BYTES)]


def listed(
    tx: Transaction, vault_row: int, snapshot: Snapshot, *, after: tuple[int, int], limit: int
) -> list[ArchiveRecord]:
    """Return a page of what an inventory saw, by creation date and then by row.

    ``after`` is the creation date and the row of the last archive of the page before.
    """
    rows = tx.execute(
        f"""
        SELECT {_COLUMNS} FROM archives
        WHERE vault = ? AND (created_at, id) > (?, ?) AND created_at <= ? AND created_write <= ?
            AND (deleted_at IS NULL OR deleted_at > ? OR deleted_write > ?)
        ORDER BY created_at, id LIMIT ?
        """,
        (
            vault_row,
            *after,
            snapshot.until_ms,
            snapshot.until_write,
            snapshot.until_ms,
            snapshot.until_write,
            limit,
        ),
    )
    return [record(row) for row in rows]


def known_files(tx: Transaction) -> set[str]:
    """Return the names of all files that the catalogue refers to."""
    rows = tx.execute(
        """
        SELECT file FROM blobs
        UNION ALL SELECT output_file FROM jobs WHERE output_file IS NOT NULL
        """
    )
    return {row[0] for row in rows}


def segment(row: tuple[Any, ...]) -> Segment:
    """Return a row of place and blob as a value."""
    return Segment(start=row[0], blob_row=row[1], file=row[2], size_bytes=row[3], tree_hash=row[4])


def record(row: tuple[Any, ...]) -> ArchiveRecord:
    """Return a row of an archive as a value."""
    return ArchiveRecord(
        row=row[0],
        vault_row=row[1],
        archive_id=row[2],
        description=row[3],
        size_bytes=row[4],
        tree_hash=row[5],
        created_ms=row[6],
        deleted=bool(row[7]),
    )
