"""The upload ledger: intent before act, so that any kill leaves something to continue from."""

from collections.abc import Iterator
from datetime import datetime

from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.values import (
    blob,
    blob_or_none,
    integer,
    integer_or_none,
    member,
    text,
    text_or_none,
    to_ms,
)
from glaciercli.model.files import FileIdentity
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.uploads import LedgerEntry, UploadIntent, UploadStage

_COLUMNS = (
    "upload_key, name, path, size_bytes, modified_ns, device, inode, part_bytes, description, tag,"
    " upload_id, stage, tree_hash"
)


class Uploads:
    """The uploads under way in each vault; at most one for each name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, vault_key: int, intent: UploadIntent, *, begun_at: datetime) -> LedgerEntry:
        """Commit to an upload before anything of it is sent."""
        source = intent.source
        key = self._database.execute(
            "INSERT INTO uploads (vault_key, name, path, size_bytes, modified_ns, device, inode,"
            " part_bytes, description, tag, stage, begun_at) VALUES"
            " (?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?, ?, CAST(? AS TEXT), ?, ?, ?)",
            (
                vault_key,
                encode_text(intent.name),
                encode_text("" if source is None else source.path),
                None if source is None else source.size_bytes,
                None if source is None else source.modified_ns,
                None if source is None else source.device,
                None if source is None else source.inode,
                intent.part_bytes,
                encode_text(intent.description),
                intent.tag,
                UploadStage.INTENDED.value,
                to_ms(begun_at),
            ),
        )
        return LedgerEntry(
            key=key,
            intent=intent,
            upload_id=None,
            stage=UploadStage.INTENDED,
            size_bytes=None if source is None else source.size_bytes,
            tree_hash=None,
        )

    def find(self, vault_key: int, name: str) -> LedgerEntry | None:
        """Return the upload under way for a name."""
        row = self._database.one(
            f"SELECT {_COLUMNS} FROM uploads WHERE vault_key = ? AND name = CAST(? AS TEXT)",
            (vault_key, encode_text(name)),
        )
        return None if row is None else _entry(row)

    def under_way(self, vault_key: int) -> Iterator[LedgerEntry]:
        """Yield every upload of a vault, in order of name."""
        rows = self._database.query(
            f"SELECT {_COLUMNS} FROM uploads WHERE vault_key = ? ORDER BY name", (vault_key,)
        )
        return (_entry(row) for row in rows)

    def opened(self, key: int, upload_id: str) -> None:
        """Record the service's ID, before a part is sent under it."""
        self._database.execute(
            "UPDATE uploads SET upload_id = ? WHERE upload_key = ?", (upload_id, key)
        )

    def committing(self, key: int, stage: UploadStage, *, size_bytes: int, tree: bytes) -> None:
        """Record that the next request may create the archive."""
        self._database.execute(
            "UPDATE uploads SET stage = ?, size_bytes = ?, tree_hash = ? WHERE upload_key = ?",
            (stage.value, size_bytes, tree, key),
        )

    def retreat(self, key: int) -> None:
        """Record that the service did not create the archive after all."""
        self._database.execute(
            "UPDATE uploads SET stage = ? WHERE upload_key = ?", (UploadStage.INTENDED.value, key)
        )

    def record_part(self, key: int, part: HashedSpan) -> None:
        """Record a part that the service holds."""
        self._database.execute(
            "INSERT OR REPLACE INTO upload_parts (upload_key, start, stop, tree_hash)"
            " VALUES (?, ?, ?, ?)",
            (key, part.span.start, part.span.stop, part.tree_hash),
        )

    def parts(self, key: int) -> list[HashedSpan]:
        """Return the recorded parts in order."""
        rows = self._database.query(
            "SELECT start, stop, tree_hash FROM upload_parts WHERE upload_key = ? ORDER BY start",
            (key,),
        )
        return [
            HashedSpan(span=ByteRange(integer(start), integer(stop)), tree_hash=blob(tree))
            for start, stop, tree in rows
        ]

    def end(self, key: int) -> None:
        """Drop the entry and its parts: the upload is an archive, or is given up."""
        self._database.execute("DELETE FROM uploads WHERE upload_key = ?", (key,))


def _entry(row: tuple[object, ...]) -> LedgerEntry:
    key, name, path, size_bytes, modified_ns, device, inode, part_bytes = row[:8]
    description, tag, upload_id, stage, tree_hash = row[8:]
    source = None
    if text(path):
        source = FileIdentity(
            path=text(path),
            size_bytes=integer(size_bytes),
            modified_ns=integer(modified_ns),
            device=integer(device),
            inode=integer(inode),
        )
    return LedgerEntry(
        key=integer(key),
        intent=UploadIntent(
            name=text(name),
            source=source,
            part_bytes=integer(part_bytes),
            description=text(description),
            tag=text_or_none(tag),
        ),
        upload_id=text_or_none(upload_id),
        stage=member(UploadStage, stage),
        size_bytes=integer_or_none(size_bytes),
        tree_hash=blob_or_none(tree_hash),
    )
