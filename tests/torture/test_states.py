"""That a world is put back, and that worlds are called the same only where they are."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.torture.digests import Digests
from tests.torture.kept import Kept, marks
from tests.torture.states import state

_OLD = (10**18, 10**18)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make a directory with everything that a world may have."""
    home = tmp_path / "home"
    (home / "work" / "below").mkdir(parents=True)
    for name in ("one", "two", "below/three"):
        (home / "work" / name).write_text(name)
        os.utime(home / "work" / name, ns=_OLD)
    (home / "work" / "link").symlink_to("one")
    (home / "work" / "again").hardlink_to(home / "work" / "two")
    with closing(sqlite3.connect(home / "map.sqlite3")) as made:
        made.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)")
    return home


def _nothing(_work: Path) -> None:
    pass


def _write(work: Path) -> None:
    (work / "one").write_text("ONE")
    os.utime(work / "one", ns=_OLD)


def _write_both_names(work: Path) -> None:
    (work / "again").write_text("TWO")


def _make(work: Path) -> None:
    (work / "new").mkdir()
    (work / "new" / "file").write_text("new")


def _remove(work: Path) -> None:
    (work / "below" / "three").unlink()
    (work / "below").rmdir()
    (work / "link").unlink()


def _change_kinds(work: Path) -> None:
    (work / "one").unlink()
    (work / "one").mkdir()
    (work / "link").unlink()
    (work / "link").write_text("no link")
    (work / "below" / "three").unlink()
    (work / "below").rmdir()
    (work / "below").symlink_to("two")


def _replace(work: Path) -> None:
    (work / "copy").write_text("one")
    os.utime(work / "copy", ns=_OLD)
    (work / "copy").replace(work / "one")


def _forbid(work: Path) -> None:
    (work / "one").chmod(0o400)


def _store(work: Path) -> None:
    with closing(sqlite3.connect(work.parent / "map.sqlite3")) as opened, opened:
        opened.execute("UPDATE t SET a = 3 WHERE a = 2")


_CHANGES = (
    _write,
    _write_both_names,
    _make,
    _remove,
    _change_kinds,
    _replace,
    _forbid,
    _store,
)


@pytest.mark.parametrize("change", [_nothing, *_CHANGES])
def test_what_was_touched_is_put_back_and_nothing_else(
    home: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    kept = Kept(home, tmp_path / "kept")
    kept.keep()
    before, two = _seen(home), (home / "work" / "below").stat().st_ino
    change(home / "work")
    kept.put_back()
    assert _seen(home) == before
    is_kept = change not in {_write_both_names, _remove, _change_kinds}
    assert not is_kept or (home / "work" / "below").stat().st_ino == two


@pytest.mark.parametrize("change", _CHANGES)
def test_a_change_is_another_state_until_it_is_put_back(
    home: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    kept, digests = Kept(home, tmp_path / "kept"), Digests()
    kept.keep()
    before = state(home, kept, digests)
    change(home / "work")
    assert state(home, kept, digests) != before


def test_the_same_rows_are_the_same_state_wherever_they_stand(home: Path, tmp_path: Path) -> None:
    kept, digests = Kept(home, tmp_path / "kept"), Digests()
    kept.keep()
    before = state(home, kept, digests)
    with closing(sqlite3.connect(home / "map.sqlite3")) as opened:
        opened.executescript("INSERT INTO t VALUES (3); DELETE FROM t WHERE a = 3; VACUUM")
    assert state(home, kept, digests) == before


def _seen(home: Path) -> dict[str, tuple[object, ...]]:
    """Return all that a run can see of a directory, but for the numbers of files."""
    return {
        name: (mark.mode, mark.links, mark.size, mark.modified_ns, _content(home / name))
        for name, mark in marks(home)
    }


def _content(path: Path) -> bytes | str:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_bytes() if path.is_file() else b""
