"""``glaciercli sync``: what is new or changed goes up, and nothing else is even read."""

import csv
import io
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def tree(photos: Path) -> Path:
    """A directory of a few files, next to the work."""
    place = photos / "tree"
    for name in ("a", "sub/b", "sub/c"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(name.encode())
    return place


def names(local: Run) -> list[str]:
    return [one["name"] for one in local("list", "photos", "-o", "json").json["archives"]]


def sync(local: Run, *words: str) -> tuple[list[str], int]:
    said = local("sync", "tree", "photos", "-o", "json", *words).ok().json
    return sorted(one["name"] for one in said["uploaded"]), said["unchanged"]


@pytest.mark.usefixtures("tree")
def test_the_document_has_its_fixed_shape(local: Run) -> None:
    said = local("sync", "tree", "photos", "-o", "json").ok().json
    assert {one["name"] for one in said["uploaded"]} == {"a", "sub/b", "sub/c"}
    assert (said["deleted"], said["unchanged"], said["failed"]) == ([], 0, [])
    assert local("sync", "tree", "photos").ok().lines == [
        "0 archives, 0 B stored in photos, 3 unchanged"
    ]


def test_the_line_forms_have_an_object_or_a_row_for_each_file(local: Run, tree: Path) -> None:
    rows = local("sync", "tree", "photos", "-o", "jsonl").ok().jsonl
    assert {(one["outcome"], one["name"]) for one in rows} == {
        ("uploaded", "a"),
        ("uploaded", "sub/b"),
        ("uploaded", "sub/c"),
    }
    os.mkfifo(tree / "pipe")
    (tree / "d").write_bytes(b"d")
    text = local("sync", "tree", "photos", "-o", "csv").ok().out
    assert {row["outcome"] for row in csv.DictReader(io.StringIO(text))} == {"uploaded", "skipped"}


def test_a_second_run_does_nothing_and_reads_nothing(local: Run, tree: Path) -> None:
    assert sync(local) == (["a", "sub/b", "sub/c"], 0)
    before = {}
    for path in tree.rglob("*"):
        if path.is_file():
            # Older than the change: the next read would move it, whatever the mount option.
            seen = path.stat()
            os.utime(path, ns=(seen.st_mtime_ns - 10**9, seen.st_mtime_ns))
            before[path] = path.stat().st_atime_ns
    assert sync(local) == ([], 3)
    assert {path: path.stat().st_atime_ns for path in before} == before


def test_a_new_and_a_changed_file_go_up(local: Run, tree: Path) -> None:
    sync(local)
    (tree / "new").write_bytes(b"new")
    (tree / "a").write_bytes(b"A")
    assert sync(local) == (["a", "new"], 2)
    assert len(local("list", "photos/a", "--all-versions").ok().lines) == 2


def test_a_touched_file_is_compared_and_not_stored_again(local: Run, tree: Path) -> None:
    sync(local)
    os.utime(tree / "a", ns=(1, 1))
    assert sync(local) == ([], 3)


def test_a_renamed_file_is_renamed_in_the_key_map(local: Run, tree: Path) -> None:
    sync(local)
    (tree / "a").rename(tree / "z")
    planned = local("sync", "tree", "photos", "--dry-run").ok()
    assert planned.lines == [
        "would rename a to z: the same content as a file that is gone",
        "0 to store, 1 to rename, 2 unchanged",
    ]
    said = local("sync", "tree", "photos", "-o", "json").ok().json
    assert said["renamed"] == [{"name": "z", "old_name": "a"}]
    assert (said["uploaded"], said["unchanged"]) == ([], 2)
    assert names(local) == ["sub/b", "sub/c", "z"]
    assert sync(local) == ([], 3)


def test_size_alone_and_the_hash_can_be_compared(local: Run, tree: Path) -> None:
    sync(local)
    kept = (tree / "a").stat().st_mtime_ns
    (tree / "a").write_bytes(b"A")
    assert sync(local, "--compare", "size") == ([], 3)
    os.utime(tree / "a", ns=(kept, kept))
    assert sync(local, "--compare", "mtime") == ([], 3)
    assert sync(local, "--compare", "hash") == (["a"], 2)


@pytest.mark.usefixtures("tree")
def test_a_prefix_keeps_two_directories_apart(local: Run) -> None:
    local("sync", "tree", "photos/x").ok()
    local("sync", "tree/sub", "photos/y/").ok()
    assert names(local) == ["x/a", "x/sub/b", "x/sub/c", "y/b", "y/c"]
    assert "3 unchanged" in local("sync", "tree", "photos/x").ok().out


@pytest.mark.usefixtures("tree")
def test_a_dry_run_gives_the_reasons_and_stores_nothing(local: Run) -> None:
    said = local("sync", "tree", "photos", "--dry-run").ok()
    assert said.lines[0].startswith("would store a: ")
    assert said.lines[-1] == "3 to store, 0 unchanged"
    assert names(local) == []


def test_an_empty_file_is_stored_once(local: Run, tree: Path) -> None:
    (tree / "empty").touch()
    assert sync(local) == (["a", "empty", "sub/b", "sub/c"], 0)
    assert sync(local) == ([], 4)
    os.utime(tree / "empty", ns=(1, 1))
    assert sync(local) == ([], 4)
    assert sync(local, "--compare", "hash") == ([], 4)


@pytest.mark.covers("F5")
def test_what_is_no_regular_file_is_passed_over_and_told(local: Run, tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    said = local("sync", "tree", "photos", "-o", "json").ok().json
    assert [one["reason"] for one in said["skipped"]] == ["no regular file"]
    local("sync", "tree/a", "photos").failed(1, "is no directory")
    local("sync", "nowhere", "photos").failed(1, "is no directory")


@pytest.mark.usefixtures("tree")
def test_a_prefix_with_slashes_behind_it_finds_its_own_names(local: Run) -> None:
    assert local("sync", "tree", "photos/deep//", "-o", "json").ok().json["unchanged"] == 0
    again = local("sync", "tree", "photos/deep//", "-o", "json").ok().json
    assert (again["uploaded"], again["unchanged"]) == ([], 3)
