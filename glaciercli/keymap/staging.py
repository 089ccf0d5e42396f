"""The staging of an inventory that is being reconciled.

What it lists, but for what is known just so, goes into a temporary table first, so that it can be
read in the order of the key map's own index whatever its size, and so that a torn inventory
changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from glaciercli.core import tokens
from glaciercli.core.additions import told
from glaciercli.core.derived import Form, Said, read_ours
from glaciercli.core.description import are_plain
from glaciercli.core.listed import ListedArchive, ListedRow
from glaciercli.core.reconcile import KnownArchive
from glaciercli.core.tokens import Kept
from glaciercli.keymap import bulk, described, identifiers
from glaciercli.keymap.codes import BY_DESCRIPTION, BY_NOBODY, EMPTY, MISSING, state_code
from glaciercli.keymap.database import Database, Parameter, Parameters
from glaciercli.keymap.fingerprints import Fingerprints
from glaciercli.keymap.identifiers import RANK, rank_of, same_id
from glaciercli.keymap.inventories import Inventories, LostUpload
from glaciercli.keymap.listed_dates import AS_ITS_VAULT
from glaciercli.keymap.values import (
    blob,
    from_ms,
    from_ms_or_none,
    integer,
    nanoseconds,
    text,
    to_ms,
)
from glaciercli.model.archives import ArchiveState

_TABLES = ("listed", "additions", "concerned")

_ADD = (
    "INSERT INTO archives (vault_key, archive_id, name, name_source, description, tag, size_bytes,"
    " tree_hash, modified_ns, uploaded_at, state, listed_at) SELECT ?1, archive_id, name,"
    f" CASE WHEN name IS NULL THEN {BY_NOBODY} ELSE {BY_DESCRIPTION} END, description, tag,"
    " CASE WHEN empty THEN 0 ELSE size_bytes END, CASE WHEN empty THEN NULL ELSE tree_hash END,"
    f" modified_ns, created_at, CASE WHEN empty AND ?2 <> {MISSING} THEN {EMPTY} ELSE ?2 END,"
    " CASE WHEN empty THEN ?3 ELSE ?4 END"
)

#: A row that is staged, and one whose description is its name.
_ROW = "(?, CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?, ?)"
_PLAIN_ROW = "(?, ?, NULL, NULL, NULL, ?, ?, ?, 'plain', 0)"

#: How many one statement puts in.
_AT_ONCE = 10

#: Archives that have an ID of an earlier row; few ranks occur twice unless the IDs do.  Those are
#: looked for in what was staged: it takes less to sort them than to look up each by the index.
_DROP_REPEATED = (
    "DELETE FROM archives WHERE archive_key IN (SELECT archive_key FROM (SELECT archive_key,"
    " row_number() OVER (PARTITION BY archive_id ORDER BY archive_key) AS place FROM"
    f" (SELECT {RANK} AS rank FROM temp.listed GROUP BY 1 HAVING count(*) > 1) AS repeated"
    f" CROSS JOIN archives ON vault_key = ?1 AND {rank_of('archives')} = repeated.rank)"
    " WHERE place > 1)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedArchive(ListedArchive):
    """An archive of the inventory that is staged."""

    #: What the staging finds it by.
    row: int


class Staging:
    """An inventory beside the key map."""

    def __init__(self, database: Database, inventories: Inventories) -> None:
        self._database = database
        self._inventories = inventories
        self._known: Fingerprints | None = None
        self._count = 0
        #: How many staged archives have a description of which format.
        self._formats = Counter[str]()

    def take_in(self, listed: Iterable[Sequence[ListedRow]], *, sparing: int | None = None) -> int:
        """Stage what an inventory lists and return how many archives that is.

        ``sparing`` is the key of a vault: what is known of it just as it is listed is only
        counted.  Whatever ``listed`` raises leaves nothing behind.  Only temporary tables are
        written, so the file stays free for other runs, however long reading takes.
        """
        self._known = None if sparing is None else Fingerprints(self._database, sparing)
        with self._database.savepoint("staging"):
            self.clear()
            self._make_tables()
            for some in listed:
                self._stage(some)
        return self._count

    @property
    def spared_count(self) -> int:
        """How many archives of the vault are listed as they are known."""
        return 0 if self._known is None else self._known.seen_count

    @property
    def newest(self) -> datetime | None:
        """When the newest of the archives was stored that are staged."""
        row = self._database.one("SELECT max(created_at) FROM temp.listed")
        assert row is not None
        return from_ms_or_none(row[0])

    def clear(self) -> None:
        """Drop what was taken in."""
        self._count, self._formats = 0, Counter()
        for table in _TABLES:
            self._database.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def known(self, vault_key: int) -> Iterator[KnownArchive]:
        """Yield the archives of a vault that were not spared, in order of ID, as ``merge`` does.

        Those that nothing is staged for are absent from the inventory.
        """
        if self._known is None:
            return self._inventories.known(vault_key)
        self._database.execute_many(
            "INSERT INTO temp.concerned VALUES (?)", ((key,) for key in self._known.unseen())
        )
        # One that is listed a second time, otherwise.
        self._database.execute(
            "INSERT OR IGNORE INTO temp.concerned SELECT archive_key FROM temp.listed AS l"
            f" CROSS JOIN archives AS a ON a.vault_key = ? AND {same_id('a', 'l')}",
            (vault_key,),
        )
        return self._inventories.known(vault_key, among="temp.concerned")

    def staged(self) -> Iterator[StagedArchive]:
        """Yield what was taken in, in order of archive ID."""
        self._database.execute(f"CREATE INDEX IF NOT EXISTS temp.listed_by_id ON listed ({RANK})")
        return self._listed(f"temp.listed ORDER BY {RANK}, archive_id, rowid")

    def find(self, lost: LostUpload, vault_key: int) -> StagedArchive | None:
        """Return the listed archive that a lost answer was about, if any.

        It has the same description, size and hash, and nobody knows its ID yet.
        """
        alike = self._listed(
            "temp.listed WHERE size_bytes = ? AND tree_hash = ? AND NOT EXISTS (SELECT 1"
            f" FROM archives WHERE vault_key = ? AND {same_id('archives', 'listed')})",
            lost.size_bytes,
            lost.tree_hash,
            vault_key,
        )
        return next((one for one in alike if one.description == lost.description), None)

    def add(
        self,
        vault_key: int,
        rows: Iterable[int],
        *,
        listed_at: datetime,
        complete: bool,
        state: ArchiveState = ArchiveState.CONFIRMED,
    ) -> Counter[str]:
        """Put some staged archives into the key map as the inventory tells of them.

        Of a ``complete`` one the vault is to hold the date: see ``Inventories.listed_all``.
        Return how many have a description of which format.
        """
        self._database.execute("DELETE FROM temp.additions")
        self._database.execute_many(
            "INSERT INTO temp.additions VALUES (?)", ((row,) for row in rows)
        )
        self._add(
            "temp.additions AS a CROSS JOIN temp.listed ON listed.rowid = a.listed",
            vault_key,
            to_ms(listed_at),
            complete=complete,
            state=state,
        )
        return self._count_formats(
            "temp.additions AS a JOIN temp.listed ON listed.rowid = a.listed"
        )

    def add_all(self, vault_key: int, *, listed_at: datetime, complete: bool) -> Counter[str]:
        """Put all staged archives into a vault of which nothing is known.

        Of several listings of one ID the first counts.  Otherwise as ``add``.
        """
        self._add("temp.listed", vault_key, to_ms(listed_at), complete=complete)
        if not self._database.change(_DROP_REPEATED, (vault_key,)):
            return self._formats
        return self._count_formats(
            "(SELECT min(rowid), format FROM temp.listed GROUP BY archive_id)"
        )

    def _add(
        self,
        source: str,
        vault_key: int,
        listed_ms: int,
        *,
        complete: bool,
        state: ArchiveState = ArchiveState.CONFIRMED,
    ) -> None:
        row = self._database.one(f"SELECT count(*) FROM {source}")
        assert row is not None
        with bulk.quickly(self._database, "archives", adding=integer(row[0])):
            # What is not confirmed counts as in no inventory yet.
            own = None if state is ArchiveState.UPLOADED else listed_ms
            date = AS_ITS_VAULT if complete and state is ArchiveState.CONFIRMED else own
            self._database.execute(
                f"{_ADD} FROM {source}", (vault_key, state_code(state), own, date)
            )

    def _count_formats(self, source: str) -> Counter[str]:
        rows = self._database.query(f"SELECT format, count(*) FROM {source} GROUP BY format")
        return Counter({text(name): integer(count) for name, count in rows})

    def _make_tables(self) -> None:
        # They lie in a file without a name, which nobody reads when it is gone.
        self._database.execute("PRAGMA temp.secure_delete=OFF")
        self._database.execute("PRAGMA temp.page_size=32768")
        self._database.execute(
            "CREATE TEMP TABLE listed (archive_id ANY NOT NULL, name TEXT, description ANY,"
            " modified_ns INTEGER, tag ANY, created_at INTEGER NOT NULL, size_bytes INTEGER NOT"
            " NULL, tree_hash BLOB NOT NULL, format TEXT NOT NULL, empty INTEGER NOT NULL) STRICT"
        )
        self._database.execute("CREATE TEMP TABLE additions (listed INTEGER NOT NULL)")
        self._database.execute("CREATE TEMP TABLE concerned (archive_key INTEGER PRIMARY KEY)")

    def _stage(self, rows: Sequence[ListedRow]) -> None:
        """Put some listed archives into the temporary table, but for those that are spared."""
        self._count += len(rows)
        ids: Sequence[Kept] = tokens.pack_all([row[0] for row in rows])
        if self._known is not None:
            ids, rows = self._known.differing(ids, rows)
        if not rows:
            return
        if are_plain([row[1] for row in rows]):
            self._formats["plain"] += len(rows)
            plain = ((archive_id, *row[1:]) for archive_id, row in zip(ids, rows, strict=True))
            self._put(_PLAIN_ROW, plain)
        else:
            self._put(_ROW, self._told(ids, rows))

    def _put(self, marks: str, rows: Iterable[Sequence[Parameter]]) -> None:
        """Put in rows, several with one statement: that takes less time than one by one."""
        values = tuple(chain.from_iterable(rows))
        width = marks.count("?")
        whole = len(values) - len(values) % (_AT_ONCE * width)
        for count, start, stop in ((_AT_ONCE, 0, whole), (1, whole, len(values))):
            step = count * width
            self._database.execute_many(
                f"INSERT INTO temp.listed VALUES {', '.join([marks] * count)}",
                (values[at : at + step] for at in range(start, stop, step)),
            )

    def _told(self, ids: Sequence[Kept], rows: Sequence[ListedRow]) -> Iterator[Parameters]:
        """Yield listed archives with what their descriptions tell."""
        ours = [read_ours(row[1]) for row in rows]
        if None not in ours:
            yield from self._told_by_us(ids, rows, [said for said in ours if said is not None])
            return
        for archive_id, (_, said, created_ms, size_bytes, tree_hash) in zip(ids, rows, strict=True):
            words, kind, empty = _words(said, size_bytes)
            self._formats[kind] += 1
            yield (archive_id, *words, created_ms, size_bytes, tree_hash, kind, empty)

    def _told_by_us(
        self, ids: Sequence[Kept], rows: Sequence[ListedRow], ours: Sequence[Said]
    ) -> Iterator[Parameters]:
        """Yield listed archives all of whose descriptions are records of ours."""
        self._formats["gc1"] += len(rows)
        form = int(Form.OURS)
        marks = tokens.pack_all([said.tag or "" for said in ours])
        for archive_id, row, (name, modified_ns, _), mark in zip(
            ids, rows, ours, marks, strict=True
        ):
            yield (archive_id, name, form, modified_ns, mark, *row[2:], "gc1", False)

    def _listed(self, source: str, *parameters: int | bytes | None) -> Iterator[StagedArchive]:
        rows = self._database.query(
            f"SELECT rowid, archive_id, created_at, size_bytes, tree_hash, {described.COLUMNS}"
            f" FROM {source}",
            parameters,
        )
        for row in rows:
            yield StagedArchive(
                row=integer(row[0]),
                archive_id=identifiers.token(row[1]),
                description=described.of_row(row[5:]),
                created_at=from_ms(row[2]),
                size_bytes=integer(row[3]),
                tree_hash=blob(row[4]),
            )


def _words(text: str, size_bytes: int) -> tuple[described.Columns, str, bool]:
    """Return the columns of what a description tells, its format, and whether the file is empty."""
    ours = read_ours(text)
    if ours is not None:
        words = (
            ours.name,
            int(Form.OURS),
            nanoseconds(ours.modified_ns),
            identifiers.kept(ours.tag),
        )
        return words, "gc1", False
    name, tag, modified_ns, kind, empty = told(text, size_bytes)
    return described.kept_columns(text, name, modified_ns, tag), kind, empty
