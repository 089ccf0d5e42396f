"""Inventories seen, and what they tell of the archives that are known."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from glaciercli.core.reconcile import KnownArchive
from glaciercli.keymap import described, identifiers, listed_dates, version_order
from glaciercli.keymap.codes import (
    CONFIRMED,
    DELETING,
    EMPTY,
    LIVE,
    MISSING,
    UNSETTLED,
    UPLOADED,
    state_of,
)
from glaciercli.keymap.database import Database
from glaciercli.keymap.values import (
    blob_or_none,
    from_ms,
    from_ms_or_none,
    integer,
    text_or_none,
    to_ms,
)
from glaciercli.model.archives import ArchiveState
from glaciercli.model.new_archives import NewArchive

#: Marks archives as missing, which inventories may have listed until then.
MISS = f"UPDATE archives SET listed_at = {listed_dates.LISTED_AT}, state = {MISSING}"

_MS = timedelta(milliseconds=1)

#: An inventory's date may have whole seconds alone.
DATE_STEP = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenInventory:
    """An inventory that was reconciled."""

    inventory_date: datetime
    job_id: str | None
    complete: bool
    archive_count: int
    reconciled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LostUpload:
    """What was sent, and nobody was told under which ID it is stored, if it is."""

    description: str
    size_bytes: int
    tree_hash: bytes | None


class Inventories:
    """The inventories of each vault, and what they tell."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, vault_key: int) -> SeenInventory | None:
        """Return the latest complete inventory that was reconciled.

        One that is older than the vault was of another vault of that name.
        """
        row = self._database.one(
            "SELECT inventory_date, job_id, complete, archive_count, reconciled_at"
            " FROM inventories WHERE vault_key = ?1 AND complete AND inventory_date >="
            " (SELECT coalesce(created_at, inventory_date) - ?2 FROM vaults WHERE vault_key = ?1)"
            " ORDER BY inventory_date DESC, inventory_key DESC LIMIT 1",
            (vault_key, DATE_STEP // _MS),
        )
        if row is None:
            return None
        return SeenInventory(
            inventory_date=from_ms(row[0]),
            job_id=text_or_none(row[1]),
            complete=bool(integer(row[2])),
            archive_count=integer(row[3]),
            reconciled_at=from_ms(row[4]),
        )

    def dates(self, vault_key: int) -> list[datetime]:
        """Return the dates of the complete inventories that were reconciled, the oldest first."""
        rows = self._database.query(
            "SELECT DISTINCT inventory_date FROM inventories WHERE vault_key = ? AND complete"
            " ORDER BY inventory_date",
            (vault_key,),
        )
        return [from_ms(date) for (date,) in rows]

    def used(self, vault_key: int, job_id: str) -> bool:
        """Tell whether the inventory of a job was reconciled already."""
        row = self._database.one(
            "SELECT 1 FROM inventories WHERE vault_key = ? AND job_id = ?", (vault_key, job_id)
        )
        return row is not None

    def listed_all(self, vault_key: int, date: datetime) -> None:
        """Record that a complete inventory listed each archive that is confirmed now.

        But for those that were listed by a later one.
        """
        listed_dates.extend(self._database, vault_key, date)

    def record(self, vault_key: int, seen: SeenInventory) -> None:
        """Record an inventory, in the transaction of its changes."""
        self._database.execute(
            "INSERT INTO inventories (vault_key, inventory_date, job_id, complete, archive_count,"
            " reconciled_at) VALUES (?, ?, ?, ?, ?, ?)",
            (
                vault_key,
                to_ms(seen.inventory_date),
                seen.job_id,
                int(seen.complete),
                seen.archive_count,
                to_ms(seen.reconciled_at),
            ),
        )

    def known(self, vault_key: int, *, among: str | None = None) -> Iterator[KnownArchive]:
        """Yield the archives of a vault in order of ID, those without one first.

        ``among`` is a table of keys, if only those in it are asked for.
        """
        order = f"{identifiers.rank_of('archives')}, archive_id"
        return self._known(f"vault_key = ? ORDER BY {order}", vault_key, among=among)

    def unmarked(self, vault_key: int) -> list[tuple[int, LostUpload]]:
        """Return the unsettled archives of a vault whose description carries no mark, by key."""
        known = list(
            self._known(f"vault_key = ? AND state = {UNSETTLED} AND tag IS NULL", vault_key)
        )
        return [(one.key, self._lost(one)) for one in known]

    def _lost(self, known: KnownArchive) -> LostUpload:
        told = described.words(self._database, known.key)
        return LostUpload(
            description="" if told is None else told.description,
            size_bytes=known.size_bytes,
            tree_hash=known.tree_hash,
        )

    def confirm(self, key: int, *, listed_at: datetime, uploaded_at: datetime) -> None:
        """Record that an inventory lists an archive; the service's upload time is the true one."""
        version_order.keep(self._database, key, to_ms(uploaded_at))
        self._database.execute(
            "UPDATE archives SET listed_at = ?, uploaded_at = ?,"
            f" state = CASE state WHEN {EMPTY} THEN {EMPTY} ELSE {CONFIRMED} END"
            " WHERE archive_key = ?",
            (to_ms(listed_at), to_ms(uploaded_at), key),
        )

    def fill(self, key: int, listed: NewArchive) -> bool:
        """Put in what an inventory knows beyond another tool; tell whether that was a name.

        A name that was told before stays.
        """
        told = described.words(self._database, key)
        if told is None:
            return False
        nameless = told.name is None
        described.write(
            self._database,
            key,
            described.Words(
                name=listed.name if nameless else told.name,
                source=listed.name_source if nameless else told.source,
                description=listed.description,
                modified_ns=listed.modified_ns if told.modified_ns is None else told.modified_ns,
                tag=listed.tag,
            ),
        )
        empty = listed.state is ArchiveState.EMPTY
        self._database.execute(
            "UPDATE archives SET size_bytes = ?, tree_hash = ?,"
            f" state = CASE WHEN ? THEN {EMPTY} ELSE state END WHERE archive_key = ?",
            (listed.size_bytes, listed.tree_hash, int(empty), key),
        )
        return nameless

    def settle(self, key: int, archive_id: str, *, empty: bool) -> None:
        """Give an archive without an ID the one under which an inventory lists it.

        It is ``empty`` if it stands for an empty file.  A tombstone is one whose deletion has yet
        to be done at the service.
        """
        self._database.execute(
            f"UPDATE archives SET archive_id = ?, state = CASE WHEN {LIVE} THEN ?"
            f" ELSE {DELETING} END WHERE archive_key = ?",
            (identifiers.kept(archive_id), EMPTY if empty else UPLOADED, key),
        )

    def still_list(self, key: int, *, listed_at: datetime) -> None:
        """Record that an inventory lists an archive that is deleted; deleted it stays."""
        self._database.execute(
            "UPDATE archives SET listed_at = max(coalesce(listed_at, 0), ?) WHERE archive_key = ?",
            (to_ms(listed_at), key),
        )

    def mark_missing(self, key: int) -> None:
        """Record that an inventory does not list an archive that it should."""
        self._database.execute(f"{MISS} WHERE archive_key = ?", (key,))

    def _known(
        self, condition: str, vault_key: int, *, among: str | None = None
    ) -> Iterator[KnownArchive]:
        source = "archives" if among is None else f"{among} CROSS JOIN archives USING (archive_key)"
        rows = self._database.query(
            "SELECT archive_key, archive_id, state, uploaded_at, deleted_at, size_bytes,"
            f" tree_hash, tag, {listed_dates.LISTED_AT}, listed_at IS NULL AND tag IS NULL"
            f" AND archive_id IS NOT NULL FROM {source} WHERE {condition}",
            (vault_key,),
        )
        for row in rows:
            yield KnownArchive(
                key=integer(row[0]),
                archive_id=identifiers.token_or_none(row[1]),
                state=state_of(row[2]),
                uploaded_at=from_ms(row[3]),
                deleted_at=from_ms_or_none(row[4]),
                size_bytes=integer(row[5]),
                tree_hash=blob_or_none(row[6]),
                tag=identifiers.token_or_none(row[7]),
                listed_at=from_ms_or_none(row[8]),
                hearsay=bool(row[9]),
            )
