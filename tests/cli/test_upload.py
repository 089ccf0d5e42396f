"""``glaciercli upload``: files, directories, standard input, and doing it again."""

import csv
import hashlib
import io
import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Spawn, finished

MIB = 1024 * 1024

pytestmark = pytest.mark.usefixtures("photos")


def names(local: Run, ref: str = "photos") -> list[str]:
    return [one["name"] for one in local("list", ref, "-o", "json").ok().json["archives"]]


def test_a_file_is_stored_under_its_base_name(local: Run, photos: Path) -> None:
    (photos / "deep").mkdir()
    (photos / "deep" / "a.txt").write_bytes(b"hello")
    said = local("upload", "deep/a.txt", "photos").ok()
    assert said.lines == ["stored a.txt", "1 archive, 5 B stored in photos"]
    assert said.err == ""
    assert names(local) == ["a.txt"]


def test_the_document_has_its_fixed_shape(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"hello")
    said = local("upload", "a", "photos", "-o", "json").ok().json
    (one,) = said["uploaded"]
    assert one["name"] == "a"
    assert one["size_bytes"] == 5
    assert one["tree_hash"] == hashlib.sha256(b"hello").hexdigest()
    assert said["skipped"] == said["failed"] == []
    assert (
        local("list", "photos", "-o", "json").json["archives"][0]["archive_id"] == one["archive_id"]
    )


def test_the_line_forms_have_an_object_or_a_row_for_each_item(local: Run, photos: Path) -> None:
    for name in ("a", "b"):
        (photos / name).write_bytes(name.encode())
    rows = local("upload", "a", "b", "photos", "-o", "jsonl").ok().jsonl
    assert {(one["outcome"], one["name"]) for one in rows} == {("uploaded", "a"), ("uploaded", "b")}
    text = local("upload", "a", "gone", "photos", "-o", "csv").failed(3).out
    table = list(csv.DictReader(io.StringIO(text)))
    assert {(one["outcome"], one["name"]) for one in table} == {
        ("skipped", "a"),
        ("failed", "gone"),
    }


