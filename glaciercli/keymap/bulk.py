"""Putting very many rows into a table, inside a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from glaciercli.keymap.database import Database
from glaciercli.keymap.values import integer, text

#: What SQLite may keep in memory meanwhile; a negative number counts KiB,
#: https://sqlite.org/pragma.html#pragma_cache_size.
_CACHE_KIB = 32 * 1024

#: Below so many rows there is nothing to win.
_FEW = 1000


@contextmanager
def quickly(database: Database, table: str, *, adding: int) -> Iterator[None]:
    """Have rows put into a table: its indexes are made anew where that takes less time.

    They are dropped and made in the transaction around it, so that nobody finds the table without
    them, whatever happens.
    """
    if adding < _FEW:
        yield
        return
    with _room(database):
        present = database.one(f"SELECT count(*) FROM {table}")
        assert present is not None
        if adding < integer(present[0]):
            yield
            return
        indexes = _indexes(database, table)
        for name in indexes:
            database.execute(f"DROP INDEX {name}")
        yield
        for made in indexes.values():
            database.execute(made)


@contextmanager
def _room(database: Database) -> Iterator[None]:
    """Let SQLite keep more in memory."""
    before = database.one("PRAGMA cache_size")
    assert before is not None
    database.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    try:
        yield
    finally:
        database.execute(f"PRAGMA cache_size={integer(before[0])}")


def _indexes(database: Database, table: str) -> dict[str, str]:
    """Return the indexes of a table that statements made, each with its statement."""
    rows = database.query(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?"
        " AND sql IS NOT NULL ORDER BY rowid",
        (table,),
    )
    return {text(name): text(sql) for name, sql in rows}
