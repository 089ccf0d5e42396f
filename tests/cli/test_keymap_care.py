"""The key map is checked, copied, put back, given out and united, and nothing of it is lost."""

import os
import re
import shlex
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from glaciercli.keymap import database, schema
from glaciercli.keymap.store import open_key_map
from tests.cli.conftest import Run, Spawn, finished

pytestmark = pytest.mark.usefixtures("stored")

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def stored(local: Run, work: Path) -> Path:
    """A vault with two files, one of an odd name."""
    names = ["a", os.fsdecode(b"odd \xff name")]
    for name in names:
        (work / "source").mkdir(exist_ok=True)
        (work / "source" / name).write_text(name[:3])
    local("vault", "create", "photos").ok()
    local("upload", "source", "photos").ok()
    return work


def listing(local: Run, *options: object) -> list[tuple[str, str]]:
    found = local("list", "photos", "-o", "json", *options).ok().json["archives"]
    return [(one["name"], one["state"]) for one in found]


BEFORE = [("a", "uploaded"), ("odd \udcff name", "uploaded")]


# Checking.


def test_a_damaged_key_map_is_told_with_advice(local: Run, key_map: Path) -> None:
    assert local("keymap", "check").ok().lines[-1].endswith("is sound")
    with closing(sqlite3.connect(key_map)) as raw:
        raw.execute("UPDATE archives SET tag = 'abcdefghijklmnop' WHERE archive_key = 1")
        raw.commit()
    said = local("keymap", "check").failed(16, "nothing finds them")
    assert "what to do: `glaciercli keymap export`" in said.out
    (finding,) = local("keymap", "check", "-o", "json").failed(16).json["findings"]
    assert (finding["kind"], finding["count"]) == ("id_form", 1)


def test_the_advice_for_a_mark_in_the_wrong_form_helps(local: Run, key_map: Path) -> None:
    with closing(sqlite3.connect(key_map)) as raw:
        raw.execute("UPDATE archives SET tag = 'abcdefghijklmnop' WHERE archive_key = 1")
        raw.commit()
    local("keymap", "export", "all.jsonl").ok()
    local("keymap", "import", "all.jsonl", "--key-map", "new").ok()
    local("keymap", "check", "--full", "--key-map", "new").ok()


def test_there_is_nothing_to_check_before_the_first_run(local: Run) -> None:
    local("keymap", "check", "--key-map", "new").failed(1, "there is no key map")
    assert not os.path.lexists("new")


def test_a_pipe_in_the_place_of_a_key_map_is_not_waited_for(local: Run, home: Path) -> None:
    os.mkfifo(home / "pipe")
    for line in (("list",), ("vault", "create", "photos"), ("keymap", "check")):
        local(*line, "--key-map", home / "pipe").failed(1, "is a pipe")


# Backup and restore.


def test_a_backup_is_no_key_map_of_less(local: Run, stored: Path) -> None:
    said = local("keymap", "backup", "copy", "-o", "json").ok().json
    assert (said["path"], said["live_archives"]) == (str(stored / "copy"), 2)
    assert listing(local, "--key-map", stored / "copy") == BEFORE
    assert (stored / "copy").stat().st_mode & 0o777 == 0o600


def test_a_backup_replaces_a_file_only_when_told(local: Run, stored: Path) -> None:
    (stored / "copy").write_text("precious")
    local("keymap", "backup", "copy").failed(1, "exists already")
    assert (stored / "copy").read_text() == "precious"
    local("keymap", "backup", "copy", "--overwrite").ok()
    assert listing(local, "--key-map", stored / "copy") == BEFORE


