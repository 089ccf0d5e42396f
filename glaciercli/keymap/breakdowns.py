"""Archives grouped and counted by SQLite, in one pass each and in memory that does not grow."""

from collections.abc import Sequence
from datetime import datetime

from glaciercli.keymap.database import Database, Parameter
from glaciercli.keymap.listings import Listings
from glaciercli.keymap.values import blob, integer, to_ms
from glaciercli.model.breakdowns import Bounds, Folder, Folders, Moved, Oddities, Share
from glaciercli.model.questions import Question

#: A name as the bytes that it is: it may be no valid UTF-8.
_NAME = "CAST(name AS BLOB)"


class Breakdowns:
    """What the archives are that a question is about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_size(self, question: Question, edges: Sequence[int]) -> list[Share]:
        """Return the shares below the first edge, from there to the next, and so on to the end."""
        return self._histogram(question, "size_bytes", edges)

    def by_age(self, question: Question, moments: Sequence[datetime]) -> list[Share]:
        """Return the shares uploaded before the first moment, from there to the next, and so on."""
        return self._histogram(question, "uploaded_at", [to_ms(one) for one in moments])

    def by_folder(self, question: Question, *, most: int) -> Folders:
        """Return the largest folders below the one that all names have in common."""
        condition = Listings(self._database).any_of([question])
        common = self._common_folder(question)
        start = len(common) + 1
        self._database.execute("DROP TABLE IF EXISTS temp.folders")
        self._database.execute(
            "CREATE TEMP TABLE folders AS SELECT CASE WHEN name IS NULL THEN NULL"
            f" ELSE substr({_NAME}, 1, {start - 1:d} + instr(substr({_NAME}, {start:d}), x'2f'))"
            " END AS folder, count(*) AS archives, sum(size_bytes) AS bytes FROM archives"
            f" WHERE {condition.sql} GROUP BY 1 ORDER BY bytes DESC, archives DESC, folder",
            condition.values,
        )
        rows = self._database.query(
            f"SELECT folder, archives, bytes FROM temp.folders ORDER BY rowid LIMIT {most:d}"
        )
        largest = tuple(
            Folder(
                name=None if row[0] is None else _text(row[0]),
                share=Share(count=integer(row[1]), size_bytes=integer(row[2])),
            )
            for row in rows
        )
        rest = self._integers(
            "SELECT count(*), coalesce(sum(archives), 0), coalesce(sum(bytes), 0)"
            f" FROM temp.folders WHERE rowid > {most:d}"
        )
        return Folders(
            largest=largest,
            others=Share(count=rest[1], size_bytes=rest[2]),
            other_folders=rest[0],
        )

    def oddities(self, question: Question, bounds: Bounds) -> Oddities:
        """Return how many archives have something that moving them has to mind."""
        condition = Listings(self._database).any_of([question])
        unnamed, long, large, huge = self._integers(
            "SELECT coalesce(sum(name IS NULL), 0),"
            f" coalesce(sum(name IS NOT NULL AND length({_NAME}) > {bounds.name_bytes:d}), 0),"
            f" coalesce(sum(size_bytes > {bounds.large_bytes:d}), 0),"
            f" coalesce(sum(size_bytes > {bounds.huge_bytes:d}), 0)"
            f" FROM archives WHERE {condition.sql}",
            *condition.values,
        )
        repeated, further = self._integers(
            "SELECT count(*), coalesce(sum(versions - 1), 0) FROM (SELECT count(*) AS versions"
            f" FROM archives WHERE ({condition.sql}) AND name IS NOT NULL GROUP BY name"
            " HAVING versions > 1)",
            *condition.values,
        )
        return Oddities(
            unnamed=unnamed,
            repeated_names=repeated,
            further_versions=further,
            long_names=long,
            large=large,
            huge=huge,
        )

    def moved(self, question: Question, *, least_bytes: int, request_bytes: int) -> Moved:
        """Return what archives are as objects: in parts where a request takes no more bytes.

        Putting an object in parts takes a request for each, one to begin and one to complete it.
        """
        condition = Listings(self._database).any_of([question])
        least, requests = self._integers(
            f"SELECT coalesce(sum(max(size_bytes, {least_bytes:d})), 0),"
            f" coalesce(sum(CASE WHEN size_bytes <= {request_bytes:d} THEN 1"
            f" ELSE (size_bytes + {request_bytes - 1:d}) / {request_bytes:d} + 2 END), 0)"
            f" FROM archives WHERE {condition.sql}",
            *condition.values,
        )
        return Moved(least_bytes=least, requests=requests)

    def _histogram(self, question: Question, column: str, edges: Sequence[int]) -> list[Share]:
        condition = Listings(self._database).any_of([question])
        place = " + ".join(f"({column} >= {edge:d})" for edge in edges) or "0"
        shares = [Share()] * (len(edges) + 1)
        rows = self._database.query(
            f"SELECT {place} AS place, count(*), sum(size_bytes) FROM archives"
            f" WHERE {condition.sql} GROUP BY place",
            condition.values,
        )
        for row in rows:
            found = Share(count=integer(row[1]), size_bytes=integer(row[2]))
            shares[integer(row[0])] = found
        return shares

    def _common_folder(self, question: Question) -> bytes:
        """Return the folder that all names begin with: that of the first and the last of them."""
        first, last = self._end_name(question, "ASC"), self._end_name(question, "DESC")
        if first is None or last is None:
            return b""
        same = next(
            (at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other),
            min(len(first), len(last)),
        )
        # A folder that is a name itself ends before its slash.
        return first[: first.rfind(b"/", 0, same) + 1]

    def _end_name(self, question: Question, way: str) -> bytes | None:
        """Return the first name, or the last one: an index leads there."""
        condition = Listings(self._database).any_of([question])
        row = self._database.one(
            f"SELECT {_NAME} FROM archives WHERE {condition.sql} AND name IS NOT NULL"
            f" ORDER BY name {way} LIMIT 1",
            condition.values,
        )
        return None if row is None else blob(row[0])

    def _integers(self, sql: str, *values: Parameter) -> list[int]:
        row = self._database.one(sql, values)
        assert row is not None
        return [integer(one) for one in row]


def _text(value: object) -> str:
    return blob(value).decode("utf-8", "surrogateescape")
