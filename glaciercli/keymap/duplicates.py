"""Archives that hold the same, found by SQLite in memory that does not grow.

The groups are counted into a temporary table, their archives sorted into another; both are kept in
a file of SQLite's own once they are large.  No index is needed: each takes one pass.
"""

from collections.abc import Iterator, Sequence

from glaciercli.keymap.archives import COLUMNS, archive_of
from glaciercli.keymap.database import Database
from glaciercli.keymap.listings import MOST_ROWS, Listings
from glaciercli.keymap.values import integer
from glaciercli.model.duplicates import Duplicate, DuplicateTotals
from glaciercli.model.questions import Question

_PAGE_ROWS = 1000

#: An empty file is stored nowhere, and 0 bytes are a size that nobody told.
_CONTENT = "size_bytes > 0 AND tree_hash IS NOT NULL"

_MOST_WASTED_FIRST = "(copies - 1) * size_bytes DESC, size_bytes DESC, tree_hash"


class Duplicates:
    """Archives of equal size and tree hash."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, questions: Sequence[Question], *, limit: int | None) -> DuplicateTotals:
        """Find the groups among the archives that questions are about, and return their sums.

        ``limit`` is for how many groups ``found`` yields; the sums are those of all.
        """
        for table in ("alike", "duplicates"):
            self._database.execute(f"DROP TABLE IF EXISTS temp.{table}")
        condition = Listings(self._database).any_of(questions)
        where = f"{_CONTENT} AND ({condition.sql})"
        self._database.execute(
            "CREATE TEMP TABLE alike AS SELECT tree_hash, size_bytes, count(*) AS copies"
            f" FROM archives WHERE {where} GROUP BY tree_hash, size_bytes HAVING copies > 1"
            f" ORDER BY {_MOST_WASTED_FIRST}",
            condition.values,
        )
        self._database.execute("CREATE INDEX temp.alike_by_hash ON alike (tree_hash, size_bytes)")
        most = -1 if limit is None else min(limit, MOST_ROWS)
        self._database.execute(
            "CREATE TEMP TABLE duplicates AS SELECT alike.rowid AS place, archive_key FROM archives"
            " CROSS JOIN temp.alike USING (tree_hash, size_bytes)"
            f" WHERE {where} AND (? < 0 OR alike.rowid <= ?)"
            " ORDER BY place, vault_key, name, uploaded_at, archive_key",
            (*condition.values, most, most),
        )
        row = self._database.one(
            "SELECT count(*), coalesce(sum(copies), 0),"
            " coalesce(sum((copies - 1) * size_bytes), 0) FROM temp.alike"
        )
        assert row is not None
        groups, archives, wasted = map(integer, row)
        return DuplicateTotals(groups=groups, archives=archives, wasted_bytes=wasted)

    def found(self, questions: Sequence[Question]) -> Iterator[Duplicate]:
        """Yield the archives of the groups that were counted, the most wasteful group first."""
        vaults = {one.vault.key: one.vault.identity for one in questions}
        last = 0
        while True:
            rows = list(
                self._database.query(
                    f"SELECT duplicates.rowid, place, copies, vault_key, {COLUMNS}"
                    " FROM temp.duplicates CROSS JOIN archives USING (archive_key)"
                    " CROSS JOIN temp.alike ON alike.rowid = place WHERE duplicates.rowid > ?"
                    f" ORDER BY duplicates.rowid LIMIT {_PAGE_ROWS}",
                    (last,),
                )
            )
            for row in rows:
                yield Duplicate(
                    group=integer(row[1]),
                    copies=integer(row[2]),
                    archive=archive_of(row[4:], vaults[integer(row[3])]),
                )
            if not rows:
                return
            last = integer(rows[-1][0])
