"""A key map of an earlier format is brought to the newest one, and nothing of it is lost."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from glaciercli import errors
from glaciercli.core import description
from glaciercli.keymap import check, database, exchange, schema, sources
from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.store import open_key_map, open_reader
from glaciercli.keymap.values import from_ms
from glaciercli.model.archives import ArchiveState
from tests.keymap.records import NOW, STORE

LARGER = schema.SMALLER_SINCE - 1

SERVICE_ID = "DMTmICA2n5Tdqq5BV2z7og-_".ljust(138, "x")
MARK = "abcDEF-_01234567"
MT2 = "mt2 eyJmaWxlbmFtZSI6ImZpbGUiLCJtdGltZSI6IjIwMTIxMTE0VDIwMTYxOFoifQ"
FASTGLACIER = "<m><v>4</v><p>Z2xhY2llci1kZy5wZGY=</p><lm>20120705T202210Z</lm></m>"

Row = dict[str, Any]


def archive(key: int, archive_id: str | None, name: str | None, text: str, **others: Any) -> Row:
    said = description.decode(text)
    return {
        "archive_key": key,
        "vault_key": 1,
        "archive_id": archive_id,
        "name": name,
        "name_source": "none" if name is None else "description",
        "description": text,
        "tag": said.tag,
        "size_bytes": 3,
        "tree_hash": b"h" * 32,
        "modified_ns": said.modified_ns,
        "uploaded_at": 1_000 + key,
        "state": "confirmed",
        "listed_at": None,
        "deleted_at": None,
        **others,
    }


OURS = description.encode(name="a/b c.txt", modified_ns=1_700_000_000_123_456_789, tag=MARK)
LONG = description.encode(name="a" * 1020, modified_ns=None, tag=MARK)
ARCHIVES = [
    archive(1, SERVICE_ID, "a/b c.txt", OURS),
    archive(2, "ID2", "a/b c.txt", "a/b c.txt", state="missing", listed_at=900),
    archive(3, "ID3", "renamed", OURS, name_source="user"),
    archive(4, "ID4", None, ""),
    archive(5, "ID5", None, "\udcff\udc80"),
    archive(6, "ID6", "\udcff", "\udcff", name_source="upload"),
    archive(7, "ID7", "file", MT2),
    archive(8, "ID8", "glacier-dg.pdf", FASTGLACIER, modified_ns=7),
    archive(9, None, "sent", OURS, state="unsettled"),
    archive(10, None, "empty", "", state="empty", size_bytes=0, tree_hash=None, modified_ns=5),
    archive(11, SERVICE_ID[:-1] + "y", "gone", "x", state="deleted", deleted_at=2_000),
    archive(12, "ID12", "begun", "begun", state="deleting", deleted_at=2_001),
    archive(13, "ID13", "none", "", state="empty", size_bytes=0, tree_hash=None, modified_ns=5),
    archive(20, "ID20", "a" * 1020, LONG, state="uploaded", listed_at=None),
    archive(21, "ID21", "listed", "listed", listed_at=1_500),
    archive(22, "ID22", "later", "later", listed_at=2_500),
]
#: Until when the vault's archives were listed.
UNTIL = 2_000

ROWS: dict[str, list[Row]] = {
    "archives": ARCHIVES,
    "vaults": [
        {
            "vault_key": 1,
            "endpoint": STORE.endpoint,
            "account": "1",
            "region": "r",
            "name": "photos",
            "created_at": 5,
            "gone_at": None,
            "listed_until": UNTIL,
        }
    ],
    "downloads": [
        {
            "download_key": 3,
            "archive_key": 20,
            "target": "/t\udcff",
            "partial": "/t~",
            "range_bytes": 4,
            "begun_at": 7,
        }
    ],
    "download_ranges": [{"download_key": 3, "start": 0, "stop": 4, "tree_hash": b"h" * 32}],
    "journal": [
        {
            "entry": 1,
            "at": 5,
            "vault_key": 1,
            "event": "deleted",
            "archive_id": SERVICE_ID[:-1] + "y",
            "name": "gone",
            "detail": "",
        }
    ],
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A key map in the last of the larger formats."""
    place = tmp_path / "key-map"
    place.touch()
    with closing(database.connect(str(place))) as opened:
        database.make_durable(opened)
        schema.migrate(opened, now=NOW, newest=LARGER)
        for table in ("vaults", "archives", "downloads", "download_ranges", "journal"):
            for row in ROWS[table]:
                put(opened, table, row)
    return str(place)


def put(opened: Database, table: str, row: Row) -> None:
    if table == "archives":
        row = {**row, "id_rank": None if row["archive_id"] is None else 0}
    marks = ", ".join("CAST(? AS TEXT)" if isinstance(one, str) else "?" for one in row.values())
    values = [encode_text(one) if isinstance(one, str) else one for one in row.values()]
    opened.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", values)  # noqa: S608


def told(path: str, table: str) -> list[Row]:
    """What a key map says of the rows of a table, in words."""
    with sources.source(path) as opened:
        rows = map(json.loads, exchange.lines(opened))
        return [row for row in rows if row.get("table") == table]


