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

#: The versions that one, ``?2``, would overtake if it alone got the date ``?1``, and its own date.
_OVERTAKEN = (
    "SELECT one.archive_key, dated.uploaded_at FROM (SELECT vault_key, name, uploaded_at"
    " FROM {schema}.archives WHERE archive_key = ?2) AS dated CROSS JOIN {schema}.archives AS one"
    " WHERE one.vault_key = dated.vault_key AND one.name = dated.name"
    " AND one.uploaded_at BETWEEN min(dated.uploaded_at, ?1) AND max(dated.uploaded_at, ?1)"
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
        f"{side}.archive_id IS NOT NULL, coalesce({side}.listed_at, -1), {side}.uploaded_at"
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
    found = list(database.query(_OVERTAKEN.format(schema=schema), (date_ms, key)))
    is_later = bool(found) and date_ms > integer(found[0][1])
    keys = [integer(one) for one, _ in (found if is_later else reversed(found))]
    for one, moment in _beside(key, date_ms, keys, is_later=is_later):
        database.execute(_DATE.format(schema=schema), (moment, one))


def _beside(
    key: int, date_ms: int, keys: Sequence[int], *, is_later: bool
) -> Iterator[tuple[int, int]]:
    """Yield the keys of versions and dates that put them beside another, one after the other.

    Of one date the version with the larger key is the later one; where that is wrong, as it may be
    after a merge, the dates are a millisecond apart.
    """
    for one in keys:
        if (one > key) is not is_later:
            date_ms += 1 if is_later else -1
        yield one, date_ms
        key = one


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
