"""``glaciercli sync --delete``: nothing goes before its successor, and nothing by mistake."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server
from tests.cli.wire import refused


@pytest.fixture
def tree(photos: Path) -> Path:
    """A directory of a few files."""
    place = photos / "tree"
    for name in ("a", "sub/b", "sub/c"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(name.encode())
    return place


def names(local: Run, *words: str) -> list[str]:
    return [one["name"] for one in local("list", "photos", "-o", "json", *words).json["archives"]]


def test_archives_of_files_that_are_gone_are_deleted(local: Run, tree: Path) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "a").unlink()
    assert names(local) == ["a", "sub/b", "sub/c"]
    said = local("sync", "tree", "photos", "-o", "json").ok().json
    assert (said["deleted"], said["kept"]) == ([], 1)
    planned = local("sync", "tree", "photos", "--delete", "--dry-run").ok()
    assert planned.lines[:2] == [
        "would delete a: no such file any more",
        "0 to store, 1 to delete, 2 unchanged",
    ]
    said = local("sync", "tree", "photos", "--delete", "--yes", "-o", "json").ok().json
    assert [one["name"] for one in said["deleted"]] == ["a"]
    assert names(local) == ["sub/b", "sub/c"]


def test_what_is_deleted_is_asked_about(local: Run, tree: Path) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "a").unlink()
    (tree / "new").write_bytes(b"new")
    said = local("sync", "tree", "photos", "--delete").failed(2, "no terminal to ask on")
    assert "would delete a" in said.err
    assert names(local) == ["a", "sub/b", "sub/c"]


def test_a_replaced_version_goes_with_delete_and_stays_without(local: Run, tree: Path) -> None:
    local("sync", "tree", "photos").ok()
    for content in (b"second", b"third one"):
        (tree / "a").write_bytes(content)
        local("sync", "tree", "photos").ok()
    assert names(local, "--all-versions").count("a") == 3
    said = local("sync", "tree", "photos", "--keep-versions", "2", "--yes", "-o", "json").ok().json
    assert [one["name"] for one in said["deleted"]] == ["a"]
    size = (tree / "a").stat().st_size
    (tree / "a").write_bytes(b"the fourth")
    line = ("sync", "tree", "photos", "--delete", "--yes")
    (shown,) = local(*line, "--dry-run", "-o", "json").ok().json["would_delete"]
    assert shown["size_bytes"] == size
    local(*line).ok()
    assert names(local, "--all-versions") == ["a", "sub/b", "sub/c"]
    assert local("sync", "tree", "photos", "--delete", "--yes", "-q").ok().raw == b""


def test_a_file_is_deleted_once_it_was_gone_for_long_enough(
    local: Run, tree: Path, key_map: Path
) -> None:
    line = ("sync", "tree", "photos", "--delete-after", "30d", "--yes")
    local(*line).ok()
    content = (tree / "a").read_bytes()
    (tree / "a").unlink()
    said = local(*line, "-o", "json").ok().json
    assert (said["deleted"], said["kept"]) == ([], 1)
    backdate(key_map, days=29)
    assert "kept for a while" in local(*line, "--dry-run").ok().out
    # What came back starts anew.
    (tree / "a").write_bytes(content)
    local(*line).ok()
    (tree / "a").unlink()
    local(*line).ok()
    assert names(local) == ["a", "sub/b", "sub/c"]
    backdate(key_map, days=31)
    said = local(*line, "-o", "json").ok().json
    assert [one["name"] for one in said["deleted"]] == ["a"]


def backdate(key_map: Path, *, days: int) -> None:
    """Let a file have been gone for longer."""
    with closing(sqlite3.connect(key_map)) as opened, opened:
        opened.execute("UPDATE archives SET gone_at = gone_at - ?", (days * 86_400_000,))


def test_more_deletions_than_allowed_are_none_and_what_is_new_is_stored(
    local: Run, tree: Path
) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "a").unlink()
    (tree / "sub" / "b").unlink()
    (tree / "new").write_bytes(b"new")
    line = ("sync", "tree", "photos", "--delete", "--yes", "--max-delete")
    shown = local(*line, "1", "--dry-run").failed(14, "2 files of 4 are gone")
    # What is shown is what is done.
    assert "would keep a: no such file any more, and --max-delete allows 1" in shown.lines
    assert "would delete" not in shown.out
    local(*line, "1").failed(14, "--max-delete allows 1")
    assert names(local) == ["a", "new", "sub/b", "sub/c"]
    local(*line, "10%").failed(14)
    said = local(*line, "1", "-o", "json")
    assert (said.code, said.json["failed"][0]["code"]) == (14, "refused")
    local(*line, "50%").ok()
    assert names(local) == ["new", "sub/c"]
    local(*line, "x").failed(2, "no number of files")


@pytest.mark.usefixtures("tree")
def test_an_empty_directory_deletes_nothing_unless_it_is_meant(local: Run, work: Path) -> None:
    local("sync", "tree", "photos").ok()
    (work / "unmounted").mkdir()
    line = ("sync", "unmounted", "photos", "--delete", "--yes")
    local(*line).failed(1, "is it mounted?")
    local("sync", "unmounted", "photos").failed(1, "--allow-empty-source")
    local("sync", "nowhere", "photos", "--delete", "--yes").failed(1, "is no directory")
    assert names(local) == ["a", "sub/b", "sub/c"]
    local(*line, "--allow-empty-source").ok()
    assert names(local) == []
    local("sync", "unmounted", "photos").ok()


@pytest.mark.covers("F3")
@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_nothing_below_a_directory_that_cannot_be_read_is_deleted(local: Run, tree: Path) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "a").unlink()
    (tree / "sub").chmod(0)
    local("sync", "tree", "photos", "--delete", "--yes").failed(3)
    assert names(local) == ["sub/b", "sub/c"]
    (tree / "sub").chmod(0o755)


def test_nothing_goes_while_something_cannot_be_stored(vault: Server, run: Run, work: Path) -> None:
    tree = work / "tree"
    tree.mkdir()
    for name in ("gone", "replaced", "fine"):
        (tree / name).write_bytes(name.encode())
    run("sync", "tree", "photos").ok()
    (tree / "gone").unlink()
    (tree / "replaced").write_bytes(b"another length")
    vault.service.breaks("UploadArchive", refused("InvalidParameterValueException", "No."))
    said = run("sync", "tree", "photos", "--delete", "--yes").failed(3)
    assert "2 deletions wait" in said.err
    stored = run("list", "photos", "-o", "json").ok().json["archives"]
    assert [one["name"] for one in stored] == ["fine", "gone", "replaced"]
    said = run("sync", "tree", "photos", "--delete", "--yes", "-o", "json").ok()
    assert sorted(one["name"] for one in said.json["deleted"]) == ["gone", "replaced"]


def test_a_deletion_that_was_begun_is_finished(local: Run, tree: Path, key_map: Path) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "a").unlink()
    with closing(sqlite3.connect(key_map)) as opened, opened:
        opened.execute("UPDATE archives SET state = 5, deleted_at = 1 WHERE name = 'a'")
    assert local("sync", "tree", "photos", "-o", "json").ok().json["deleted"] == []
    said = local("sync", "tree", "photos", "--delete", "--yes", "-o", "json").ok().json
    assert [one["name"] for one in said["deleted"]] == ["a"]


def test_the_fee_for_young_archives_is_shown(local: Run, tree: Path) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "a").unlink()
    planned = local("sync", "tree", "photos", "--delete", "--dry-run").ok()
    assert "younger than 90 days" in planned.out
    assert (
        "early_deletion"
        in local("sync", "tree", "photos", "--delete", "--dry-run", "-o", "json").json
    )


def test_a_version_stays_while_its_successor_is_only_probably_stored(
    vault: Server, run: Run, work: Path
) -> None:
    (work / "tree").mkdir()
    (work / "tree" / "a").write_bytes(b"first")
    line = ("sync", "tree", "photos", "--delete", "--yes")
    run(*line).ok()
    (work / "tree" / "a").write_bytes(b"the second")
    vault.service.loses("UploadArchive")
    run(*line).failed(75, "probably stored")
    (work / "tree" / "gone").write_bytes(b"may live on in what is doubtful")
    run(*line).failed(75, "probably stored")
    (work / "tree" / "gone").unlink()
    # Nothing has changed, but it is not done either.
    run(*line, "--dry-run").failed(75, "probably stored, the answer was lost: a")
    run(*line).failed(75, "1 deletion waits")
    assert vault.service.count("DeleteArchive") == 0
    run("delete", "photos/gone", "--yes").ok()
    vault.service.seen.clear()
    (work / "tree" / "b").write_bytes(b"so that the directory is not empty")
    (work / "tree" / "a").rename(work / "elsewhere")
    run(*line).ok()
    assert vault.service.count("DeleteArchive") == 0
    (work / "elsewhere").rename(work / "tree" / "a")
    run("inventory", "refresh", "photos").ok()
    run(*line).ok()
    assert vault.service.count("DeleteArchive") == 1
    stored = run("list", "photos", "--all-versions", "-o", "json").ok().json["archives"]
    assert [(one["name"], one["size_bytes"]) for one in stored] == [("a", 10), ("b", 34)]


def test_a_name_whose_newest_version_is_missing_is_stored_again(
    local: Run, tree: Path, key_map: Path
) -> None:
    local("sync", "tree", "photos").ok()
    first = (tree / "a").read_bytes()
    (tree / "a").write_bytes(b"second")
    local("sync", "tree", "photos").ok()
    with closing(sqlite3.connect(key_map)) as opened, opened:
        opened.execute("UPDATE archives SET state = 2 WHERE name = 'a' AND size_bytes = 6")
    (tree / "a").write_bytes(first)
    planned = local("sync", "tree", "photos", "--dry-run").ok()
    assert "would store a: the last inventory does not list it" in planned.lines
    # An older version that holds the same would not be the one that is brought back.
    said = local("sync", "tree", "photos", "--delete", "--yes", "-o", "json").ok().json
    assert [one["name"] for one in said["uploaded"]] == ["a"]
    assert [one["name"] for one in said["deleted"]] == ["a", "a"]
    local("retrieve", "photos/a", "--to", "back", "--wait").ok()
    assert Path("back").read_bytes() == first
