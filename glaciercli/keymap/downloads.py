"""Downloads under way, and the ranges of them that are safely on the disk."""

from collections.abc import Iterator
from datetime import datetime

from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.values import blob, integer, text, to_ms
from glaciercli.model.downloads import Download
from glaciercli.model.ranges import ByteRange, HashedSpan


class Downloads:
    """At most one download for each archive and target."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, archive_key: int, target: str) -> Download | None:
        """Return the download of an archive into a target, if one was begun."""
        row = self._database.one(
            "SELECT download_key, partial, range_bytes FROM downloads"
            " WHERE archive_key = ? AND target = CAST(? AS TEXT)",
            (archive_key, encode_text(target)),
        )
        if row is None:
            return None
        key, partial, range_bytes = row
        return _download((key, archive_key, target, partial, range_bytes))

    def begun(self) -> Iterator[Download]:
        """Yield every download that was begun, of any vault."""
        rows = self._database.query(
            "SELECT download_key, archive_key, target, partial, range_bytes FROM downloads"
        )
        return map(_download, rows)

    def begin(
        self, archive_key: int, target: str, *, partial: str, range_bytes: int, begun_at: datetime
    ) -> Download:
        """Commit to a download before its temporary file is made."""
        key = self._database.execute(
            "INSERT INTO downloads (archive_key, target, partial, range_bytes, begun_at)"
            " VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?)",
            (archive_key, encode_text(target), encode_text(partial), range_bytes, to_ms(begun_at)),
        )
        return Download(
            key=key,
            archive_key=archive_key,
            target=target,
            partial=partial,
            range_bytes=range_bytes,
        )

    def record_range(self, key: int, span: ByteRange, tree_hash: bytes) -> None:
        """Record a range whose bytes have reached the disk."""
        self._database.execute(
            "INSERT OR REPLACE INTO download_ranges (download_key, start, stop, tree_hash)"
            " VALUES (?, ?, ?, ?)",
            (key, span.start, span.stop, tree_hash),
        )

    def ranges(self, key: int) -> list[HashedSpan]:
        """Return the recorded ranges in order, each with its tree hash."""
        rows = self._database.query(
            "SELECT start, stop, tree_hash FROM download_ranges"
            " WHERE download_key = ? ORDER BY start",
            (key,),
        )
        return [
            HashedSpan(span=ByteRange(integer(start), integer(stop)), tree_hash=blob(tree))
            for start, stop, tree in rows
        ]

    def held_bytes(self, archive_key: int | None = None) -> int:
        """Return how much of an archive, or of all, is on the disk in downloads under way.

        Of an archive that goes to several places, the download that is furthest counts.
        """
        row = self._database.one(
            "SELECT coalesce(max(held), 0), coalesce(sum(held), 0) FROM"
            " (SELECT sum(stop - start) AS held FROM download_ranges JOIN downloads"
            " USING (download_key) WHERE ?1 IS NULL OR archive_key = ?1 GROUP BY download_key)",
            (archive_key,),
        )
        assert row is not None
        most, all_together = map(integer, row)
        return all_together if archive_key is None else most

    def end(self, key: int) -> None:
        """Drop a download: it is complete, or is given up."""
        self._database.execute("DELETE FROM downloads WHERE download_key = ?", (key,))


def _download(row: tuple[object, ...]) -> Download:
    key, archive_key, target, partial, range_bytes = row
    return Download(
        key=integer(key),
        archive_key=integer(archive_key),
        target=text(target),
        partial=text(partial),
        range_bytes=integer(range_bytes),
    )
