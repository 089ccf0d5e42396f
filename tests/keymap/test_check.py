"""A check finds what is broken, says what to do, and changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.keymap import check, check_rules, database, schema, sources
from glaciercli.keymap.store import open_key_map
from glaciercli.model.archives import ArchiveState
from glaciercli.model.care import Finding
from tests.keymap.records import NOW, add, meet


@pytest.fixture
def path(tmp_path: Path) -> str:
    place = str(tmp_path / "key-map")
    with closing(open_key_map(place, now=NOW)) as key_map:
        vault = meet(key_map)
        for number in range(30):
            add(key_map, vault, f"name {number}", archive_id=f"ID{number}")
        key_map.journal.write("deleted", at=NOW, vault_key=vault.key, archive_id="ID29")
        key_map.archives.set_state(30, ArchiveState.DELETED, deleted_at=NOW)
    return place


def found(path: str, *, full: bool = False) -> list[Finding]:
    with sources.source(path) as opened:
        return list(check.findings(opened, full=full, heard=lambda _done, _steps: None))


def spoil(path: str, *statements: str) -> None:
    """Change a key map as no program should."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            raw.execute(statement)
        raw.commit()


DAMAGES = {
    "kept_id": "UPDATE archives SET archive_id = zeroblob(9) WHERE archive_key = 3",
    "id_form": "UPDATE archives SET tag = 'abcdefghijklmnop' WHERE archive_key = 3",
    "repeated_id": "UPDATE archives SET archive_id = 'ID2' WHERE archive_key = 7",
    "description": "UPDATE archives SET description = 1 WHERE archive_key = 3",
    "archive_state": "UPDATE archives SET state = 77, deleted_at = 5 WHERE archive_key = 3",
    "name_source": "UPDATE archives SET name_source = 77 WHERE archive_key = 3",
    "archive_without_id": "UPDATE archives SET archive_id = NULL WHERE archive_key = 3",
    "tombstone_time": "UPDATE archives SET deleted_at = 5 WHERE archive_key = 3",
    "tree_hash": "UPDATE archives SET tree_hash = x'00' WHERE archive_key = 3",
    "size": "UPDATE archives SET size_bytes = -1 WHERE archive_key = 3",
    "foreign_key": "INSERT INTO downloads VALUES (1, 999, '/t', '/p', 5, 5)",
    "upload_stage": "INSERT INTO uploads VALUES (1, 1, 'n', '/p', 5, 1, 1, 1, 5, 'd', NULL,"
    " NULL, 'sending', NULL, 5)",
    "job_status": "INSERT INTO jobs VALUES (1, 1, 'J', 'Dance', NULL, NULL, NULL, 'InProgress',"
    " '', 5, NULL, NULL, NULL, 1, NULL)",
    "upload_source": "INSERT INTO uploads VALUES (1, 1, 'n', '/p', 5, NULL, 1, 1, 5, 'd', NULL,"
    " NULL, 'intended', NULL, 5)",
    "time": "UPDATE archives SET uploaded_at = 9223372036854775807 WHERE archive_key = 3",
    "mode": "UPDATE archives SET mode = 1099511627776 WHERE archive_key = 3",
    "inventory": "INSERT INTO inventories VALUES (1, 1, 5, NULL, 1, -1, 5)",
    "journal": "UPDATE archives SET state = 1, deleted_at = NULL WHERE archive_id = 'ID29'",
}


def test_a_sound_key_map_has_no_findings(path: str) -> None:
    assert found(path) == []
    assert found(path, full=True) == []


@pytest.mark.parametrize("kind", DAMAGES)
def test_each_damage_is_found_and_comes_with_advice(path: str, kind: str) -> None:
    spoil(path, DAMAGES[kind])
    (finding,) = found(path)
    assert (finding.kind, finding.count) == (kind, 1)
    assert finding.examples
    assert finding.advice


MORE = {
    "size": "UPDATE archives SET size_bytes = 9223372036854775807 WHERE archive_key = 3",
    "kept_id": "UPDATE archives SET tag = CAST(x'8081' AS TEXT) WHERE archive_key = 3",
    "description": "UPDATE archives SET description = 1.5 WHERE archive_key = 3",
    "upload_stage": "INSERT INTO uploads VALUES (1, 1, 'n', '', NULL, NULL, NULL, NULL, 5, 'd',"
    " NULL, NULL, 'dancing', NULL, 5)",
    "job_status": "INSERT INTO jobs VALUES (1, 1, 'J', 'ArchiveRetrieval', NULL, 'Soon', NULL,"
    " 'InProgress', '', 5, NULL, NULL, NULL, 1, NULL)",
    "time": "UPDATE vaults SET listed_until = -62135596800000 WHERE vault_key = 1",
}


@pytest.mark.parametrize("kind", MORE)
def test_each_other_form_of_a_damage_is_found(path: str, kind: str) -> None:
    spoil(path, MORE[kind])
    assert [one.kind for one in found(path)] == [kind]


@pytest.mark.parametrize("table", ["upload_parts", "download_ranges"])
def test_parts_that_overlap_are_found(path: str, table: str) -> None:
    spoil(
        path,
        "INSERT INTO uploads VALUES (1, 1, 'n', '/p', 9, 1, 1, 1, 5, 'd', NULL, NULL,"
        " 'intended', NULL, 5)",
        "INSERT INTO downloads VALUES (1, 1, '/t', '/p', 5, 5)",
        f"INSERT INTO {table} VALUES (1, 0, 5, zeroblob(32)), (1, 4, 9, zeroblob(32))",  # noqa: S608
    )
    (finding,) = found(path)
    assert finding.kind == "span"


@pytest.mark.covers("P9")
def test_pages_that_were_overwritten_are_found(path: str) -> None:
    size = Path(path).stat().st_size
    with open(path, "r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xa5" * (size - 4096 * 3))
    assert [one.kind for one in found(path)] == ["sqlite"]


def test_every_time_that_is_kept_is_looked_at() -> None:
    named = {(table, column) for table, _, columns in check_rules.TIMES for column in columns}
    with closing(database.connect_memory()) as opened:
        schema.migrate(opened, now=NOW)
        times = {
            (table, column)
            for table in sources.tables(opened)
            for column in sources.columns(opened, table)
            if column == "at" or column.endswith(("_at", "_date", "_until"))
        }
    assert named == times


def test_an_empty_mark_is_sound(path: str) -> None:
    """Anybody may describe an archive so."""
    spoil(path, "UPDATE archives SET tag = '' WHERE archive_key = 3")
    assert found(path) == []


def test_a_check_changes_nothing(path: str) -> None:
    spoil(path, DAMAGES["kept_id"])
    before = Path(path).read_bytes(), Path(path).stat().st_mtime_ns
    found(path, full=True)
    assert (Path(path).read_bytes(), Path(path).stat().st_mtime_ns) == before


def test_a_key_map_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.FileProblem, match="there is no key map"):
        found(str(tmp_path / "nothing"))


def test_each_rule_is_documented() -> None:
    document = Path(__file__).parents[2] / "docs" / "key-map.md"
    text = document.read_text(encoding="utf-8")
    missing = [kind for kind in check.rule_kinds() if f"| `{kind}` |" not in text]
    assert missing == []
