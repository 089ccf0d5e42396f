"""The content files that the catalogue refers to, for whoever checks or clears them."""

import sqlite3
from dataclasses import dataclass

from glaciercli.errors import FileProblem
from glaciercli.server import machine
from glaciercli.server.catalogue.database import Database, Transaction

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContent:
    """A content file as it should be."""

    row: int
    file: str
    size_bytes: int
    tree_hash: bytes


def count(tx: Transaction) -> int:
    """Return how many content files there should be."""
    return int(tx.execute("SELECT count(*) FROM blobs").fetchone()[0])


def page(tx: Transaction, *, after_row: int) -> list[StoredContent]:
    """Return the next content files that there should be, oldest first; none at the end."""
    rows = tx.execute(
        "SELECT id, file, size, tree_hash FROM blobs WHERE id > ? ORDER BY id LIMIT ?",
        (after_row, _PAGE),
    )
    return [
        StoredContent(row=row[0], file=row[1], size_bytes=row[2], tree_hash=row[3]) for row in rows
    ]


def is_known(tx: Transaction, content: StoredContent) -> bool:
    """Tell whether a file should still be there."""
    row = tx.execute("SELECT 1 FROM blobs WHERE id = ?", (content.row,)).fetchone()
    return row is not None


def archives_in(tx: Transaction, content: StoredContent) -> list[str]:
    """Return the IDs of the archives that a file belongs to, deleted ones left out."""
    rows = tx.execute(
        """
        SELECT archive_id FROM segments JOIN archives ON archives.id = segments.archive
        WHERE blob = ? AND deleted_at IS NULL ORDER BY archive_id
        """,
        (content.row,),
    )
    return [row[0] for row in rows]


def is_surely_unknown(catalogue: Database, file: str, *, after: BaseException) -> bool:
    """Tell whether a file did not get into the catalogue by a step that failed.

    Where that cannot be told for certain the answer is no.
    """
    # What the disk did not take in order it may show all the same after a power cut.
    if machine.primary_code(after) == sqlite3.SQLITE_IOERR:
        return False
    try:
        with catalogue.reading() as tx:
            return not _is_referred_to(tx, file)
    except (sqlite3.Error, FileProblem):
        return False


def _is_referred_to(tx: Transaction, file: str) -> bool:
    row = tx.execute(
        "SELECT 1 FROM blobs WHERE file = ?1 UNION ALL SELECT 1 FROM jobs WHERE output_file = ?1",
        (file,),
    ).fetchone()
    return row is not None