def test_a_backup_of_a_damaged_key_map_is_refused(local: Run, stored: Path, key_map: Path) -> None:
    with open(key_map, "r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * 40_000)
    local("keymap", "backup", "copy").failed(16)
    assert not (stored / "copy").exists()
    assert [one for one in os.listdir(stored) if one.startswith(".key-map")] == []


def test_a_dry_run_of_a_backup_writes_nothing(local: Run, stored: Path) -> None:
    assert local("keymap", "backup", "copy", "--dry-run").ok().out.startswith("would be written")
    assert not (stored / "copy").exists()


def test_what_is_restored_is_what_was_there_then(local: Run) -> None:
    local("keymap", "backup", "copy").ok()
    local("rename", "photos/a", "b").ok()
    assert local("keymap", "restore", "copy", "--dry-run").ok().out.startswith("copy would take")
    assert listing(local)[0][0] == "b"
    said = local("keymap", "restore", "copy", "--yes", "-o", "json").ok().json
    assert listing(local) == BEFORE
    assert listing(local, "--key-map", said["kept_as"])[0][0] == "b"
    assert (said["before"]["journal_entries"], said["after"]["journal_entries"]) == (4, 3)


def test_a_restoration_names_the_line_that_brings_what_was_done_since(
    local: Run, stored: Path
) -> None:
    local("keymap", "backup", "copy").ok()
    local("delete", "photos/a", "--yes").ok()
    (stored / "g").write_text("since")
    local("upload", "g", "photos").ok()
    assert "keymap merge" not in local("keymap", "restore", "copy", "--dry-run").ok().out
    said = local("keymap", "restore", "copy", "--yes").ok()
    assert listing(local) == BEFORE
    (line,) = re.findall(r"`glaciercli (.+)` brings it", said.out)
    local(*shlex.split(line)).ok()
    assert listing(local) == [("g", "uploaded"), BEFORE[1]]
    assert "stored already" in local("upload", "g", "photos").ok().out
    assert "stored a" in local("upload", "source/a", "photos").ok().lines


def test_a_restoration_over_what_nobody_can_read_leaves_the_rest_to_an_inventory(
    local: Run, stored: Path, key_map: Path
) -> None:
    local("keymap", "backup", "copy").ok()
    (stored / "g").write_text("since")
    local("upload", "g", "photos").ok()
    for damage in (lambda: key_map.write_bytes(b"no database" * 999), key_map.unlink):
        damage()
        said = local("keymap", "restore", "copy", "--yes").ok()
        assert "`glaciercli inventory refresh VAULT` brings" in said.out
        assert "keymap merge" not in said.out
    local("inventory", "refresh", "photos").ok()
    assert [name for name, _ in listing(local)] == ["a", "g", BEFORE[1][0]]


def test_a_restoration_asks_first(local: Run) -> None:
    local("keymap", "backup", "copy").ok()
    local("rename", "photos/a", "b").ok()
    local("keymap", "restore", "copy").failed(2, "--yes says that it is meant")
    assert listing(local)[0][0] == "b"


def test_an_export_can_be_restored_too(local: Run, key_map: Path) -> None:
    local("keymap", "export", "all.jsonl.gz").ok()
    key_map.unlink()
    said = local("keymap", "restore", "all.jsonl.gz", "--yes", "-o", "json").ok().json
    assert (said["before"], said["kept_as"]) == (None, None)
    assert listing(local) == BEFORE


@pytest.mark.covers("P9")
def test_a_damaged_key_map_gives_way_and_is_kept(local: Run, key_map: Path) -> None:
    local("keymap", "backup", "copy").ok()
    key_map.write_bytes(b"no database" * 999)
    said = local("keymap", "restore", "copy", "--yes", "-o", "json").ok().json
    assert Path(said["kept_as"]).read_bytes() == b"no database" * 999
    assert listing(local) == BEFORE


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", 1, "line 1: the file ends too early"),
        (b"SQLite format 3\0" + b"\xa5" * 5000, 16, ""),
        (b"\x1f\x8b nonsense", 1, "is damaged"),
        (None, 1, "no such file"),
    ],
)
def test_what_is_no_copy_is_not_restored(
    local: Run, stored: Path, key_map: Path, content: bytes | None, code: int, words: str
) -> None:
    if content is not None:
        (stored / "copy").write_bytes(content)
    before = key_map.read_bytes()
    local("keymap", "restore", "copy", "--yes").failed(code, words)
    assert key_map.read_bytes() == before


def test_a_copy_by_a_newer_program_is_not_restored(local: Run, stored: Path) -> None:
    local("keymap", "backup", "copy").ok()
    with closing(sqlite3.connect(stored / "copy")) as raw:
        raw.execute("PRAGMA user_version=999")
    local("keymap", "restore", "copy", "--yes").failed(16, "format 999")
    assert listing(local) == BEFORE


def test_nothing_is_restored_under_a_run_at_work(local: Run, key_map: Path) -> None:
    local("keymap", "backup", "copy").ok()
    with closing(open_key_map(str(key_map), now=NOW)):
        local("keymap", "restore", "copy", "--yes").failed(12, "another run is using")
    local("keymap", "restore", "copy", "--yes").ok()


