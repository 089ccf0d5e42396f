"""The order of the versions of a name, where an inventory or another key map tells a date.

The newest version is the one with the latest date.  What the service has listed has the date of
its clock, what it has not has that of a machine's, which may be wrong: so a row that gets another
date takes those along that would come to stand on its other side.
"""

from collections.abc import Iterator, Sequence

from glaciercli.core import union
from glaciercli.keymap.codes import LIVE
from glaciercli.keymap.database import Database
from glaciercli.keymap.values import integer

#: Versions that a clock dated alike stand a millisecond apart: so far they may push one another.
_BEYOND_MS = 1000

#: The versions behind one, ``?2``, on its way to a new date, ``?1``, or just beyond that; and the
#: date that it has so far.
_ON_THE_WAY = (
    "SELECT one.uploaded_at, one.archive_key, dated.uploaded_at FROM (SELECT vault_key, name,"
    " uploaded_at FROM {schema}.archives WHERE archive_key = ?2) AS dated"
    " CROSS JOIN {schema}.archives AS one"
    " WHERE one.vault_key = dated.vault_key AND one.name = dated.name"
    f" AND one.uploaded_at BETWEEN min(dated.uploaded_at, ?1) - {_BEYOND_MS:d}"
    f" AND max(dated.uploaded_at, ?1) + {_BEYOND_MS:d}"
    " AND ((one.uploaded_at, one.archive_key) > (dated.uploaded_at, ?2))"
    " = (?1 > dated.uploaded_at) AND one.archive_key <> ?2"
    f" AND one.listed_at IS NULL AND one.{LIVE}"
    # One that has neither is known by its date, when key maps are merged.
    " AND (one.archive_id IS NOT NULL OR one.tag IS NOT NULL)"
    " ORDER BY one.uploaded_at, one.archive_key"
)

_DATE = "UPDATE {schema}.archives SET uploaded_at = ? WHERE archive_key = ?"

#: The pairs of a merge that the two key maps date otherwise, with the date that both will have.
_DATED = (
    "CREATE TEMP TABLE dated AS SELECT united_date("
    + ", ".join(
        f"{side}.archive_id IS NOT NULL, CAST(coalesce({side}.listed_at, -1) AS INTEGER),"
        f" CAST({side}.uploaded_at AS INTEGER)"
        for side in ("o", "t")
    )
    + ") AS date, p.ours, p.theirs FROM temp.pairs AS p"
    " CROSS JOIN main.archives AS o ON o.archive_key = p.ours"
    " CROSS JOIN other.archives AS t ON t.archive_key = p.theirs"
    # In an order that is the same whichever is merged into which.
    " WHERE o.uploaded_at <> t.uploaded_at"
    " ORDER BY date, coalesce(o.archive_id, t.archive_id), coalesce(o.tag, t.tag)"
)


def keep(database: Database, key: int, date_ms: int, *, schema: str = "main") -> None:
    """Keep the order in which versions that no inventory lists stand to one that gets a date."""
    found = [
        (integer(date), integer(one), integer(before))
        for date, one, before in database.query(_ON_THE_WAY.format(schema=schema), (date_ms, key))
    ]
    if not found:
        return
    way = 1 if date_ms > found[0][2] else -1
    behind = [(date, one) for date, one, _ in found][::way]
    for date, one in _pushed((date_ms, key), behind, way=way):
        database.execute(_DATE.format(schema=schema), (date, one))


def _pushed(
    first: tuple[int, int], behind: Sequence[tuple[int, int]], *, way: int
) -> Iterator[tuple[int, int]]:
    """Yield the versions that have to get out of the way of one, with their dates and keys.

    Each comes to the date of the one before it, or a millisecond beyond where their keys are in
    another order than they, as they may be after a merge: of one date the larger key is the later.
    """
    last_date, last_key = first
    for date, key in behind:
        if ((date, key) > (last_date, last_key)) is (way > 0):
            # From here on all are as they were.
            return
        if (key > last_key) is not (way > 0):
            last_date += way
        last_key = key
        yield last_date, last_key


def keep_in_both(database: Database) -> None:
    """Keep the order within each of two key maps that learn dates of one another.

    Their archives are paired, and not united yet.
    """
    database.define("united_date", _united_date, takes=6)
    database.execute(_DATED)
    for row in database.query("SELECT date, ours, theirs FROM temp.dated ORDER BY rowid"):
        date, ours, theirs = map(integer, row)
        keep(database, ours, date)
        keep(database, theirs, date, schema="other")
    database.execute("DROP TABLE temp.dated")


def _united_date(*facts: object) -> int:
    numbers = [integer(one) for one in facts]
    dates = [(bool(numbers[at]), numbers[at + 1], numbers[at + 2]) for at in (0, 3)]
    return union.united_date(*dates)
