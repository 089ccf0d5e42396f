"""The order of the versions of a name, where an inventory or another key map tells a date.

The newest version is the one with the latest date.  What the service has listed has the date of
its clock, what it has not has that of a machine's, which may be wrong: so a row that gets another
date takes those along that would come to stand on its other side.
"""

from collections.abc import Iterable, Iterator, Sequence

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
    # Of what is deleted nobody asks which versions it stands between.
    f" uploaded_at FROM {{schema}}.archives WHERE archive_key = ?2 AND {LIVE}) AS dated"
    " CROSS JOIN {schema}.archives AS one"
    " WHERE one.vault_key = dated.vault_key AND one.name = dated.name"
    f" AND one.uploaded_at BETWEEN min(dated.uploaded_at, ?1) - {_BEYOND_MS:d}"
    f" AND max(dated.uploaded_at, ?1) + {_BEYOND_MS:d}"
    " AND ((one.uploaded_at, one.archive_key) > (dated.uploaded_at, ?2))"
    " = (?1 > dated.uploaded_at) AND one.archive_key <> ?2"
    f" AND one.listed_at IS NULL AND one.{LIVE}"
    # One that has neither is known by its date, when key maps are merged.
    " AND (one.archive_id IS NOT NULL OR one.tag IS NOT NULL)"
    "{undisputed} ORDER BY one.uploaded_at, one.archive_key"
)

#: Both key maps of a merge have them in this order, as far as both have them: what they do not
#: agree on is not worth a date, by which each merge would turn it round again.  ``?3`` is the one
#: that gets a date, in the other key map.
_UNDISPUTED = (
    " AND NOT EXISTS (SELECT 1 FROM temp.pairs AS p CROSS JOIN {far}.archives AS t"
    " ON t.archive_key = p.{far_key} CROSS JOIN {far}.archives AS d ON d.archive_key = ?3"
    f" WHERE p.{{near_key}} = one.archive_key AND t.name = d.name AND t.{LIVE} AND d.{LIVE}"
    " AND ((t.uploaded_at, t.archive_key) > (d.uploaded_at, ?3)) <> (?1 > dated.uploaded_at))"
)
_NEAR_OURS = _UNDISPUTED.format(far="other", far_key="theirs", near_key="ours")
_NEAR_THEIRS = _UNDISPUTED.format(far="main", far_key="ours", near_key="theirs")

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


def keep(database: Database, key: int, date_ms: int) -> None:
    """Keep the order in which versions that no inventory lists stand to one that gets a date."""
    question = _ON_THE_WAY.format(schema="main", undisputed="")
    _push(database, "main", (date_ms, key), database.query(question, (date_ms, key)))


def _push(
    database: Database, schema: str, first: tuple[int, int], found: Iterable[Sequence[object]]
) -> None:
    behind = [(integer(date), integer(key), integer(before)) for date, key, before in found]
    if not behind:
        return
    way = 1 if first[0] > behind[0][2] else -1
    for date, key in _pushed(first, [one[:2] for one in behind][::way], way=way):
        database.execute(_DATE.format(schema=schema), (date, key))


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
        for schema, undisputed, near, far in (
            ("main", _NEAR_OURS, ours, theirs),
            ("other", _NEAR_THEIRS, theirs, ours),
        ):
            question = _ON_THE_WAY.format(schema=schema, undisputed=undisputed)
            found = database.query(question, (date, near, far))
            _push(database, schema, (date, near), found)
    database.execute("DROP TABLE temp.dated")


def _united_date(*facts: object) -> int:
    numbers = [integer(one) for one in facts]
    dates = [(bool(numbers[at]), numbers[at + 1], numbers[at + 2]) for at in (0, 3)]
    return union.united_date(*dates)
