"""The upload ledger: intent before act, so that any kill leaves something to continue from."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.values import (
    blob,
    blob_or_none,
    from_ms,
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
    " upload_id, stage, tree_hash, begun_at"
)


#: Whoever reads an export of the key map may have numbers of 53 bits only.
_KEY_BITS = 52


class Uploads:
    """The uploads under way in each vault; at most one for each name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, vault_key: int, intent: UploadIntent, *, begun_at: datetime) -> LedgerEntry:
        """Commit to an upload in parts before anything of it is sent."""
        source = intent.source
        entry = LedgerEntry(
            key=0,
            intent=intent,
            upload_id=None,
            stage=UploadStage.INTENDED,
            begun_at=begun_at,
            size_bytes=None if source is None else source.size_bytes,
            tree_hash=None,
        )
        return self._insert(vault_key, entry)

    def begin_sending(
        self,
        vault_key: int,
        intent: UploadIntent,
        *,
        size_bytes: int,
        tree: bytes,
        begun_at: datetime,
    ) -> LedgerEntry:
        """Record that the next request may create the archive, all of it at once."""
        entry = LedgerEntry(
            key=0,
            intent=intent,
            upload_id=None,
            stage=UploadStage.SENDING,
            begun_at=begun_at,
            size_bytes=size_bytes,
            tree_hash=tree,
        )
        return self._insert(vault_key, entry)

    def _insert(self, vault_key: int, entry: LedgerEntry) -> LedgerEntry:
        intent, source = entry.intent, entry.intent.source
        # Drawn and not counted: where a disk takes back what was begun and what was ended before,
        # the number of the one would be that of the other again.
        key = self._database.execute(
            "INSERT INTO uploads (upload_key, vault_key, name, path, size_bytes, modified_ns,"
            " device, inode, part_bytes, description, tag, stage, tree_hash, begun_at) VALUES"
            " (?, ?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?, ?, CAST(? AS TEXT), ?, ?, ?, ?)",
            (
                secrets.randbits(_KEY_BITS),
                vault_key,
                encode_text(intent.name),
                encode_text("" if source is None else source.path),
                entry.size_bytes,
                None if source is None else source.modified_ns,
                None if source is None else source.device,
                None if source is None else source.inode,
                intent.part_bytes,
                encode_text(intent.description),
                intent.tag,
                entry.stage.value,
                entry.tree_hash,
                to_ms(entry.begun_at),
            ),
        )
        return replace(entry, key=key)

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

    def opened(self, entry: LedgerEntry, upload_id: str) -> LedgerEntry:
        """Record the service's ID, before a part is sent under it."""
        self._database.execute(
            "UPDATE uploads SET upload_id = ? WHERE upload_key = ?", (upload_id, entry.key)
        )
        return replace(entry, upload_id=upload_id)

    def completing(self, entry: LedgerEntry, *, size_bytes: int, tree: bytes) -> LedgerEntry:
        """Record that the next request may make the parts an archive."""
        stage = UploadStage.COMPLETING
        self._database.execute(
            "UPDATE uploads SET stage = ?, size_bytes = ?, tree_hash = ? WHERE upload_key = ?",
            (stage.value, size_bytes, tree, entry.key),
        )
        return replace(entry, stage=stage, size_bytes=size_bytes, tree_hash=tree)

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
    description, tag, upload_id, stage, tree_hash, begun_at = row[8:]
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
        begun_at=from_ms(begun_at),
        size_bytes=integer_or_none(size_bytes),
        tree_hash=blob_or_none(tree_hash),
    )
