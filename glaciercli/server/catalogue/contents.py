"""The content files that the catalogue refers to, for whoever checks them."""

from collections.abc import Iterator
from dataclasses import dataclass

from glaciercli.server.catalogue.database import Transaction

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


def stored(tx: Transaction) -> Iterator[StoredContent]:
    """Yield every content file that there should be, oldest first."""
    after = 0
    while page := _page(tx, after):
        yield from page
        after = page[-1].row


def _page(tx: Transaction, after: int) -> list[StoredContent]:
    rows = tx.execute(
        "SELECT id, file, size, tree_hash FROM blobs WHERE id > ? ORDER BY id LIMIT ?",
        (after, _PAGE),
    )
    return [
        StoredContent(row=row[0], file=row[1], size_bytes=row[2], tree_hash=row[3]) for row in rows
    ]


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
