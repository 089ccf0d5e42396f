"""``glaciercli verify``: a directory proved against a vault."""

import os
import random
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from glaciercli.server.settings import ServiceSettings
from tests.cli.conftest import Run, Serving, Spawn, finished

MIB = 1024 * 1024


@pytest.fixture
def tree(local: Run, photos: Path) -> Path:
    """A directory of all that a directory may hold, stored in the vault."""
    place = photos / "tree"
    (place / "sub" / "hollow").mkdir(parents=True)
    for name in ("a", "sub/b", "sub.c"):
        (place / name).write_bytes(name.encode())
    (place / "empty").touch()
    (place / "link").symlink_to("a")
    os.link(place / "a", place / "twin")
    local("sync", "tree", "photos").ok()
    return place


@pytest.mark.usefixtures("tree")
def test_what_was_stored_is_proved(local: Run) -> None:
    said = local("verify", "tree", "photos", "-o", "json").ok().json
    assert said["proved"] == 7
    assert said["proved_bytes"] == 1 + 1 + 1 + len("sub/b") + len("sub.c")
    for kind in ("missing", "changed", "extra", "unproved", "skipped", "failed"):
        assert said[kind] == []
    assert local("verify", "tree", "photos").ok().lines == ["7 files, 13 B as stored in photos"]
    assert local("verify", "-q", "tree", "photos").ok().out == ""


def test_a_stored_key_map_is_a_file_like_others_once_it_is_back(local: Run, tree: Path) -> None:
    local("keymap", "store", "photos").ok()
    # Nobody misses it where it never was.
    local("verify", "tree", "photos").ok()
    local("retrieve", "photos/**", "--to", "back").ok()
    assert len(list((tree.parent / "back" / ".glaciercli").iterdir())) == 1
    assert local("verify", "back", "photos", "-o", "json").ok().json["proved"] == 8
    again = local("sync", "back", "photos", "--compare", "hash", "-o", "json").ok().json
    assert (again["uploaded"], again["unchanged"]) == ([], 8)


def test_each_difference_is_told_with_its_reason(local: Run, tree: Path) -> None:
    (tree / "sub" / "b").unlink()
    (tree / "sub.c").write_bytes(b"sub,c")
    (tree / "extra").write_bytes(b"x")
    (tree / "link").unlink()
    (tree / "link").symlink_to("b")
    (tree / "empty").write_bytes(b"no more")
    said = local("verify", "-q", "tree", "photos").failed(15)
    assert said.lines == [
        "changed: empty: size changed",
        "extra: extra: not in the vault",
        "changed: link: content changed",
        "changed: sub.c: content changed",
        "missing: sub/b: no such file",
        "3 files, 2 B as stored in photos, 1 missing, 3 changed, 1 extra",
    ]
    rows = local("verify", "tree", "photos", "-o", "jsonl").failed(15).jsonl
    assert {"outcome": "missing", "name": "sub/b", "reason": "no such file"} in rows


