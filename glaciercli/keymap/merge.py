"""Uniting two key maps: everything that either knows, in one transaction.

The other key map stands attached, as ``other``.  What both know of one archive is united by
``core.union``; docs/key-map.md tells the rule in words.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime

from glaciercli import errors
from glaciercli.core.union import ArchiveFacts, unite
from glaciercli.keymap import (
    cancelled_removals,
    former_vaults,
    listed_dates,
    sources,
    union_journal,
    union_rows,
    version_order,
)
from glaciercli.keymap.database import Database, connect
from glaciercli.keymap.journal import Journal
from glaciercli.keymap.sources import Heard
from glaciercli.keymap.values import integer
from glaciercli.model.care import MergeCounts

#: The name under which the other key map is attached.
_OTHER = "other"

#: What a merge takes care of, table by table; the parts of an upload go with it.
MERGED = frozenset(
    {"vaults", "archives", "uploads", "upload_parts", "jobs", "inventories", "journal"}
)
#: Downloads and checks are of files on the disk of the other machine; a drill is its own.
LEFT = frozenset({"downloads", "download_ranges", "checks", "check_findings", "drills"})


class _TakenBack(Exception):
    """Ends a dry run."""


class Merger:
    """Takes another key map into this one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_empty(self) -> bool:
        """Tell whether this key map knows nothing at all."""
        return all(
            self._database.one(f'SELECT 1 FROM "{table}" LIMIT 1') is None
            for table in sources.tables(self._database)
        )

    def fill(self, path: str) -> None:
        """Take in every row of another key map as it is; raise ``InvalidRequest`` if not empty."""
        with self._database.attached(path, _OTHER), self._database.transaction():
            if not self.is_empty():
                raise errors.InvalidRequest(
                    f'the key map "{self._database.path}" is not empty',
                    hint="glaciercli keymap merge FILE unites the two",
                )
            self._database.execute("PRAGMA defer_foreign_keys=ON")
            for table in sources.tables(self._database):
                names = _listed(sources.columns(self._database, table))
                self._database.execute(
                    f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM {_OTHER}."{table}"'
                )

    def merge(self, path: str, *, now: datetime, dry_run: bool, heard: Heard) -> MergeCounts:
        """Unite another key map with this one and return what became of its rows.

        The other one is a copy of our own, and is changed.  A dry run takes everything back.
        """
        counts = MergeCounts()
        with closing(connect(path)) as other:
            listed_dates.settle(other)
            theirs = former_vaults.made_at(other)
            former_vaults.meet(other, former_vaults.made_at(self._database))
            cancelled = cancelled_removals.known_to(other)
            cancelled_removals.take_back(other, cancelled_removals.known_to(self._database))
        with self._database.attached(path, _OTHER, scratch=True):
            try:
                with self._database.transaction():
                    former_vaults.meet(self._database, theirs)
                    cancelled_removals.take_back(self._database, cancelled)
                    _Merge(self._database, counts, heard).run()
                    _tell(self._database, counts, now=now)
                    _take_back_if(dry_run)
            except _TakenBack:
                pass
        return counts


def _take_back_if(dry_run: bool) -> None:  # noqa: FBT001 - it is the whole question
    if dry_run:
        raise _TakenBack


def _tell(database: Database, counts: MergeCounts, *, now: datetime) -> None:
    """Write down that a merge changed something."""
    if counts.changes:
        detail = f"{counts.archives_added} added, {counts.archives_changed} changed"
        Journal(database).write("key map merged", at=now, detail=detail)


