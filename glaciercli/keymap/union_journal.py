"""Two journals in one: each keeps its own order, and the times say what of the other is between.

What was done to a vault or an account is read from the newest entry back: what another machine did
before the last entry of ours must not stand behind it.  Where a clock was set back, an entry counts
as no earlier than those that it follows.
"""

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
    database.execute(
        f"CREATE TEMP TABLE news AS SELECT {names}, entry, {_REACHED} {_only(columns)}"
    )
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


def _only(columns: list[str]) -> str:
    """Return where to find the entries that only the other journal has, in our vaults."""
    names = ", ".join(columns)
    theirs = ", ".join("m.ours" if name == "vault_key" else f"t.{name}" for name in columns)
    return (
        f"FROM (SELECT {names}, max(entry) AS entry FROM"
        f" (SELECT {names}, NULL AS entry, 0 AS is_theirs FROM main.journal UNION ALL"
        f" SELECT {theirs}, t.entry, 1 FROM other.journal AS t"
        f" LEFT JOIN temp.vault_map AS m ON m.theirs = t.vault_key)"
        f" GROUP BY {names} HAVING min(is_theirs))"
    )
