"""Key maps that are only read: to be copied, checked, or taken in."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from glaciercli import errors
from glaciercli.keymap import database, schema
from glaciercli.keymap.codes import DELETED, DELETING
from glaciercli.keymap.values import integer
from glaciercli.model.care import Holdings

#: Earlier formats hold words.
_LIVE_IN_ANY_FORMAT = f"state NOT IN ('deleting', 'deleted', {DELETING}, {DELETED})"

#: Hears how much is done, and of how much.
Heard = Callable[[int, int], None]


@contextmanager
def source(path: str) -> Iterator[database.Database]:
    """Open a key map that exists, in whatever format, without changing anything.

    Raises ``FileProblem``, ``KeyMapDamaged`` and ``KeyMapTooNew``.
    """
    if not os.path.lexists(path):
        raise errors.FileProblem(f'there is no key map "{path}"', hint="check the path")
    with closing(database.connect_reader(path)) as opened:
        try:
            schema.verify(opened)
        except errors.KeyMapReadOnly as error:
            raise errors.FileProblem(
                f'"{path}" was left in the middle of a commit, which has to be taken back first',
                hint=f"glaciercli --key-map {path} list does that",
            ) from error
        yield opened


def holdings(opened: database.Database) -> Holdings:
    """Return how much a key map holds."""
    live = _count(opened, f"archives WHERE {_LIVE_IN_ANY_FORMAT}")
    return Holdings(
        vaults=_count(opened, "vaults"),
        live_archives=live,
        deleted_archives=_count(opened, "archives") - live,
        uploads=_count(opened, "uploads"),
        jobs=_count(opened, "jobs"),
        downloads=_count(opened, "downloads"),
        inventories=_count(opened, "inventories"),
        journal_entries=_count(opened, "journal"),
    )


def holdings_of(path: str) -> Holdings:
    """Return how much the key map in a file holds."""
    with source(path) as opened:
        return holdings(opened)


def bring_up_to_date(path: str, *, now: datetime) -> None:
    """Give a key map that is all our own the newest format."""
    with closing(database.connect(path)) as opened:
        schema.migrate(opened, now=now)


def index_anew(path: str) -> None:
    """Make the indexes of a key map that is all our own those of its tables.

    A damaged one may hide rows from whoever asks for them.  Raises ``KeyMapDamaged``.
    """
    with closing(database.connect(path)) as opened:
        database.make_fleeting(opened)
        try:
            opened.execute("REINDEX")
        except sqlite3.IntegrityError as error:
            raise errors.KeyMapDamaged(
                f'"{path}" is damaged: {error}', hint="nothing was changed"
            ) from error


def tables(opened: database.Database) -> list[str]:
    """Return the tables of a key map but for the record of its migrations, in order of making."""
    rows = opened.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'migrations'"
        " AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    return [str(row[0]) for row in rows]


def columns(opened: database.Database, table: str) -> dict[str, str]:
    """Return the columns of a table, each with its type, in order."""
    rows = opened.query(f'PRAGMA table_info("{table}")')
    return {str(row[1]): str(row[2]) for row in rows}


def key_columns(opened: database.Database, table: str) -> list[str]:
    """Return the columns that tell the rows of a table apart."""
    rows = opened.query(f'PRAGMA table_info("{table}")')
    keys = sorted((integer(row[5]), str(row[1])) for row in rows if row[5])
    return [name for _, name in keys]


def _count(opened: database.Database, what: str) -> int:
    row = opened.one(f"SELECT count(*) FROM {what}")
    assert row is not None
    return integer(row[0])
