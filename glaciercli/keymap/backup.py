"""Copies of a key map that other runs may write to meanwhile.

SQLite's backup interface copies some pages at a time and lets writers in between; ``VACUUM INTO``
would keep every run from committing until it is done.  Where a writer changes pages, SQLite begins
the copy anew; after a few times the rest is done in one step.
"""

import os
from contextlib import closing
from dataclasses import dataclass

from glaciercli import errors
from glaciercli.keymap import check, database, files, sources
from glaciercli.keymap.database import Database
from glaciercli.keymap.sources import Heard
from glaciercli.model.care import Holdings

#: How many pages one step copies: 8 MiB of 8 KiB each.
_STEP_PAGES = 1024

#: How often a copy is begun anew before it is done in one step.
_MOST_RESTARTS = 3
_ALL_PAGES = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was verified."""

    path: str
    size_bytes: int
    holdings: Holdings


class _TooLively(Exception):
    """Others write so often that a copy in steps does not come to an end."""


def backup(source: str, path: str, *, overwrite: bool, heard: Heard) -> Copied:
    """Copy a key map under another name, whole and proved before it has that name.

    Raises ``FileProblem`` where the name is taken, and ``KeyMapDamaged`` where the key map is
    damaged: a copy of that is no backup.
    """
    files.refuse_taken(path, overwrite=overwrite)
    with files.fresh(path) as made:
        held = copy(source, made, heard=heard)
        files.put_in_place(made, path, overwrite=overwrite)
    with files.file_problems(path):
        return Copied(path=path, size_bytes=os.path.getsize(path), holdings=held)


def copy(source: str, made: str, *, heard: Heard) -> Holdings:
    """Copy a key map into an empty file, prove the copy, and return what it holds."""
    with sources.source(source) as opened:
        version = opened.one("PRAGMA data_version")
        _copy_pages(opened, made, heard=heard)
        held = _proved(made)
        expected = sources.holdings(opened)
        # Only if nobody wrote meanwhile both have to hold the same.
        if opened.one("PRAGMA data_version") == version and held != expected:
            raise errors.KeyMapDamaged(
                f'the copy of "{source}" does not hold what it holds',
                hint="check the disk; nothing was changed",
            )
    return held


def _copy_pages(opened: Database, made: str, *, heard: Heard) -> None:
    restarts, last = 0, -1

    def advanced(done: int, total: int) -> None:
        nonlocal restarts, last
        # The first step of a copy that was begun anew comes no further than that before it.
        restarts += done <= last
        last = done
        heard(done, total)
        if restarts > _MOST_RESTARTS:
            raise _TooLively

    try:
        _copy_into(opened, made, pages=_STEP_PAGES, heard=advanced)
    except _TooLively:
        # Half a copy is no database that SQLite would go on with.
        with files.file_problems(made):
            os.truncate(made, 0)
        _copy_into(opened, made, pages=_ALL_PAGES, heard=heard)


def _copy_into(opened: Database, made: str, *, pages: int, heard: Heard) -> None:
    with closing(database.connect(made)) as target:
        # Nobody reads the file before it is whole.
        target.one("PRAGMA journal_mode=OFF")
        target.execute("PRAGMA synchronous=OFF")
        opened.copy_into(target, pages=pages, advanced=heard)


def _proved(made: str) -> Holdings:
    with sources.source(made) as opened:
        found = next(check.sqlite_findings(opened, full=False), None)
        if found is not None:
            raise errors.KeyMapDamaged(
                f"the key map is damaged, and so would be a copy: {found.examples[0]}",
                hint="glaciercli keymap check says more; nothing was changed",
            )
        return sources.holdings(opened)
