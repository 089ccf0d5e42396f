"""Putting a prepared key map in the place of the present one, which is kept beside it."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime

from glaciercli import errors
from glaciercli.keymap import database, files, presence

#: How long another process may hold the file, in seconds.
_PATIENCE = 2


def replace(made: str, path: str, *, now: datetime) -> str | None:
    """Give a prepared key map the name of the present one, and return where that is kept now.

    There is a key map of that name at every moment.  Raises ``Busy`` while another run uses it.
    """
    # What a link leads to is replaced, not the link.
    path = os.path.realpath(path)
    with files.file_problems(path):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with presence.alone(path, "the restoration"):
        if not os.path.lexists(path):
            files.put_in_place(made, path, overwrite=False)
            return None
        with _quiet(path), files.file_problems(path):
            kept = _free_name(f"{path}.before-{now:%Y%m%dT%H%M%SZ}")
            os.link(path, kept)
            _move_companions(path, kept)
            files.put_in_place(made, path, overwrite=True)
            return kept


@contextmanager
def _quiet(path: str) -> Iterator[None]:
    """Hold off programs that know no presence lock, and have SQLite finish what it keeps beside.

    A damaged file, which is what one restores for, cannot be held.
    """
    with closing(database.connect(path, waits=_PATIENCE)) as old:
        held = False
        with suppress(errors.KeyMapDamaged, errors.KeyMapReadOnly):
            # Pages in a WAL file would be taken for those of the new key map.
            old.one("PRAGMA journal_mode=TRUNCATE")
            old.execute("BEGIN EXCLUSIVE")
            held = True
        yield
        if held:
            old.execute("ROLLBACK")


def _move_companions(path: str, kept: str) -> None:
    """Keep with a damaged file what SQLite could not finish."""
    for suffix in files.COMPANIONS:
        companion = f"{path}{suffix}"
        if os.path.lexists(companion) and os.path.getsize(companion):
            os.replace(companion, f"{kept}{suffix}")


def _free_name(wanted: str) -> str:
    number, name = 1, wanted
    while os.path.lexists(name):
        number += 1
        name = f"{wanted}-{number}"
    return name