def test_nothing_is_restored_under_another_program(local: Run, key_map: Path) -> None:
    local("keymap", "backup", "copy").ok()
    with closing(sqlite3.connect(key_map, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        local("keymap", "restore", "copy", "--yes").failed(12)


# Export, import, merge.


def test_an_export_fills_a_new_key_map_with_the_same(local: Run, stored: Path) -> None:
    local("rename", "photos/a", "my name").ok()
    text = local("keymap", "export").ok().raw
    (stored / "all.jsonl").write_bytes(text)
    local("keymap", "import", "all.jsonl", "--key-map", "new", "--dry-run").ok()
    assert local("keymap", "export", "--key-map", "new").ok().raw.count(b"\n") == 2
    local("keymap", "import", "all.jsonl", "--key-map", "new").ok()
    assert local("keymap", "export", "--key-map", "new").ok().raw == text


def test_a_key_map_that_holds_something_is_not_imported_into(local: Run) -> None:
    local("keymap", "export", "all.jsonl").ok()
    said = local("keymap", "import", "all.jsonl").failed(1, "is not empty")
    assert "keymap merge all.jsonl" in said.err


def test_a_damaged_export_changes_nothing(local: Run, stored: Path) -> None:
    lines = local("keymap", "export").ok().raw.splitlines(keepends=True)
    (stored / "all.jsonl").write_bytes(b"".join([*lines[:3], b"{broken\n", *lines[4:]]))
    for command in ("import", "merge"):
        said = local("keymap", command, "all.jsonl", "--key-map", "new")
        said.failed(1, '"all.jsonl", line 4: it is no JSON')
    assert local("keymap", "export", "--key-map", "new").ok().raw.count(b"\n") == 2


@pytest.mark.covers("P12")
def test_two_machines_become_one(local: Run, stored: Path, key_map: Path) -> None:
    shutil.copy(key_map, stored / "laptop")
    laptop = ("--key-map", str(stored / "laptop"))
    local("rename", "photos/a", "named here").ok()
    (stored / "c").write_text("only on the laptop")
    local("upload", "c", "photos", *laptop).ok()
    local("delete", "photos/odd*", "--yes", *laptop).ok()
    before = (stored / "laptop").read_bytes()
    dry = local("keymap", "merge", "laptop", "--dry-run", "-o", "json").ok().json
    assert listing(local) == [("named here", "uploaded"), BEFORE[1]]
    said = local("keymap", "merge", "laptop", "-o", "json").ok().json
    assert {**dry, "dry_run": False} == said
    assert (said["archives_added"], said["archives_deleted"]) == (1, 1)
    assert listing(local) == [("c", "uploaded"), ("named here", "uploaded")]
    assert (stored / "laptop").read_bytes() == before
    again = local("keymap", "merge", "laptop").ok()
    assert again.lines[-1] == "  nothing that was not known"


def test_an_export_is_taken_in_from_standard_input(local: Run, spawn: Spawn, stored: Path) -> None:
    lines = local("keymap", "export").ok().raw
    for line, map_ in ((("import", "-"), "new"), (("merge", "-"), "other")):
        process = spawn("--local", "keymap", *line, "--key-map", str(stored / map_))
        done = finished(process, lines)
        assert done.code == 0, done.err
        assert listing(local, "--key-map", map_) == BEFORE
    broken = finished(
        spawn("--local", "keymap", "import", "-", "--key-map", str(stored / "third")), lines[:-9]
    )
    assert broken.code == 1
    assert '"-", line' in broken.err


# Snapshots.


def snapshots(local: Run) -> list[str]:
    return [
        one["path"] for one in local("keymap", "snapshots", "-o", "json").ok().json["snapshots"]
    ]


def test_a_snapshot_is_made_before_much_changes_once_a_day(local: Run) -> None:
    assert local("keymap", "snapshots").ok().out.startswith("there are no snapshots yet")
    local("inventory", "refresh", "photos", "--dry-run").ok()
    assert snapshots(local) == []
    local("inventory", "refresh", "photos").ok()
    local("inventory", "refresh", "photos").ok()
    (one,) = snapshots(local)
    assert listing(local, "--key-map", one) == BEFORE
    assert {state for _, state in listing(local)} == {"confirmed"}
    local("keymap", "restore", one, "--yes").ok()
    assert listing(local) == BEFORE


@pytest.mark.covers("P14")
def test_a_snapshot_is_made_before_a_migration(local: Run, home: Path) -> None:
    old = home / "old"
    old.touch()
    with closing(database.connect(str(old))) as opened:
        schema.migrate(opened, now=NOW, newest=1)
    local("list", "--key-map", old).ok()
    (one,) = Path(f"{old}.snapshots").iterdir()
    with closing(sqlite3.connect(one)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (1,)
    with closing(sqlite3.connect(old)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)


def test_the_last_seven_snapshots_stay(local: Run, key_map: Path) -> None:
    directory = Path(f"{key_map}.snapshots")
    directory.mkdir()
    for day in range(1, 10):
        shutil.copy(key_map, directory / f"key-map-2020010{day}T000000Z.sqlite3")
    (directory / "of somebody else").write_text("stays")
    local("inventory", "refresh", "photos").ok()
    found = snapshots(local)
    assert len(found) == 7
    assert found[1:] == [
        str(directory / f"key-map-2020010{day}T000000Z.sqlite3") for day in range(9, 3, -1)
    ]
    assert (directory / "of somebody else").exists()


def test_a_snapshot_that_cannot_be_made_stops_nothing(local: Run, key_map: Path) -> None:
    Path(f"{key_map}.snapshots").write_text("in the way")
    said = local("inventory", "refresh", "photos").ok()
    assert "no snapshot of the key map was made" in said.err


@pytest.mark.parametrize(("limit", "words"), [(0, ""), (1000, "larger than the snapshot_limit")])
def test_a_large_key_map_gets_none(local: Run, stored: Path, limit: int, words: str) -> None:
    (stored / "config.toml").write_text(f"snapshot_limit = {limit}\n")
    said = local("inventory", "refresh", "photos", "--config", "config.toml").ok()
    assert words in said.err
    assert bool(words) == ("no snapshot" in said.err)
    assert snapshots(local) == []