class _Merge:
    """One merge, inside its transaction."""

    def __init__(self, database: Database, counts: MergeCounts, heard: Heard) -> None:
        self._database = database
        self._counts = counts
        self._heard = heard

    def run(self) -> None:
        listed_dates.settle(self._database)
        union_rows.prepare(self._database)
        self._vaults()
        union_rows.pair_archives(self._database)
        version_order.keep_in_both(self._database)
        self._unite_archives()
        self._add_archives()
        self._uploads()
        self._jobs()
        self._inventories()
        self._database.execute(union_rows.UNITE_VAULTS)
        self._counts.journal_added = union_journal.unite(self._database)
        self._counts.downloads_left = self._count(f"{_OTHER}.downloads")
        union_rows.clear(self._database)

    def _vaults(self) -> None:
        self._counts.vaults_added = self._database.change(union_rows.ADD_VAULTS)
        union_rows.map_vaults(self._database)

    def _unite_archives(self) -> None:
        total = self._count("temp.pairs")
        for done, (key, ours, theirs) in enumerate(union_rows.differing(self._database), start=1):
            self._unite(key, ours, theirs)
            self._heard(done, total)
        self._counts.archives_unchanged = total - self._counts.archives_changed
        self._heard(total, total)

    def _unite(self, key: int, ours: ArchiveFacts, theirs: ArchiveFacts) -> None:
        both = unite(ours, theirs)
        # What only serves the comparison is in no column.
        if replace(both, named_at=ours.named_at, inventory_at=ours.inventory_at) == ours:
            return
        self._counts.archives_changed += 1
        self._counts.archives_deleted += ours.state.is_live and not both.state.is_live
        union_rows.update(self._database, key, both)

    def _add_archives(self) -> None:
        unpaired = "t.archive_key NOT IN (SELECT theirs FROM temp.pairs)"
        self._counts.archives_added = self._add("archives", "archive_key", unpaired)

    def _uploads(self) -> None:
        names = _columns(self._database, "uploads", without="upload_key")
        for key in union_rows.unknown_uploads(self._database):
            ours = self._database.execute(
                f"INSERT INTO main.uploads ({_listed(names)})"
                f" SELECT {_chosen(names)} FROM {_OTHER}.uploads AS t"
                " JOIN temp.vault_map AS m ON m.theirs = t.vault_key WHERE t.upload_key = ?",
                (key,),
            )
            parts = _columns(self._database, "upload_parts", without="upload_key")
            self._database.execute(
                f"INSERT INTO main.upload_parts (upload_key, {_listed(parts)})"
                f" SELECT ?, {_chosen(parts)} FROM {_OTHER}.upload_parts AS t"
                " WHERE t.upload_key = ?",
                (ours, key),
            )
            self._counts.uploads_added += 1

    def _jobs(self) -> None:
        self._database.execute(union_rows.ADOPT_JOB_IDS)
        self._database.execute(union_rows.UNITE_JOBS)
        self._counts.jobs_added = self._add("jobs", "job_key", union_rows.UNKNOWN_JOB)

    def _inventories(self) -> None:
        unknown = union_rows.UNKNOWN_INVENTORY
        self._counts.inventories_added = self._add("inventories", "inventory_key", unknown)

    def _add(self, table: str, key: str, condition: str) -> int:
        """Put in their rows of a table that are like none of ours, and return how many."""
        names = _columns(self._database, table, without=key)
        return self._database.change(
            f"INSERT INTO main.{table} ({_listed(names)})"
            f" SELECT {_chosen(names)} FROM {_OTHER}.{table} AS t"
            f" JOIN temp.vault_map AS m ON m.theirs = t.vault_key WHERE {condition}"
            f" ORDER BY t.{key}"
        )

    def _count(self, what: str) -> int:
        row = self._database.one(f"SELECT count(*) FROM {what}")
        assert row is not None
        return integer(row[0])


def _columns(database: Database, table: str, *, without: str) -> list[str]:
    """Return the columns of a table but for its key."""
    return [name for name in sources.columns(database, table) if name != without]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _chosen(names: list[str]) -> str:
    """Return the columns of the other key map's rows, in the vaults of this one."""
    return ", ".join("m.ours" if name == "vault_key" else f't."{name}"' for name in names)