def test_a_directory_is_stored_by_the_paths_below_it(local: Run, photos: Path) -> None:
    for name in ("2024/a.jpg", "2024/sub/b.jpg", "c"):
        (photos / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (photos / "tree" / name).write_bytes(name.encode())
    local("upload", "tree", "photos/old").ok()
    assert names(local) == ["old/2024/a.jpg", "old/2024/sub/b.jpg", "old/c"]


@pytest.mark.covers("F5")
def test_links_and_pipes_in_a_directory_are_skipped_and_said_so(local: Run, photos: Path) -> None:
    (photos / "tree").mkdir()
    (photos / "tree" / "a").write_bytes(b"a")
    (photos / "tree" / "link").symlink_to("a")
    os.mkfifo(photos / "tree" / "pipe")
    said = local("upload", "tree", "photos", "-o", "json").ok().json
    assert [one["name"] for one in said["uploaded"]] == ["a"]
    assert {one["reason"] for one in said["skipped"]} == {"a symbolic link", "no regular file"}


def test_a_name_and_a_prefix_of_the_users_own(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos/2024/", "--name", "beach.jpg").ok()
    assert names(local) == ["2024/beach.jpg"]


@pytest.mark.parametrize("source", ["a", "-"])
def test_an_empty_name_is_refused(local: Run, photos: Path, source: str) -> None:
    (photos / "a").write_bytes(b"a")
    for target in ("photos", "photos/2024"):
        for also in ((), ("--dry-run",)):
            line = ("upload", source, target, "--name", "", *also)
            local(*line, stdin=b"a").failed(2, "a name cannot be empty")
    assert names(local) == []


@pytest.mark.parametrize("target", ["photos//", "photos///", "photos/name:/"])
def test_a_prefix_of_slashes_alone_is_never_the_whole_vault(
    local: Run, photos: Path, target: str
) -> None:
    (photos / "a").write_bytes(b"a")
    (photos / "tree").mkdir()
    (photos / "tree" / "b").write_bytes(b"b")
    local("upload", "a", "photos").ok()
    for line in (("upload", "a"), ("sync", "tree", "--delete", "--yes"), ("verify", "tree")):
        local(*line, target).failed(2, "has slashes alone where a prefix should be")
    assert names(local) == ["a"]


def test_a_description_of_the_users_own_is_stored_as_it_is(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos", "--description", "my words").ok()
    (one,) = local("list", "photos", "-o", "json").json["archives"]
    assert (one["name"], one["description"]) == ("a", "my words")


def test_the_same_line_again_stores_nothing(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos").ok()
    said = local("upload", "a", "photos").ok()
    assert said.lines[-1] == "skipped: a: stored already, with the same content"
    assert len(names(local)) == 1


def test_force_stores_it_once_more(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos").ok()
    local("upload", "a", "photos", "--force").ok()
    both = local("list", "photos/a", "--all-versions", "-o", "json").json["archives"]
    assert len({one["archive_id"] for one in both}) == 2


def test_a_changed_file_becomes_a_new_version(local: Run, photos: Path) -> None:
    for content in (b"one", b"two"):
        (photos / "a").write_bytes(content)
        local("upload", "a", "photos").ok()
    both = local("list", "photos/a", "--all-versions", "-o", "json").json["archives"]
    assert [one["tree_hash"] for one in both] == [
        hashlib.sha256(content).hexdigest() for content in (b"two", b"one")
    ]


def test_a_dry_run_stores_nothing_and_shows_the_plan(
    local: Run, photos: Path, key_map: Path
) -> None:
    (photos / "a").write_bytes(b"hello")
    before = key_map.read_bytes()
    said = local("upload", "a", "photos", "--dry-run").ok()
    assert said.lines == ["would store a", "1 file, 5 B to store"]
    assert (
        local("upload", "a", "photos", "--dry-run", "-o", "json").json["would_upload"][0]["name"]
        == "a"
    )
    assert key_map.read_bytes() == before


def test_a_large_file_goes_up_in_parts_and_comes_back(local: Run, photos: Path) -> None:
    content = os.urandom(3 * MIB + 17)
    (photos / "big").write_bytes(content)
    local("upload", "big", "photos", "--part-size", "1MiB").ok()
    local("retrieve", "photos/big", "--to", "back").ok()
    assert (photos / "back").read_bytes() == content


def test_a_limited_rate_is_kept_both_ways(local: Run, photos: Path) -> None:
    """400 KB at 400 KB a second, of which the first piece takes none."""
    (photos / "slow").write_bytes(os.urandom(400_000))
    for line in (("upload", "slow", "photos"), ("retrieve", "photos/slow", "--to", "back/")):
        begun = time.monotonic()
        local(*line, "--limit-rate", "400kB").ok()
        assert 1 <= time.monotonic() - begun < 30
    assert (photos / "back" / "slow").read_bytes() == (photos / "slow").read_bytes()


@pytest.mark.covers("F7")
def test_an_empty_file_is_stored_once_and_has_no_size(local: Run, photos: Path) -> None:
    (photos / "empty").touch()
    (one,) = local("upload", "empty", "photos", "-o", "json").ok().json["uploaded"]
    assert (one["name"], one["size_bytes"], one["tree_hash"]) == ("empty", 0, None)
    assert one["archive_id"]
    assert local("upload", "empty", "photos", "-o", "json").ok().json["skipped"]
    (listed,) = local("list", "photos", "-o", "json").json["archives"]
    assert (listed["state"], listed["archive_id"]) == ("empty", one["archive_id"])


@pytest.mark.covers("F6")
def test_a_hole_comes_back_as_zeros(local: Run, photos: Path) -> None:
    with (photos / "sparse").open("wb") as file:
        file.seek(2 * MIB)
        file.write(b"end")
    local("upload", "sparse", "photos").ok()
    local("retrieve", "photos/sparse", "--to", "back").ok()
    assert (photos / "back").read_bytes() == bytes(2 * MIB) + b"end"


def test_two_sources_of_one_name_are_refused(local: Run, photos: Path) -> None:
    for place in ("x", "y"):
        (photos / place).mkdir()
        (photos / place / "a").write_bytes(place.encode())
    said = local("upload", "x/a", "y/a", "photos").failed(2, 'would both be named "a"')
    assert "hint:" in said.err
    assert names(local) == []


def test_one_bad_file_does_not_stop_the_others(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"a")
    said = local("upload", "gone", "a", "photos", "-o", "json").failed(3).json
    assert [one["name"] for one in said["uploaded"]] == ["a"]
    (failure,) = said["failed"]
    assert failure["name"] == "gone"
    assert "no such file" in failure["error"]


@pytest.mark.parametrize("size", [0, 5, 2 * MIB, 2 * MIB + 3])
def test_standard_input_is_stored_whatever_its_length(
    local: Run, spawn: Spawn, photos: Path, size: int
) -> None:
    content = os.urandom(size)
    line = ("--local", "upload", "-", "photos", "--name", "etc.tar", "--part-size", "1MiB")
    assert finished(spawn(*line), content).code == 0
    again = finished(spawn(*line, "-o", "json"), content)
    assert again.code == 0, again.err
    local("retrieve", "photos/etc.tar", "--to", "back").ok()
    assert (photos / "back").read_bytes() == content


def test_standard_input_that_is_stored_already_is_not_stored_again(local: Run) -> None:
    line = ("upload", "-", "photos", "--name", "a", "-o", "json")
    assert local(*line, stdin=b"words").ok().json["uploaded"]
    assert local(*line, stdin=b"words").ok().json["skipped"]
    local(*line[:-2], "--force", stdin=b"words").ok()
    assert len(local("list", "photos/a", "--all-versions").ok().lines) == 2


def test_a_name_whose_newest_version_is_missing_is_stored_again(
    local: Run, photos: Path, key_map: Path
) -> None:
    for content in (b"one", b"two"):
        (photos / "a").write_bytes(content)
        local("upload", "a", "photos").ok()
    with closing(sqlite3.connect(key_map)) as database, database:
        gone = hashlib.sha256(b"two").digest()
        database.execute("UPDATE archives SET state = 2 WHERE tree_hash = ?", (gone,))
    (photos / "a").write_bytes(b"one")
    assert "stored a" in local("upload", "a", "photos").ok().lines
    assert "stored already" in local("upload", "a", "photos").ok().out
    local("retrieve", "photos/a", "--to", "back").ok()
    assert (photos / "back").read_bytes() == b"one"


def test_a_stream_in_parts_that_is_stored_already_becomes_no_second_archive(
    local: Run, spawn: Spawn
) -> None:
    content = os.urandom(2 * MIB + 3)
    line = ("--local", "upload", "-", "photos", "--name", "a", "--part-size", "1MiB")
    finished(spawn(*line), content).ok()
    assert "stored already" in finished(spawn(*line), content).ok().out
    assert len(names(local)) == 1
    finished(spawn(*line, "--force"), content).ok()
    assert len(local("list", "photos/a", "--all-versions").ok().lines) == 2
    finished(spawn(*line), content + b"more").ok()
    assert len(local("list", "photos/a", "--all-versions").ok().lines) == 3


def test_an_empty_stream_that_is_stored_already_is_not_stored_again(local: Run) -> None:
    line = ("upload", "-", "photos", "--name", "a", "-o", "json")
    assert local(*line, stdin=b"").ok().json["uploaded"]
    assert local(*line, stdin=b"").ok().json["skipped"]


@pytest.mark.covers("F9")
def test_an_empty_stream_is_no_further_name_of_a_file(local: Run, photos: Path) -> None:
    (photos / "tree").mkdir()
    (photos / "tree" / "a").write_bytes(b"content")
    (photos / "tree" / "b").hardlink_to(photos / "tree" / "a")
    local("sync", "tree", "photos").ok()
    assert local("upload", "-", "photos", "--name", "b", "-o", "json").ok().json["uploaded"]
    local("retrieve", "photos/b", "--wait").ok()
    assert (photos / "b").read_bytes() == b""


def test_a_stream_is_no_link_that_leads_where_it_says(local: Run, photos: Path) -> None:
    (photos / "tree").mkdir()
    (photos / "tree" / "link").symlink_to("target")
    local("sync", "tree", "photos").ok()
    line = ("upload", "-", "photos", "--name", "link", "-o", "json")
    assert local(*line, stdin=b"target").ok().json["uploaded"]
    local("retrieve", "photos/link", "--wait").ok()
    assert (photos / "link").read_bytes() == b"target"


def test_one_name_too_long_does_not_stop_the_others(local: Run, photos: Path) -> None:
    steps = [
        "".join(chr(0x4E00 + byte) for byte in hashlib.sha512(bytes([step])).digest())
        for step in range(14)
    ]
    deep = (photos / "tree").joinpath(*steps)
    deep.parent.mkdir(parents=True)
    deep.write_bytes(b"deep")
    (photos / "tree" / "zz").write_bytes(b"zz")
    said = local("upload", "tree", "photos", "-o", "json").failed(3).json
    assert [one["name"] for one in said["uploaded"]] == ["zz"]
    assert "too long" in said["failed"][0]["error"]


def test_a_wrong_part_size_is_told_once_and_before_anything(local: Run, photos: Path) -> None:
    for name in ("a", "b"):
        (photos / name).write_bytes(name.encode())
    said = local("upload", "a", "b", "photos", "--part-size", "3MiB").failed(2, "no part size")
    assert said.err.count("error:") == 1
    assert names(local) == []


@pytest.mark.covers("P5")
def test_streams_that_the_shell_closed_are_told_only_where_they_are_needed(
    spawn: Spawn, local: Run, photos: Path
) -> None:
    (photos / "a").write_bytes(b"a")
    line = f"exec {sys.executable} -m glaciercli --local upload a photos <&-"
    assert finished(spawn(argv=["/bin/sh", "-c", line])).code == 0
    assert names(local) == ["a"]
    line = f"exec {sys.executable} -m glaciercli --local upload - photos --name b <&-"
    finished(spawn(argv=["/bin/sh", "-c", line])).failed(1, "standard input is closed")
    line = f"exec {sys.executable} -m glaciercli --local list >&-"
    finished(spawn(argv=["/bin/sh", "-c", line])).failed(1, "standard output is closed")
