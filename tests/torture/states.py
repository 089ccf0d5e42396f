"""What a world is like, in so few bytes that worlds can be told to be the same.

Worlds of the same state are the same to any run to come: the rows of their databases are, in their
order, and so is every other file, its bytes, its kind, and whether it is the very one of before.
"""

import hashlib
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.torture.digests import Digests
from tests.torture.kept import Kept, Mark, marks

_DAY_NS = 24 * 3600 * 10**9

_DATABASE = ".sqlite3"

#: What of them still counts shows in the rows: a journal that has to be played back first cannot be
#: beside a database that can be read by somebody who may not write.
_BESIDE = (f"{_DATABASE}-journal", f"{_DATABASE}-wal", f"{_DATABASE}-shm")


def state(directory: Path, kept: Kept, digests: Digests) -> str:
    """Return the same for directories in which every run goes the same way."""
    digest = hashlib.sha256()
    for name, mark in marks(directory):
        if name.endswith(_BESIDE):
            continue
        words = (name, mark.mode, mark.links, kept.is_same_file(name, mark))
        content = _content(directory / name, mark, digests)
        digest.update(repr((*words, *content, *_age(mark))).encode())
    return digest.hexdigest()


def _content(path: Path, mark: Mark, digests: Digests) -> Iterator[str]:
    if path.name.endswith(_DATABASE):
        yield from _rows(path)
    elif stat.S_ISREG(mark.mode):
        yield digests.of(path, mark)
    elif stat.S_ISLNK(mark.mode):
        yield str(path.readlink())


def _age(mark: Mark) -> Iterator[int]:
    """Yield when an old file was changed; those of this trial are all as good as new."""
    if mark.modified_ns < time.time_ns() - _DAY_NS:
        yield mark.modified_ns


def _rows(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as opened:
        opened.text_factory = bytes
        yield repr(opened.execute("PRAGMA user_version").fetchone())
        made = opened.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        yield repr(made)
        for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            yield repr(opened.execute(f'SELECT * FROM "{name.decode()}"').fetchall())  # noqa: S608
