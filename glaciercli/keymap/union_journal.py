"""Two journals in one: each keeps its own order, and the times say what of the other is between.

What was done to a vault or an account is read from the newest entry back: what another machine did
before the last entry of ours must not stand behind it.  Where a clock was set back, an entry counts
as no earlier than those that it follows.
"""

from collections.abc import Sequence

from glaciercli.keymap import sources
from glaciercli.keymap.database import Database
from glaciercli.keymap.values import integer

#: The latest time up to an entry, by which two orders become one without turning either.
_REACHED = "max(at) OVER (ORDER BY entry) AS reached"


def unite(database: Database) -> int:
    """Put in what only the other journal has; return how many entries that are.

    The other key map stands attached as ``other``, and ``temp.vault_map`` maps its vaults.
    """
    columns = [name for name in sources.columns(database, "journal") if name != "entry"]
    names = ", ".join(columns)
    _gather_news(database, columns)
    database.execute(
        f"CREATE TEMP TABLE behind AS SELECT * FROM (SELECT {names}, entry, {_REACHED}"
        " FROM main.journal) WHERE reached > (SELECT min(reached) FROM temp.news)"
    )
    database.execute("DELETE FROM main.journal WHERE entry >= (SELECT min(entry) FROM temp.behind)")
    database.execute(
        f"INSERT INTO main.journal ({names}) SELECT {names} FROM"
        " (SELECT *, 0 AS is_news FROM temp.behind UNION ALL SELECT *, 1 FROM temp.news)"
        " ORDER BY reached, is_news, entry"
    )
    row = database.one("SELECT count(*) FROM temp.news")
    assert row is not None
    for table in ("news", "behind"):
        database.execute(f"DROP TABLE temp.{table}")
    return integer(row[0])


def _gather_news(database: Database, columns: Sequence[str]) -> None:
    """Gather the entries that only the other journal has, in our vaults and in its order."""
    names = ", ".join(columns)
    chosen = ["m.ours" if name == "vault_key" else f"t.{name}" for name in columns]
    theirs = "other.journal AS t LEFT JOIN temp.vault_map AS m ON m.theirs = t.vault_key"
    named = ", ".join(f"{one} AS {name}" for name, one in zip(columns, chosen, strict=True))
    database.execute(
        f"CREATE TEMP TABLE unknown AS SELECT {named} FROM {theirs}"
        f" EXCEPT SELECT {names} FROM main.journal"
    )
    database.execute("CREATE INDEX temp.unknown_at ON unknown (at)")
    same = " AND ".join(f"u.{name} IS {one}" for name, one in zip(columns, chosen, strict=True))
    database.execute(
        f"CREATE TEMP TABLE news AS SELECT *, {_REACHED} FROM"
        f" (SELECT u.*, min(t.entry) AS entry FROM {theirs}"
        f" CROSS JOIN temp.unknown AS u ON {same} GROUP BY u.rowid)"
    )
    database.execute("DROP TABLE temp.unknown")
