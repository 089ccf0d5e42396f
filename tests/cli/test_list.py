"""``glaciercli list``, ``rename``, ``treehash``, ``keymap path`` and ``job``."""

import csv
import hashlib
import io
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run

_FIXED = ["vault", "name", "archive_id", "size_bytes", "tree_hash", "uploaded_at", "state"]
_LONG = "deep/" + "x" * 200 + "/name.txt"


@pytest.fixture
def stored(local: Run, photos: Path) -> Path:
    """A vault with archives of several sizes; returns the current directory."""
    for name, size in (("2024/a.jpg", 1), ("2024/b.jpg", 2000), ("c.txt", 3), (_LONG, 4)):
        path = photos / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    local("upload", "tree", "photos").ok()
    return photos


def found(local: Run, *words: str) -> list[str]:
    return [one["name"] for one in local("list", *words, "-o", "json").ok().json["archives"]]


@pytest.mark.usefixtures("stored")
def test_the_document_has_its_fixed_shape_and_the_line_forms_agree(local: Run) -> None:
    whole = local("list", "-o", "json").ok().json["archives"]
    assert [list(one)[: len(_FIXED)] for one in whole] == [_FIXED] * 4
    assert local("list", "-o", "jsonl").ok().jsonl == whole
    rows = list(csv.DictReader(io.StringIO(local("list", "-o", "csv").ok().out)))
    assert [row["tree_hash"] for row in rows] == [one["tree_hash"] for one in whole]


@pytest.mark.usefixtures("stored")
def test_nothing_is_cut_where_there_is_no_terminal(local: Run) -> None:
    assert _LONG in local("list").ok().out
    (one,) = local("list", f"photos/{_LONG}", "-o", "json").json["archives"]
    assert f"id:{one['archive_id']}" in local("ls", "--long").ok().out


@pytest.mark.usefixtures("stored")
def test_archives_are_found_by_vault_name_glob_and_id(local: Run) -> None:
    assert found(local, "photos") == ["2024/a.jpg", "2024/b.jpg", "c.txt", _LONG]
    assert found(local, "photos/c.txt") == ["c.txt"]
    assert found(local, "photos/*") == ["c.txt"]
    assert found(local, "photos/**/*.jpg") == ["2024/a.jpg", "2024/b.jpg"]
    (one,) = local("list", "photos/c.txt", "-o", "json").json["archives"]
    assert found(local, f"photos/id:{one['archive_id'][:10]}") == ["c.txt"]
    assert found(local, "local:photos/c.txt") == ["c.txt"]


@pytest.mark.usefixtures("stored")
def test_filters_narrow_the_listing(local: Run) -> None:
    assert found(local, "--larger-than", "1KiB") == ["2024/b.jpg"]
    assert found(local, "--older-than", "1h") == []
    assert found(local, "photos/2024/*", "--larger-than", "1") == ["2024/b.jpg"]
    local("delete", "photos/c.txt", "--yes").ok()
    assert found(local, "--state", "deleted") == ["c.txt"]
    assert found(local, "photos/2024/*", "--state", "deleted") == []
    assert found(local, "photos/c.txt", "--state", "deleted") == ["c.txt"]
    assert found(local, "--state", "uploaded", "--state", "deleted", "photos") == [
        "2024/a.jpg",
        "2024/b.jpg",
        "c.txt",
        _LONG,
    ]


def test_a_listing_asks_no_network_and_makes_no_key_map(run: Run, key_map: Path) -> None:
    assert run("list", "--endpoint-url", "http://127.0.0.1:1").ok().out == ""
    run("list", "photos", "--endpoint-url", "http://127.0.0.1:1").failed(10, "vault list asks")
    assert not key_map.exists()


@pytest.mark.usefixtures("stored")
def test_an_archive_gets_another_name_and_keeps_everything_else(local: Run) -> None:
    (before,) = local("list", "photos/c.txt", "-o", "json").json["archives"]
    dry = local("rename", "photos/c.txt", "d.txt", "--dry-run").ok()
    assert dry.lines == ["c.txt would be renamed to d.txt"]
    said = local("rename", "photos/c.txt", "d.txt", "-o", "json").ok().json
    assert (said["old_name"], said["name"]) == ("c.txt", "d.txt")
    (after,) = local("list", "photos/d.txt", "-o", "json").json["archives"]
    assert {**after, "name": "c.txt"} == before
    local("list", "photos/c.txt").failed(11)
    local("inventory", "refresh", "photos").ok()
    assert found(local, "photos/d.txt") == ["d.txt"]
    local("rename", "photos/2024/*", "x").failed(2, "stands for 2 archives")
    local("rename", "photos/d.txt", "").failed(2, "cannot be empty")


def test_the_tree_hash_of_files_is_printed(run: Run, work: Path) -> None:
    content = os.urandom(1024 * 1024 + 1)
    (work / "a").write_bytes(content)
    leaves = [hashlib.sha256(content[:-1]).digest(), hashlib.sha256(content[-1:]).digest()]
    whole = hashlib.sha256(b"".join(leaves)).hexdigest()
    assert run("treehash", "a").ok().lines == [f"{whole}  a"]
    said = run("treehash", "a", "gone", "-o", "json").failed(3).json
    assert said["hashes"] == [{"path": "a", "tree_hash": whole}]
    assert said["failed"][0]["name"] == "gone"
    rows = list(csv.DictReader(io.StringIO(run("treehash", "gone", "a", "-o", "csv").out)))
    assert [row["tree_hash"] for row in rows] == [whole, ""]


def test_the_place_of_the_key_map_is_printed(run: Run, key_map: Path) -> None:
    assert run("keymap", "path").ok().lines == [str(key_map)]
    assert run("keymap", "path", "--key-map", "x", "-o", "json").ok().json == {
        "key_map": [{"path": str(Path.cwd() / "x")}]
    }
    assert not key_map.exists()


@pytest.mark.usefixtures("stored")
def test_jobs_are_listed_and_shown_with_what_they_are_for(local: Run) -> None:
    assert local("job", "list").ok().out == ""
    local("retrieve", "photos/c.txt", "--to", "c").ok()
    local("inventory", "refresh", "photos").ok()
    jobs = local("job", "list", "-o", "json").ok().json["jobs"]
    assert [(one["action"], one["name"], one["status"]) for one in jobs] == [
        ("inventory", None, "succeeded"),
        ("retrieval", "c.txt", "succeeded"),
    ]
    assert all(one["expires_at"] for one in jobs)
    assert jobs[1]["job_id"] in local("job", "list", "photos").ok().lines[2]
    assert local("job", "list", "-o", "jsonl").ok().jsonl == jobs
    assert len(list(csv.DictReader(io.StringIO(local("job", "list", "-o", "csv").ok().out)))) == 2
    # An ID may begin with a hyphen.
    one = local("job", "show", "-o", "json", "--", "photos", jobs[1]["job_id"][:12]).ok().json
    assert one["jobs"] == [jobs[1]]
    local("job", "show", "photos", "nothing").failed(1, 'has no job "nothing"')


def test_two_stars_alone_take_in_archives_without_a_name(
    local: Run, photos: Path, key_map: Path
) -> None:
    (photos / "a").write_bytes(b"blank")
    local("upload", "a", "photos", "--description", "").ok()
    key_map.unlink()
    local("inventory", "refresh", "photos").ok()
    (archive,) = local("list", "photos/**", "-o", "json").ok().json["archives"]
    assert archive["name"] is None
    local("list", "photos/*").failed(11)
    local("retrieve", "photos/**", "--to", "back").ok()
    assert (photos / "back" / archive["archive_id"]).read_bytes() == b"blank"