def as_told(table: str, row: Row) -> Row:
    """What is to be said of a row that was put in."""
    row = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
    if row.get("state") == "confirmed" and (row["listed_at"] or 9_999) <= UNTIL:
        # The vault holds its date.
        row["listed_at"] = 0
    if table == "archives":
        # Nobody told of either then.
        row |= {"mode": None, "gone_at": None}
        if row["state"] == "empty" and row["archive_id"] is None:
            # It was called stored before anybody had heard so.
            row["state"] = "unsettled"
    return {"table": table, **row}


def open_once(path: str) -> None:
    open_key_map(path, now=NOW).close()


def test_nothing_is_lost(path: str) -> None:
    open_once(path)
    for table, rows in ROWS.items():
        assert told(path, table) == [as_told(table, row) for row in rows]
    with sources.source(path) as opened:
        found = check.findings(opened, full=True, heard=lambda _done, _steps: None)
        assert list(found) == []


def test_only_what_follows_is_not_kept(path: str) -> None:
    open_once(path)
    with closing(sqlite3.connect(path)) as raw:
        kept = dict(raw.execute("SELECT archive_key, typeof(description) FROM archives"))
        ids = dict(raw.execute("SELECT archive_key, typeof(archive_id) FROM archives"))
    assert {key for key, kind in kept.items() if kind == "null"} == {2, 4, 6, 12, 21, 22}
    assert {key for key, kind in kept.items() if kind == "integer"} == {1, 7, 20}
    assert {key for key, kind in kept.items() if kind == "blob"} == {5}
    assert {key for key, kind in ids.items() if kind == "blob"} == {1, 11}


def test_archives_are_found_as_before(path: str) -> None:
    open_once(path)
    with closing(open_reader(path, now=NOW)) as reader:
        (vault,) = reader.vaults.in_store(STORE)
        assert [one.key for one in reader.archives.by_id_prefix(vault, SERVICE_ID[:9])] == [1, 11]
        found = reader.archives.by_id(vault, SERVICE_ID)
        assert found is not None
        assert (found.description, found.tag, found.state) == (OURS, MARK, ArchiveState.CONFIRMED)
        assert [one.key for one in reader.archives.named(vault, "\udcff")] == [6]
        dates = {one.key: one.listed_at for one in reader.archives.live(vault)}
    assert dates[21] == from_ms(UNTIL)
    assert dates[22] == from_ms(UNTIL + 500)


def test_the_file_gets_smaller(tmp_path: Path) -> None:
    place = tmp_path / "key-map"
    place.touch()
    with closing(database.connect(str(place))) as opened:
        schema.migrate(opened, now=NOW, newest=LARGER)
        put(opened, "vaults", ROWS["vaults"][0])
        with opened.transaction():
            for key in range(8_000):
                name = f"photos/2026/{key:020}.jpg"
                put(opened, "archives", archive(key, f"{key:07}".ljust(138, "-"), name, name))
    before = place.stat().st_size
    open_once(str(place))
    assert place.stat().st_size < before * 0.8


def test_an_export_of_an_earlier_format_is_taken_in(path: str, tmp_path: Path) -> None:
    with sources.source(path) as opened:
        lines = [one.encode() for one in exchange.lines(opened)]
    assert json.loads(lines[0])["format"] == LARGER
    made = tmp_path / "made"
    made.touch()
    exchange.fill(str(made), lines, path="x.jsonl", now=NOW)
    sources.bring_up_to_date(str(made), now=NOW)
    for table, rows in ROWS.items():
        assert told(str(made), table) == [as_told(table, row) for row in rows]


def test_a_check_of_an_earlier_format_finds_nothing_wrong_with_it(path: str) -> None:
    with sources.source(path) as opened:
        assert not list(check.findings(opened, full=True, heard=lambda _done, _steps: None))


@pytest.mark.covers("P14")
def test_a_migration_that_fails_leaves_the_key_map_as_it_was(path: str) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        # No later format has room for it.
        raw.execute("UPDATE archives SET archive_id = NULL WHERE archive_key = 21")
        raw.commit()
    before = Path(path).read_bytes()
    with pytest.raises(errors.KeyMapDamaged, match="CHECK"):
        open_once(path)
    assert Path(path).read_bytes() == before


_DOES_WITHOUT = (
    "UPDATE sqlite_master SET sql = replace(sql, 'description TEXT NOT NULL', 'description TEXT')"
)


@pytest.mark.parametrize(
    "damage",
    [
        ("ALTER TABLE migrations RENAME COLUMN applied_at TO moment",),
        # A page that was overwritten may hold nothing where something must be.
        (_DOES_WITHOUT, "UPDATE archives SET description = NULL"),
    ],
)
def test_a_damaged_one_that_cannot_be_brought_up_to_date_is_told(
    path: str, damage: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA writable_schema=ON")
        for statement in damage:
            raw.execute(statement)
            raw.commit()
            # The next statement goes by what is in the file now.
            raw.execute("PRAGMA writable_schema=RESET")
            raw.execute("PRAGMA writable_schema=ON")
    with pytest.raises(errors.KeyMapDamaged):
        open_once(path)


def test_whoever_opens_it_is_asked_first(path: str) -> None:
    seen: list[int] = []

    def look() -> None:
        with closing(sqlite3.connect(path)) as raw:
            seen.extend(raw.execute("PRAGMA user_version").fetchone())

    open_key_map(path, now=NOW, before_migration=look).close()
    open_key_map(path, now=NOW, before_migration=look).close()
    assert seen == [LARGER]