def test_a_file_of_the_same_time_and_size_is_read_all_the_same(local: Run, tree: Path) -> None:
    before = (tree / "a").stat()
    (tree / "a").write_bytes(b"b")
    os.utime(tree / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    local("verify", "tree", "photos").failed(15)


def test_a_copy_with_other_times_and_without_hard_links_is_as_good(local: Run, tree: Path) -> None:
    shutil.copytree(tree, tree.parent / "copy", symlinks=True, copy_function=shutil.copyfile)
    assert local("verify", "copy", "photos", "-o", "json").ok().json["proved"] == 7


def test_a_prefix_and_patterns_say_what_is_compared(local: Run, tree: Path) -> None:
    local("sync", "tree", "photos/2026").ok()
    (tree / "a").write_bytes(b"A")
    assert local("verify", "tree", "photos/2026", "-o", "json").failed(15).json["proved"] == 5
    left_out = ("--exclude", "a", "--exclude", "twin")
    assert local("verify", "tree", "photos/2026", *left_out, "-o", "json").ok().json["proved"] == 5
    assert local("verify", "tree/sub", "photos/sub", "-o", "json").ok().json["proved"] == 2


def test_what_nothing_proves_is_told(local: Run, tree: Path, key_map: Path) -> None:
    del tree
    with closing(sqlite3.connect(key_map)) as raw:
        raw.execute("UPDATE archives SET tree_hash = NULL WHERE name = 'sub.c'")
        raw.execute("UPDATE archives SET state = 2 WHERE name = 'sub/b'")
        raw.commit()
    said = local("verify", "tree", "photos", "-o", "json").failed(15).json
    assert {one["name"]: one["reason"] for one in said["unproved"]} == {
        "sub.c": "nobody told the tree hash of what is stored",
        "sub/b": "the last inventory does not list it",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read anything")
def test_what_cannot_be_read_is_not_taken_for_missing(local: Run, tree: Path) -> None:
    (tree / "sub").chmod(0)
    (tree / "a").chmod(0)
    try:
        said = local("verify", "tree", "photos", "-o", "json").failed(3).json
    finally:
        (tree / "sub").chmod(0o755)
    assert len(said["failed"]) == 3
    assert said["missing"] == []


@pytest.mark.usefixtures("tree")
def test_bad_input_is_told(local: Run) -> None:
    local("verify", "nowhere", "photos").failed(1, "is no directory")
    local("verify", "tree", "nowhere").failed(10)
    local("verify", "photos").failed(2, "a directory and a vault")
    local("verify", "tree", "tree", "photos").failed(2, "a directory and a vault")
    local("verify", "--sample", "1", "tree", "photos").failed(2, "a whole vault")
    local("verify", "--sample", "1", "photos/sub").failed(2, "a whole vault")
    local("verify", "--sample", "0", "photos").failed(2)


def test_a_check_that_was_killed_goes_on_where_it_was(
    local: Run, photos: Path, key_map: Path, spawn: Spawn
) -> None:
    many = photos / "many"
    many.mkdir()
    for name in ("0001", "0002", "z"):
        (many / name).write_bytes(b"z")
    local("sync", "many", "photos", "-q").ok()
    (many / "0001").write_bytes(b"other")
    # So large a file ends what is written down at once, and the other is read until the kill.
    sized(many / "y", 4 * 1024**3)
    sized(many / "z", 64 * 1024**3, key_map)
    line = ("verify", "many", "photos", "-o", "json")
    process = spawn("--local", *line)
    until_reached(key_map, b"x")
    process.kill()
    process.wait()
    sized(many / "z", 1, key_map).write_bytes(b"z")
    # What was proved before is not read again: nobody would see this.
    (many / "0002").write_bytes(b"other")
    done = local(*line).failed(15)
    assert "going on with the check" in done.err
    assert [one["name"] for one in done.json["changed"]] == ["0001"]
    assert done.json["proved"] == 2
    anew = local(*line).failed(15).json
    assert [one["name"] for one in anew["changed"]] == ["0001", "0002"]


#: What takes the superuser's right to read anything from a program.
_UNPRIVILEGED = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)


@pytest.mark.skipif(
    bool(_UNPRIVILEGED) and shutil.which("setpriv") is None,
    reason="the superuser may read anything",
)
def test_what_could_not_be_read_is_looked_at_anew_once_a_check_goes_on(
    local: Run, tree: Path, key_map: Path, spawn: Spawn
) -> None:
    hidden = [tree / "sub", tree / "a", tree / "dark"]
    hidden[2].mkdir()
    for name in ("dark/f", "z"):
        (tree / name).write_bytes(b"z")
    local("sync", "tree", "photos").ok()
    for one in hidden:
        one.chmod(0)
    sized(tree / "y", 4 * 1024**3)
    sized(tree / "z", 64 * 1024**3, key_map)
    line = (*_UNPRIVILEGED, sys.executable, "-m", "glaciercli", "--local", "verify", "-o", "json")
    process = spawn(argv=(*line, "tree", "photos"))
    until_reached(key_map, b"x")
    process.kill()
    process.wait()
    sized(tree / "z", 1, key_map).write_bytes(b"z")
    for one in hidden[:2]:
        one.chmod(0o755)
    (tree / "sub" / "b").write_bytes(b"other")
    done = finished(spawn(argv=(*line, "tree", "photos")))
    assert "going on with the check" in done.err
    assert [one["name"] for one in done.json["failed"]] == [str(tree / "dark")]
    assert [one["name"] for one in done.json["changed"]] == ["sub/b"]
    assert [one["name"] for one in done.json["extra"]] == ["y"]
    assert (done.json["missing"], done.json["proved"]) == ([], 7)


def sized(file: Path, size_bytes: int, key_map: Path | None = None) -> Path:
    """Give a file a size, and its archive in the key map."""
    with file.open("ab") as opened:
        opened.truncate(size_bytes)
    if key_map is not None:
        with closing(sqlite3.connect(key_map)) as raw, raw:
            raw.execute(
                "UPDATE archives SET size_bytes = ? WHERE name = ?", (size_bytes, file.name)
            )
    return file


def until_reached(key_map: Path, name: bytes) -> None:
    """Wait for the check of another program to have come to a name."""
    ends = time.monotonic() + 30
    with closing(sqlite3.connect(key_map)) as raw:
        while not raw.execute("SELECT count(*) FROM checks WHERE reached > ?", (name,)).fetchone()[
            0
        ]:
            assert time.monotonic() < ends
            time.sleep(0.001)  # noqa: TID251 - the other side is a real process


def test_large_files_are_proved_by_pieces(local: Run, photos: Path) -> None:
    content = random.Random(5).randbytes(130 * MIB + 7)  # noqa: S311 - no secret
    (photos / "large").mkdir()
    (photos / "large" / "file").write_bytes(content)
    local("sync", "large", "photos").ok()
    local("verify", "large", "photos").ok()
    with open(photos / "large" / "file", "r+b") as file:
        file.seek(129 * MIB)
        file.write(b"\0\0\0\0")
    local("verify", "large", "photos").failed(15, "")


# Drills


def drill(run: Run, *words: str, code: int = 0) -> Any:
    done = run("verify", "--sample", "2", "--yes", "photos", "-o", "json", *words)
    assert done.code == code, done.err
    return done.json


@pytest.mark.usefixtures("tree")
def test_a_drill_brings_back_proves_and_throws_away(local: Run, home: Path) -> None:
    said = drill(local)
    assert said["drawn"] == 2
    # Neither a link nor what is empty has to be brought back.
    assert {one["name"] for one in said["proved"]} <= {"a", "sub/b", "sub.c", "twin"}
    assert len(said["proved"]) == 2
    assert list(home.rglob("drill-*")) == []
    with closing(sqlite3.connect(home / "key-map.sqlite3")) as raw:
        kept = raw.execute("SELECT event, detail FROM journal WHERE event = 'vault drill'")
        ((event, detail),) = kept.fetchall()
    assert (event, detail.split(",")[0]) == ("vault drill", "2 of 2 archives proved")


def test_a_drill_goes_on_with_what_it_drew(
    serving: Serving, run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serving(ServiceSettings(bulk_delay=timedelta(hours=1)))
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    server.client.create_vault(vaultName="photos")
    (work / "many").mkdir()
    for number in range(20):
        (work / "many" / f"{number}").write_bytes(b"%d" % number)
    run("sync", "many", "photos").ok()
    first, again = drill(run, code=75), drill(run, code=75)
    assert len(first["pending"]) == 2
    assert [one["job_id"] for one in again["pending"]] == [
        one["job_id"] for one in first["pending"]
    ]
    anew = drill(run, "--restart", code=75)
    assert len(anew["pending"]) == 2
    assert server.service.count("InitiateJob") > 2


def test_a_vault_with_nothing_to_draw_is_told(local: Run, photos: Path) -> None:
    del photos
    local("verify", "--sample", "2", "photos").failed(11, "could be proved")


@pytest.mark.usefixtures("tree")
def test_a_drill_finds_what_is_not_what_was_stored(key_map: Path, spawn: Spawn) -> None:
    with closing(sqlite3.connect(key_map)) as raw:
        raw.execute("UPDATE archives SET tree_hash = zeroblob(32)")
        raw.commit()
    done = finished(spawn("--local", "verify", "--sample", "2", "photos"))
    done.failed(15, "another tree hash")
    assert "0 of 2 archives drawn from photos proved" in done.out


def test_a_drill_is_done_whatever_the_archives_are_called(local: Run, photos: Path) -> None:
    (photos / "file").write_bytes(b"content")
    for name in ("n" * 255, "../escapes", "a/b", "a"):
        local("upload", "file", "photos", "--name", name).ok()
    assert local("verify", "--sample", "9", "photos", "--yes", "-o", "json").ok().json["drawn"] == 4


def test_a_drill_does_without_what_was_deleted_since(
    serving: Serving, run: Run, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serving(ServiceSettings(bulk_delay=timedelta(hours=1)))
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    server.client.create_vault(vaultName="photos")
    for name in ("a", "b"):
        (work / name).write_bytes(name.encode())
        run("upload", name, "photos").ok()
    drill(run, code=75)
    run("delete", "photos/a", "--yes").ok()
    said = drill(run, code=75)
    assert (said["drawn"], [one["name"] for one in said["pending"]]) == (1, ["b"])
    run("delete", "photos/b", "--yes").ok()
    run("verify", "--sample", "2", "--yes", "photos").failed(11, "could be proved")


@pytest.mark.usefixtures("tree")
def test_options_of_the_other_proof_are_refused(local: Run) -> None:
    local("verify", "tree", "photos", "--max-cost", "1").failed(2, "goes only with --sample")
    local("verify", "tree", "photos", "--yes").failed(2, "--yes goes only with --sample")
    refused = local("verify", "--sample", "1", "photos", "--exclude", "a")
    refused.failed(2, "--exclude does not go with --sample")
