"""``glaciercli inventory import`` of what other tools kept."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from glaciercli.cli.commands.inventory import import_
from glaciercli.core.foreign_stores.records import StoreFormat
from tests.cli.conftest import Run

IMPORT = ("inventory", "import", "photos")
LONG_AGO = 1355666755


@pytest.fixture
def stored(local: Run, photos: Path) -> dict[str, dict[str, Any]]:
    """Two archives at the service, of which the key map knows nothing, by name."""
    for name in ("a", "b"):
        (photos / name).write_bytes(name.encode() * 3)
        local("upload", name, "photos", "--description", f"tape {name}").ok()
    found = {one["name"]: one for one in listed(local)}
    local("inventory", "export", "photos").ok()
    return found


@pytest.fixture
def forgotten(local: Run, stored: dict[str, dict[str, Any]], key_map: Path) -> dict[str, Any]:
    """The same, with a key map that knows the vault and no archive."""
    key_map.unlink()
    local("vault", "show", "photos").ok()
    return stored


def listed(local: Run, *argv: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = local("list", "-o", "json", *argv).ok().json["archives"]
    return found


def created(one: dict[str, Any], name: str, *, at: int = LONG_AGO) -> str:
    head = f"B\t{at}\tCREATED\t{one['archive_id']}\t{one['size_bytes']}"
    return f"{head}\t1355666000\t{one['tree_hash']}\t{name}\n"


def deleted(one: dict[str, Any], name: str, *, at: int = LONG_AGO + 60) -> str:
    return f"B\t{at}\tDELETED\t{one['archive_id']}\t{name}\n"


def database(path: Path, script: str, *rows: tuple[Any, ...]) -> None:
    with closing(sqlite3.connect(path)) as made, made:
        made.executescript(script)
        table = script.partition("(")[0].split()[-1]
        for row in rows:
            marks = ", ".join("?" for _ in row)
            made.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - ours


GLACIER_CLI = (
    "CREATE TABLE archive (id TEXT PRIMARY KEY, name TEXT, vault TEXT, key TEXT,"
    " last_seen_upstream INTEGER, created_here REAL, deleted_here REAL)"
)


def test_every_store_can_be_forced() -> None:
    (option,) = (one for one in import_.params if one.name == "writer")
    assert list(option.type.choices) == [one.value for one in StoreFormat]  # type: ignore[attr-defined]


def test_a_journal_is_taken_over_and_the_next_inventory_confirms_it(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    (work / "journal").write_text(
        created(forgotten["a"], "2012/sea.jpg") + created(forgotten["b"], "../b\x1b")
    )
    said = local(*IMPORT, "journal", "-o", "json").ok().json
    assert (said["format"], said["added"], said["names_by_format"]) == (
        "mt-aws-glacier",
        2,
        {"mt-aws-glacier": 2},
    )
    assert [(one["name"], one["state"]) for one in listed(local)] == [
        ("../b\x1b", "uploaded"),
        ("2012/sea.jpg", "uploaded"),
    ]
    assert {one["uploaded_at"] for one in listed(local)} == {"2012-12-16T14:05:55Z"}
    local("inventory", "refresh", "photos").ok()
    assert {one["state"] for one in listed(local)} == {"confirmed"}
    assert {one["description"] for one in listed(local)} == {"tape a", "tape b"}
    assert listed(local)[1]["name"] == "2012/sea.jpg"


def test_what_is_taken_over_can_be_retrieved_and_deleted(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    (work / "journal").write_text(created(forgotten["a"], "2012/sea.jpg"))
    local(*IMPORT, "journal").ok()
    local("retrieve", "photos/2012/sea.jpg", "--to", "back/").ok()
    back = work / "back/2012/sea.jpg"
    assert back.read_bytes() == b"aaa"
    assert back.stat().st_mtime == 1355666000
    local("delete", "photos/2012/sea.jpg", "--yes").ok()
    assert [one["name"] for one in listed(local, "--state", "deleted")] == ["2012/sea.jpg"]


def test_a_name_that_leads_out_of_the_directory_is_kept_and_not_followed(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    (work / "journal").write_text(created(forgotten["a"], "../../evil"))
    local(*IMPORT, "journal").ok()
    local("retrieve", "photos/../../evil", "--to", "back/").failed(1, "leads out of the directory")
    assert not (work.parent / "evil").exists()


def test_what_a_store_wrongly_tells_is_missing_after_the_next_inventory(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    ghost = {**forgotten["a"], "archive_id": "g" * 138}
    (work / "journal").write_text(created(ghost, "ghost"))
    local(*IMPORT, "journal").ok()
    assert [one["state"] for one in listed(local)] == ["uploaded"]
    local("inventory", "refresh", "photos").ok()
    states = {one["name"]: one["state"] for one in listed(local)}
    assert states == {"ghost": "missing", "tape a": "confirmed", "tape b": "confirmed"}


def test_the_same_store_twice_changes_nothing(
    local: Run, forgotten: dict[str, Any], work: Path, key_map: Path
) -> None:
    text = (
        created(forgotten["a"], "a") + created(forgotten["b"], "b") + deleted(forgotten["b"], "b")
    )
    (work / "journal").write_text(text)
    local(*IMPORT, "journal").ok()
    before = dump(key_map)
    said = local(*IMPORT, "journal", "-o", "json").ok().json
    assert (said["added"], said["known"], said["conflicts"]) == (0, 2, 0)
    assert dump(key_map) == before


def dump(key_map: Path) -> list[str]:
    with closing(sqlite3.connect(key_map)) as opened:
        return list(opened.iterdump())


def test_a_dry_run_tells_and_does_nothing(
    local: Run, forgotten: dict[str, Any], work: Path, key_map: Path
) -> None:
    (work / "journal").write_text(created(forgotten["a"], "a") + deleted(forgotten["b"], "b"))
    before = dump(key_map)
    said = local(*IMPORT, "journal", "--dry-run").ok()
    assert said.lines == [
        "store of mt-aws-glacier would be taken over for photos",
        "  1 new, not confirmed by an inventory yet",
        "  1 deleted",
        "  1 named: mt-aws-glacier 1",
    ]
    assert dump(key_map) == before


def test_a_deletion_wins_wherever_it_stands(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    (work / "journal").write_text(deleted(forgotten["a"], "a") + created(forgotten["a"], "a"))
    local(*IMPORT, "journal").ok()
    assert listed(local) == []
    (gone,) = listed(local, "--state", "deleted")
    assert gone["name"] == "a"


def test_what_an_inventory_listed_is_not_deleted_by_an_old_journal(
    local: Run, stored: dict[str, Any], work: Path
) -> None:
    local("inventory", "refresh", "photos").ok()
    (work / "journal").write_text(deleted(stored["a"], "a"))
    said = local(*IMPORT, "journal").ok()
    assert "1 deleted there, but listed by an inventory since" in said.out
    assert {one["state"] for one in listed(local)} == {"confirmed"}


def test_a_deletion_since_the_last_inventory_is_believed(
    local: Run, stored: dict[str, Any], work: Path
) -> None:
    local("inventory", "refresh", "photos").ok()
    (work / "journal").write_text(deleted(stored["a"], "a", at=9_999_999_999))
    assert local(*IMPORT, "journal", "-o", "json").ok().json["deleted"] == 1
    assert [one["name"] for one in listed(local)] == ["b"]


def test_names_of_the_user_and_of_uploads_stay(
    local: Run, stored: dict[str, Any], work: Path
) -> None:
    local("rename", "photos/a", "mine").ok()
    (work / "journal").write_text(created(stored["a"], "theirs") + created(stored["b"], "theirs"))
    said = local(*IMPORT, "journal", "-o", "json").ok().json
    assert said["reasons"] == {"has another name here, which stays": 2}
    assert [one["name"] for one in listed(local)] == ["b", "mine"]


def test_a_name_that_was_read_out_of_a_description_gives_way(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    local("inventory", "refresh", "photos").ok()
    (work / "journal").write_text(created(forgotten["a"], "sea.jpg"))
    assert local(*IMPORT, "journal", "-o", "json").ok().json["named"] == 1
    assert [one["name"] for one in listed(local)] == ["sea.jpg", "tape b"]


def test_another_content_under_the_same_id_is_not_taken(
    local: Run, stored: dict[str, Any], work: Path
) -> None:
    before = listed(local)
    (work / "journal").write_text(created({**stored["a"], "size_bytes": 9}, "x"))
    said = local(*IMPORT, "journal").ok()
    assert "1 has another size or tree hash here" in said.out
    assert listed(local) == before


def test_the_database_of_glacier_cli_is_taken_over_without_sizes(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    a, b = (forgotten[name]["archive_id"] for name in "ab")
    rows = [
        (a, "sea.jpg", "photos", "AKIA1", 1, LONG_AGO + 0.5, None),
        (b, None, "photos", "AKIA1", 1, LONG_AGO + 0.5, None),
        ("c" * 138, "gone", "photos", "AKIA1", 1, 5.0, LONG_AGO + 0.5),
        ("d" * 138, "x", "elsewhere", "AKIA2", 1, 5.0, None),
    ]
    database(work / "db", GLACIER_CLI, *rows)
    raw = (work / "db").read_bytes()
    said = local(*IMPORT, "db", "-o", "json").ok().json
    assert (said["format"], said["added"], said["deleted"], said["other_vaults"]) == (
        "glacier-cli",
        2,
        1,
        1,
    )
    assert (work / "db").read_bytes() == raw
    assert [path.name for path in work.glob("db*")] == ["db"]
    assert [(one["name"], one["size_bytes"]) for one in listed(local)] == [
        (None, None),
        ("sea.jpg", None),
    ]
    assert "?" in local("list", "photos/sea.jpg").ok().out
    assert "? B" in local("list", "photos/sea.jpg", "--long").ok().out


def test_what_came_without_a_size_can_be_retrieved_and_is_completed_by_an_inventory(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    a, b = (forgotten[name]["archive_id"] for name in "ab")
    rows = [(one, name, "photos", "K", 1, 5.0, None) for one, name in ((a, "sea"), (b, None))]
    database(work / "db", GLACIER_CLI, *rows)
    local(*IMPORT, "db").ok()
    unknown = "1 archive, 0 B and 1 of unknown size"
    assert unknown in local("delete", "photos/sea", "--dry-run").ok().out
    assert unknown in local("retrieve", "photos/sea", "--dry-run").ok().out
    (work / "back").mkdir()
    (work / "back/sea").write_bytes(b"")
    local("retrieve", "photos/sea", "--to", "back").failed(1, "exists already")
    local("retrieve", "photos/sea", "--to", "back", "--overwrite").ok()
    assert (work / "back/sea").read_bytes() == b"aaa"
    said = local("inventory", "refresh", "photos").ok()
    assert said.lines[-1] == "  1 named: plain text 1"
    assert [(one["name"], one["size_bytes"]) for one in listed(local)] == [
        ("sea", 3),
        ("tape b", 3),
    ]
    assert listed(local)[0]["tree_hash"] == forgotten["a"]["tree_hash"]


@pytest.fixture
def unmeasured(local: Run, forgotten: dict[str, Any], work: Path) -> Path:
    """An archive of an unknown size, and a directory with an empty file of its name."""
    rows = [(forgotten["a"]["archive_id"], "sea", "photos", "K", 1, 5.0, None)]
    database(work / "db", GLACIER_CLI, *rows)
    local(*IMPORT, "db").ok()
    (work / "tree").mkdir()
    (work / "tree/sea").touch(mode=0o644)
    return work / "tree"


def test_no_file_is_what_an_archive_of_unknown_size_holds(local: Run, unmeasured: Path) -> None:
    for content in (b"", b"aaa"):
        (unmeasured / "sea").write_bytes(content)
        said = local("verify", "tree", "photos", "-o", "json").failed(15).json
        assert [(one["name"], one["reason"]) for one in said["unproved"]] == [
            ("sea", "nobody told the size of what is stored")
        ]
        for compare in ("size", "mtime", "hash"):
            line = ("sync", "tree", "photos", "--dry-run", "-o", "json", "--compare", compare)
            (action,) = local(*line).ok().json["would_upload"]
            assert action["reason"] == "the size of the stored one is not known"


def sizes_of_versions(local: Run) -> list[int | None]:
    return [one["size_bytes"] for one in listed(local, "photos/sea", "--all-versions")]


def test_an_empty_file_is_stored_beside_an_archive_of_unknown_size(
    local: Run, unmeasured: Path
) -> None:
    local("upload", "tree/sea", "photos", "--name", "sea").ok()
    assert sizes_of_versions(local) == [0, None]
    # What is stored may be the very archive of unknown size: no deletion before that is told.
    local("sync", "tree", "photos", "--delete").ok()
    (unmeasured / "sea").write_bytes(b"new")
    said = local("sync", "tree", "photos", "--delete", "--yes", "-o", "json").ok().json
    assert [one["name"] for one in said["deleted"]] == ["sea"]
    assert sizes_of_versions(local) == [3, None]
    local("inventory", "refresh", "photos").ok()
    local("sync", "tree", "photos", "--delete", "--yes").ok()
    assert sizes_of_versions(local) == [3]


def test_rows_of_several_access_keys_need_a_word(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    a, b = (forgotten[name]["archive_id"] for name in "ab")
    rows = [(one, key, "photos", key, 1, 5.0, None) for one, key in ((a, "OLD"), (b, "NEW"))]
    database(work / "db", GLACIER_CLI, *rows)
    local(*IMPORT, "db").failed(2, "several access keys: NEW, OLD")
    typed = local(*IMPORT, "db", "--access-key-id", "OLD", "--access-key-id", "NWE")
    assert "hint: it has something under NEW, OLD" in typed.failed(2, "access key NWE").err
    (work / "list").write_text("ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n")
    local(*IMPORT, "list", "--access-key-id", "OLD").failed(2, "no database of glacier-cli")
    assert listed(local) == []
    local(*IMPORT, "db", "--access-key-id", "OLD").ok()
    assert [one["name"] for one in listed(local)] == ["OLD"]
    both = ("--access-key-id", "OLD", "--access-key-id", "NEW")
    local(*IMPORT, "db", *both).ok()
    assert [one["name"] for one in listed(local)] == ["NEW", "OLD"]


def test_the_databases_of_bakthat_and_synology_are_taken_over(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    a, b = (forgotten[name]["archive_id"] for name in "ab")
    database(
        work / "bakthat", "CREATE TABLE inventory (filename TEXT, archive_id TEXT)", ("x.tgz", a)
    )
    database(
        work / "mapping",
        "CREATE TABLE file_info_tb (key INTEGER, shareName TEXT, basePath TEXT, archiveID TEXT)",
        (1, "home", "/one", b),
        (2, "home", "/two", b),
    )
    assert local(*IMPORT, "bakthat", "-o", "json").ok().json["format"] == "bakthat"
    assert local(*IMPORT, "mapping", "-o", "json").ok().json["format"] == "synology"
    assert [one["name"] for one in listed(local)] == ["home/one", "x.tgz"]


ROW = "CREATE TABLE inventory (archive_id, filename); INSERT INTO inventory VALUES "
ENDLESS = (
    "CREATE TABLE t (a); CREATE VIEW inventory AS WITH RECURSIVE n(archive_id, filename)"
    " AS (SELECT 'x', 'y' UNION ALL SELECT 'x', 'y' FROM n) SELECT * FROM n"
)
NOBODYS = "not of a tool that can be taken over"


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("CREATE TABLE other (a)", 2, NOBODYS),
        ("CREATE TABLE archive (id, name)", 2, NOBODYS),
        (ENDLESS, 2, NOBODYS),
        (ROW + "(5, 'x')", 1, "row 1"),
        (ROW + "('x', x'00')", 1, "row 1"),
        (ROW + "('x', zeroblob(2000000))", 1, "cannot be read"),
    ],
)
@pytest.mark.usefixtures("photos")
def test_a_database_that_is_none_of_those_changes_nothing(
    local: Run, work: Path, script: str, code: int, words: str
) -> None:
    database(work / "db", script)
    local("vault", "show", "photos").ok()
    local(*IMPORT, "db").failed(code, words)
    assert listed(local) == []


@pytest.mark.covers("H12")
@pytest.mark.usefixtures("photos")
def test_a_database_that_is_torn_or_in_use_is_refused(local: Run, work: Path) -> None:
    rows = [(f"{number:0138}", "x" * 100) for number in range(200)]
    database(work / "db", "CREATE TABLE inventory (archive_id, filename)", *rows)
    raw = (work / "db").read_bytes()
    (work / "torn").write_bytes(raw[: len(raw) // 2])
    local(*IMPORT, "torn").failed(1, "cannot be read")
    (work / "rubbish").write_bytes(raw[:100] + b"\xff" * 5000)
    local(*IMPORT, "rubbish").failed(1, "cannot be read")
    (work / "db-journal").write_bytes(b"hot")
    local(*IMPORT, "db").failed(12, "is in use, or was not closed")
    assert listed(local) == []


@pytest.mark.usefixtures("photos")
def test_a_database_in_wal_mode_is_read_and_nothing_is_left_beside_it(
    local: Run, work: Path
) -> None:
    script = "PRAGMA journal_mode=WAL; CREATE TABLE inventory (archive_id, filename)"
    with closing(sqlite3.connect(work / "db")) as made, made:
        made.executescript(script)
        made.execute("INSERT INTO inventory VALUES ('x', 'y')")
    local(*IMPORT, "db").ok()
    assert [one["name"] for one in listed(local)] == ["y"]
    assert [path.name for path in work.glob("db*")] == ["db"]


@pytest.mark.usefixtures("stored")
def test_our_own_export_is_taken_over(local: Run, work: Path, key_map: Path) -> None:
    (work / "empty").write_bytes(b"")
    local("upload", "empty", "photos").ok()
    before = listed(local)
    forms = ("json", "jsonl", "csv")
    for form in forms:
        (work / form).write_bytes(local("inventory", "export", "photos", "-o", form).ok().raw)
    for form in forms:
        key_map.unlink()
        local("vault", "show", "photos").ok()
        said = local(*IMPORT, form, "-o", "json").ok().json
        assert said["format"] == "glaciercli"
        assert listed(local) == before


def test_records_of_other_vaults_are_left_out(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    a, b = ({**forgotten[name], "vault": vault} for name, vault in (("a", "photos"), ("b", "old")))
    (work / "both").write_text(json.dumps({"archives": [a, b]}))
    assert "1 of other vaults: old" in local(*IMPORT, "both").ok().out
    (work / "one").write_text(json.dumps({"archives": [b]}))
    local(*IMPORT, "one").failed(2, 'tells nothing of vault "photos", only of "old"')


@pytest.mark.usefixtures("photos")
def test_a_store_of_a_vault_that_nobody_knows_needs_the_vault_first(local: Run, work: Path) -> None:
    (work / "journal").write_text("B\t1\tDELETED\tx\ty\n")
    local("inventory", "import", "unknown", "journal").failed(10, "vault list")


@pytest.mark.covers("H12")
@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("Z\t1\tCREATED\tx\n", "line 2: version Z"),
        ("B\t1\tDELETED\tx\ty", "line 2: it ends in the middle"),
        ("x" * 100_000_000, "line 2: the line is longer"),
        (b"\xff\xfe".decode("latin-1") + "\n", "line 2: the line is none"),
    ],
)
def test_a_journal_that_is_no_good_changes_nothing(
    local: Run, forgotten: dict[str, Any], work: Path, tail: str, words: str
) -> None:
    (work / "journal").write_text(created(forgotten["a"], "a") + tail)
    local(*IMPORT, "journal").failed(1, words)
    assert listed(local) == []


def test_names_in_an_old_encoding_are_kept_byte_for_byte(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    (work / "journal").write_bytes(created(forgotten["a"], "caf\xe9").encode("latin-1"))
    local(*IMPORT, "journal").ok()
    assert [one["name"] for one in listed(local)] == ["caf\udce9"]


@pytest.mark.usefixtures("photos")
def test_a_format_can_be_forced(local: Run, work: Path) -> None:
    (work / "x").write_text("rubbish\n")
    local(*IMPORT, "x").failed(1, "the inventory is malformed")
    local(*IMPORT, "x", "--format", "mt-aws-glacier").failed(1, "mt-aws-glacier store is malformed")
    local(*IMPORT, "x", "--format", "bakthat").failed(2, "is a database")
    local(*IMPORT, "nosuch").failed(1, "no such file")


def test_an_archive_whose_hash_nobody_told_is_proved_by_its_job(
    local: Run, forgotten: dict[str, Any], work: Path
) -> None:
    item = {"archive_id": forgotten["a"]["archive_id"], "filename": "/d/a", "size": "3", "hash": ""}
    (work / "items").write_text(json.dumps([{**item, "vault": "photos"}]))
    assert local(*IMPORT, "items", "-o", "json").ok().json["format"] == "glacier-cmd"
    local("retrieve", "photos//d/a", "--to", "back/").ok()
    assert (work / "back/d/a").read_bytes() == b"aaa"
