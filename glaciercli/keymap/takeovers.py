"""The staging of another tool's store, and what is made of it.

Records go into a temporary table first: so a torn store changes nothing, and those of one archive
come together whatever their order and number.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from glaciercli.core.foreign_stores.records import Event, Naming, StoreRecord
from glaciercli.core.takeover import Change, Present, Remembered, fold
from glaciercli.keymap import described, identifiers, listed_dates
from glaciercli.keymap.codes import source_of, state_of
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

_COLUMNS = "archive_id, event, at, name, source, format, description, size, digest, modified_ns"


class Takeovers:
    """A store that is being taken over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stage(self, records: Iterable[StoreRecord]) -> None:
        """Take in records; whatever they raise leaves nothing behind.

        Only a temporary table is written, so the file stays free for other runs.
        """
        with self._database.savepoint("takeover"):
            self.unstage()
            self._database.execute(
                "CREATE TEMP TABLE told (archive_id ANY NOT NULL,"
                " event TEXT NOT NULL, at INTEGER, name TEXT, source TEXT NOT NULL,"
                " format TEXT NOT NULL, description TEXT NOT NULL, size INTEGER, digest BLOB,"
                " modified_ns INTEGER) STRICT"
            )
            self._database.execute_many(
                "INSERT INTO temp.told VALUES (?, ?, ?, CAST(? AS TEXT), ?, ?,"
                " CAST(? AS TEXT), ?, ?, ?)",
                map(_staged, records),
            )
            self._database.execute("CREATE INDEX temp.told_by_id ON told (archive_id)")

    def unstage(self) -> None:
        """Drop what was taken in."""
        self._database.execute("DROP TABLE IF EXISTS temp.told")

    def staged(self) -> Iterator[Remembered]:
        """Yield what the store says of each archive."""
        rows = self._database.query(f"SELECT {_COLUMNS} FROM temp.told ORDER BY archive_id, rowid")
        for _, group in groupby(map(_record, rows), key=lambda one: one.archive_id):
            yield fold(group)

    def present(self, vault_key: int, archive_id: str) -> Present | None:
        """Return what is known here of an archive, a deleted one too."""
        row = self._database.one(
            "SELECT archive_key, state, name_source, size_bytes, tree_hash, description, name,"
            f" modified_ns, tag, {listed_dates.LISTED_AT} FROM archives"
            f" WHERE vault_key = ? AND {identifiers.HAS_ID}",
            (vault_key, *identifiers.found_by(archive_id)),
        )
        if row is None:
            return None
        return Present(
            key=integer(row[0]),
            state=state_of(row[1]),
            name=text_or_none(row[6]),
            name_source=source_of(row[2]),
            description=described.of_row(row[5:9]),
            # No archive of the service has 0 bytes.
            size_bytes=integer(row[3]) or None,
            tree_hash=blob_or_none(row[4]),
            modified_ns=integer_or_none(row[7]),
            listed_at=from_ms_or_none(row[9]),
        )

    def complete(self, key: int, change: Change) -> None:
        """Record what a store tells beyond what is known."""
        told = described.words(self._database, key)
        if told is None:
            return
        if change.naming is not None:
            told = replace(told, name=change.naming.name, source=change.naming.source)
        if change.description is not None:
            told = replace(told, description=change.description)
        if change.modified_ns is not None:
            told = replace(told, modified_ns=change.modified_ns)
        described.write(self._database, key, told)
        self._database.execute(
            "UPDATE archives SET size_bytes = coalesce(?, size_bytes),"
            " tree_hash = coalesce(?, tree_hash) WHERE archive_key = ?",
            (change.size_bytes, change.tree_hash, key),
        )


def _staged(one: StoreRecord) -> Parameters:
    return (
        identifiers.kept(one.archive_id),
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
        archive_id=identifiers.token(row[0]),
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
