"""Another key map is made ready to be taken in, or refused."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.keymap import incoming
from glaciercli.keymap.store import open_key_map, open_reader
from tests.keymap.records import NOW, STORE, add, meet


@pytest.fixture
def path(tmp_path: Path) -> str:
    place = str(tmp_path / "other")
    with closing(open_key_map(place, now=NOW)) as key_map:
        vault = meet(key_map)
        for number in range(9):
            add(key_map, vault, f"name {number}", archive_id=f"ID{number}")
    return place


def change_behind_its_indexes(path: str, statement: str) -> None:
    """Change a table, and leave its indexes as they are."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA writable_schema=ON")
        indexes = "FROM sqlite_master WHERE name LIKE 'archives_%'"
        kept = raw.execute(f"SELECT * {indexes}").fetchall()
        raw.execute(f"DELETE {indexes}")
        raw.commit()
        raw.execute("PRAGMA writable_schema=RESET")
        raw.execute(statement)
        raw.execute("PRAGMA writable_schema=ON")
        raw.executemany("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", kept)
        raw.commit()


@contextmanager
def ready(path: str) -> Iterator[str]:
    with incoming.ready(
        path, beside=f"{path}-own", now=NOW, heard=lambda _done, _total: None, called=path
    ) as made:
        yield made


def test_a_row_that_an_index_hides_is_taken_in(path: str) -> None:
    change_behind_its_indexes(path, "UPDATE archives SET name = 'hidden' WHERE archive_key = 3")
    before = Path(path).read_bytes()
    with ready(path) as made, closing(open_reader(made, now=NOW)) as reader:
        (vault,) = reader.vaults.in_store(STORE)
        assert [one.archive_id for one in reader.archives.named(vault, "hidden")] == ["ID2"]
    assert Path(path).read_bytes() == before


@pytest.mark.covers("P9")
def test_what_an_index_hides_is_looked_at_too(path: str) -> None:
    change_behind_its_indexes(path, "UPDATE archives SET archive_id = 'ID2' WHERE archive_key = 7")
    with pytest.raises(errors.KeyMapDamaged, match="more than one row"), ready(path):
        pass
