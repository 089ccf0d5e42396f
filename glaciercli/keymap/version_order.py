"""The order of the versions of a name, where an inventory or another key map tells a date.

The newest version is the one with the latest date.  What the service has listed has the date of
its clock, what it has not has that of a machine's, which may be wrong: so a row that gets another
date takes those along that would come to stand on its other side.
"""

from glaciercli.core import union
from glaciercli.keymap.codes import LIVE
from glaciercli.keymap.database import Database
from glaciercli.keymap.values import integer

_KEEP = (
    "UPDATE {schema}.archives SET uploaded_at = ?1 FROM (SELECT vault_key, name, uploaded_at"
    " FROM {schema}.archives WHERE archive_key = ?2) AS dated"
    " WHERE archives.vault_key = dated.vault_key AND archives.name = dated.name"
    " AND archives.uploaded_at BETWEEN min(dated.uploaded_at, ?1) AND max(dated.uploaded_at, ?1)"
    " AND ((archives.uploaded_at, archives.archive_key) > (dated.uploaded_at, ?2))"
    " = (?1 > dated.uploaded_at) AND archives.archive_key <> ?2"
    f" AND archives.listed_at IS NULL AND archives.{LIVE}"
    # One that has neither is known by its date, when key maps are merged.
    " AND (archives.archive_id IS NOT NULL OR archives.tag IS NOT NULL)"
)

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
    database.execute(_KEEP.format(schema=schema), (date_ms, key))


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
