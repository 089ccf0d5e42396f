"""The archives of a vault, compared with the files of a directory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from glaciercli.core.marks import attributes_of
from glaciercli.core.sync_links import FurtherName
from glaciercli.core.sync_merge import NOT_PLAIN, StoredRow
from glaciercli.core.sync_plan import USUAL_MODE
from glaciercli.keymap import described
from glaciercli.keymap.archives import COLUMNS, archive_of
from glaciercli.keymap.codes import (
    CONFIRMED,
    DELETED,
    DELETING,
    EMPTY,
    LIVE,
    MISSING,
    STAND_IN,
    UNSETTLED,
    UPLOADED,
)
from glaciercli.keymap.database import Database, Parameter, encode_text
from glaciercli.keymap.names import between, end_of
from glaciercli.keymap.values import blob, integer, to_ms
from glaciercli.model.archives import Archive
from glaciercli.model.vaults import KnownVault

#: How many rows are read at once.  A question that is left half answered keeps every other run
#: from committing; so each page is read whole before anything of it is handed out.
_PAGE_ROWS = 5000

#: The name is read as bytes: they sort as the index does, and need no decoding.
_ROW = (
    "CAST(name AS BLOB), size_bytes, modified_ns,"
    f" iif(state IN ({MISSING}, {UNSETTLED}, {DELETING}) OR gone_at IS NOT NULL"
    # Nobody told the size of what is not empty and has no bytes.
    f" OR size_bytes = 0 AND state <> {EMPTY}, {NOT_PLAIN}, coalesce(mode, {USUAL_MODE})),"
    " archive_key, uploaded_at"
)


class Trees:
    """Questions about the archives that stand for a directory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, vault: KnownVault, *, prefix: str) -> Iterator[list[StoredRow]]:
        """Yield what is known below a prefix, in order of name, the newest version last.

        Archives that are about to be deleted are among them, deleted ones are not.
        """
        low = encode_text(prefix) or b""
        bounds, values = between(low, end_of(low))
        while True:
            page = self._page(vault, bounds, values)
            if page:
                yield page
            if len(page) < _PAGE_ROWS:
                return
            name, *_, key, uploaded_at = page[-1]
            begin, values = between(name, end_of(low))
            bounds = f"{begin} AND (name > CAST(? AS TEXT) OR (uploaded_at, archive_key) > (?, ?))"
            values = (*values, name, uploaded_at, key)

    def hashes(self, keys: Sequence[int]) -> dict[int, bytes]:
        """Return the tree hashes of those archives that are surely stored, and plain files.

        For these the row and the hash say all that a comparison needs; of others ``archive`` tells.
        """
        marks = ", ".join("?" for _ in keys)
        rows = self._database.query(
            "SELECT archive_key, tree_hash FROM archives"
            f" WHERE archive_key IN ({marks}) AND state IN ({UPLOADED}, {CONFIRMED})"
            # A description that follows from the row is that of a file, and of no other kind.
            " AND tree_hash IS NOT NULL AND typeof(description) = 'integer'",
            tuple(keys),
        )
        return {integer(key): blob(tree_hash) for key, tree_hash in rows}

    def archive(self, vault: KnownVault, key: int) -> Archive:
        """Return the archive of a row."""
        row = self._database.one(f"SELECT {COLUMNS} FROM archives WHERE archive_key = ?", (key,))
        assert row is not None
        return archive_of(row, vault.identity)

    def further_names(self, vault: KnownVault) -> Iterator[FurtherName]:
        """Yield what the names of a vault are that stand for a file of another name."""
        rows = self._database.query_many(
            f"SELECT {COLUMNS} FROM archives WHERE vault_key = ? AND {STAND_IN}"
            # What most descriptions say follows from the row, and no text is kept of it.
            " AND typeof(description) IN ('text', 'blob')",
            (vault.key,),
        )
        for row in [row for page in rows for row in page]:
            archive = archive_of(row, vault.identity)
            first = attributes_of(archive).linked_to
            if first is not None and self._is_newest(vault, archive):
                yield FurtherName(name=archive.label, first=first)

    def _is_newest(self, vault: KnownVault, archive: Archive) -> bool:
        row = self._database.one(
            f"SELECT archive_key FROM archives WHERE vault_key = ? AND name = CAST(? AS TEXT)"
            f" AND {LIVE} ORDER BY uploaded_at DESC, archive_key DESC LIMIT 1",
            (vault.key, encode_text(archive.label)),
        )
        return row is not None and row[0] == archive.key

    def note(self, key: int, *, modified_ns: int, mode: int) -> None:
        """Write down what the file of an archive is like now, its content apart: it is there."""
        told = described.words(self._database, key)
        if told is not None:
            described.write(self._database, key, replace(told, modified_ns=modified_ns))
        self._database.execute(
            "UPDATE archives SET mode = ?, gone_at = NULL WHERE archive_key = ?", (mode, key)
        )

    def miss(self, key: int, *, since: datetime) -> None:
        """Write down that the file of an archive is gone, unless that was written before."""
        self._database.execute(
            "UPDATE archives SET gone_at = ? WHERE archive_key = ? AND gone_at IS NULL",
            (to_ms(since), key),
        )

    def _page(
        self, vault: KnownVault, bounds: str, values: tuple[Parameter, ...]
    ) -> list[StoredRow]:
        # In the order of the index, whose last column is the key.
        pages = self._database.query_many(
            f"SELECT {_ROW} FROM archives WHERE vault_key = ? AND {bounds} AND state <> {DELETED}"
            f" ORDER BY name, uploaded_at LIMIT {_PAGE_ROWS}",
            (vault.key, *values),
        )
        return [row for page in pages for row in page]
