"""The staging of another tool's store, and what is made of it.

Records go into a temporary table first: so a torn store changes nothing, and those of one archive
come together whatever their order and number.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby

from glaciercli.core.foreign_stores.records import Event, Naming, StoreRecord
from glaciercli.core.takeover import Change, Present, Remembered, fold
from glaciercli.keymap import identifiers, listed_dates
from glaciercli.keymap.database import Database, Parameters, encode_text
from glaciercli.keymap.values import (
    blob_or_none,
    from_ms_or_none,
    integer,
    integer_or_none,
    member,
    nanoseconds,
    text,
    text_or_none,
    to_ms_or_none,
)
from glaciercli.model.archives import ArchiveState

_COLUMNS = "archive_id, event, at, name, source, format, description, size, digest, modified_ns"


class Takeovers:
    """A store that is being taken over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stage(self, records: Iterable[StoreRecord]) -> None:
        """Take in records; whatever they raise leaves nothing behind.

        Only a temporary table is written, so the file stays free for other runs.
        """
        with self._savepoint():
            self.unstage()
            self._database.execute(
                "CREATE TEMP TABLE told (id_rank INTEGER NOT NULL, archive_id TEXT NOT NULL,"
                " event TEXT NOT NULL, at INTEGER, name TEXT, source TEXT NOT NULL,"
                " format TEXT NOT NULL, description TEXT NOT NULL, size INTEGER, digest BLOB,"
                " modified_ns INTEGER)"
            )
            self._database.execute_many(
                "INSERT INTO temp.told VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?, ?,"
                " CAST(? AS TEXT), ?, ?, ?)",
                map(_staged, records),
            )
            self._database.execute("CREATE INDEX temp.told_by_id ON told (id_rank)")

    def unstage(self) -> None:
        """Drop what was taken in."""
        self._database.execute("DROP TABLE IF EXISTS temp.told")

    def staged(self) -> Iterator[Remembered]:
        """Yield what the store says of each archive."""
        rows = self._database.query(
            f"SELECT {_COLUMNS} FROM temp.told ORDER BY id_rank, archive_id, rowid"
        )
        for _, group in groupby(map(_record, rows), key=lambda one: one.archive_id):
            yield fold(group)

    def present(self, vault_key: int, archive_id: str) -> Present | None:
        """Return what is known here of an archive, a deleted one too."""
        row = self._database.one(
            "SELECT archive_key, state, name, name_source, description, size_bytes, tree_hash,"
            f" modified_ns, {listed_dates.LISTED_AT} FROM archives"
            " WHERE vault_key = ? AND id_rank = ? AND archive_id = ?",
            (vault_key, identifiers.rank(archive_id), archive_id),
        )
        if row is None:
            return None
        return Present(
            key=integer(row[0]),
            state=member(ArchiveState, row[1]),
            name=text_or_none(row[2]),
            name_source=text(row[3]),
            description=text(row[4]),
            # No archive of the service has 0 bytes.
            size_bytes=integer(row[5]) or None,
            tree_hash=blob_or_none(row[6]),
            modified_ns=integer_or_none(row[7]),
            listed_at=from_ms_or_none(row[8]),
        )

    def complete(self, key: int, change: Change) -> None:
        """Record what a store tells beyond what is known."""
        naming = change.naming
        self._database.execute(
            "UPDATE archives SET name = coalesce(CAST(? AS TEXT), name),"
            " name_source = coalesce(?, name_source),"
            " description = coalesce(CAST(? AS TEXT), description),"
            " size_bytes = coalesce(?, size_bytes), tree_hash = coalesce(?, tree_hash),"
            " modified_ns = coalesce(?, modified_ns) WHERE archive_key = ?",
            (
                None if naming is None else encode_text(naming.name),
                None if naming is None else naming.source,
                encode_text(change.description),
                change.size_bytes,
                change.tree_hash,
                nanoseconds(change.modified_ns),
                key,
            ),
        )

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Undo on failure; unlike a transaction of ours it locks only what is written."""
        self._database.execute("SAVEPOINT takeover")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK TO takeover")
            raise
        finally:
            self._database.execute("RELEASE takeover")


def _staged(one: StoreRecord) -> Parameters:
    return (
        identifiers.rank(one.archive_id),
        one.archive_id,
        one.event.value,
        to_ms_or_none(one.at),
        encode_text(one.naming.name),
        one.naming.source,
        one.naming.format,
        encode_text(one.naming.description),
        one.size_bytes,
        one.tree_hash,
        nanoseconds(one.modified_ns),
    )


def _record(row: tuple[object, ...]) -> StoreRecord:
    return StoreRecord(
        archive_id=text(row[0]),
        event=member(Event, row[1]),
        at=from_ms_or_none(row[2]),
        naming=Naming(
            name=text_or_none(row[3]),
            source=text(row[4]),
            format=text(row[5]),
            description=text(row[6]),
        ),
        size_bytes=integer_or_none(row[7]),
        tree_hash=blob_or_none(row[8]),
        modified_ns=integer_or_none(row[9]),
    )
