"""The program's own files within what it stores: left alone, and none of its locks lost."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server, Spawn, finished
from tests.cli.wire import Gate

_OWN = [
    "the key map in use: glaciercli keymap store VAULT keeps it",
    "the local store in use: a store cannot hold itself",
]


def test_a_home_is_kept_without_the_key_map_and_the_store_in_it(
    local: Run, photos: Path, home: Path
) -> None:
    (photos / "file").write_bytes(b"content")
    stored = local("sync", home, "photos", "-o", "json").ok().json
    assert [one["name"] for one in stored["uploaded"]] == ["work/file"]
    assert [one["reason"] for one in stored["skipped"]] == _OWN
    again = local("sync", home, "photos", "-o", "json").ok().json
    assert (again["uploaded"], again["unchanged"]) == ([], 1)
    proved = local("verify", home, "photos", "-o", "json").ok().json
    assert [one["reason"] for one in proved["skipped"]] == _OWN
    shown = local("upload", home, "photos/copy", "--dry-run", "-o", "json").ok().json
    assert [one["name"] for one in shown["would_upload"]] == ["copy/work/file"]


def test_what_was_stored_of_our_own_before_is_not_missed(
    local: Run, photos: Path, home: Path, key_map: Path
) -> None:
    (photos / "file").write_bytes(b"content")
    for name in (key_map.name, f"{key_map.name}-journal"):
        local("upload", "file", "photos", "--name", name).ok()
    shown = local("sync", home, "photos", "--delete", "--dry-run").ok()
    assert "would delete" not in shown.out
    assert f"would keep {key_map.name}: the program's own, and left out" in shown.lines
    local("upload", "file", "photos", "--name", "work/file").ok()
    local("verify", home, "photos").ok()


def test_the_key_map_itself_is_neither_stored_nor_replaced(
    local: Run, photos: Path, key_map: Path
) -> None:
    local("upload", key_map, "photos").failed(1, "belongs to the key map in use")
    said = local("upload", key_map, "photos").err
    assert "hint: glaciercli keymap store VAULT keeps it" in said
    size = key_map.stat().st_size
    (photos / "other").write_bytes(os.urandom(size))
    local("upload", "other", "photos", "--name", key_map.name).ok()
    line = ("retrieve", f"photos/{key_map.name}", "--to", key_map, "--overwrite", "--yes")
    local(*line).failed(1, "belongs to the key map in use")
    local("list", "photos").ok()


@pytest.mark.parametrize(
    "line",
    [
        ("keymap", "backup", "TARGET", "--overwrite"),
        ("keymap", "backup", "TARGET", "--overwrite", "--dry-run"),
        ("keymap", "export", "TARGET", "--overwrite"),
        ("report", "photos", "--html", "TARGET", "--overwrite"),
        ("retrieve", "photos/file", "--to", "TARGET", "--overwrite", "--yes"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("target", ["{key_map}", "link", "{key_map}-journal", "{store}/file"])
def test_nothing_is_written_over_what_a_run_works_on(
    local: Run, photos: Path, home: Path, key_map: Path, line: tuple[str, ...], target: str
) -> None:
    (photos / "link").symlink_to(key_map)
    (photos / "file").write_bytes(b"content")
    local("upload", "file", "photos").ok()
    store = home / "data" / "glaciercli" / "local-store"
    place = target.format(key_map=key_map, store=store)
    said = local(*(place if word == "TARGET" else word for word in line)).failed(1, "in use")
    assert "hint: write to another place" in said.err
    assert not Path(f"{key_map}-journal").is_file() or not Path(f"{key_map}-journal").stat().st_size
    assert not (store / "file").exists()
    local("keymap", "check", "--full").ok()
    local("retrieve", "photos/file", "--to", "back").ok()


def test_a_sync_of_the_home_keeps_a_second_one_out(
    run: Run, spawn: Spawn, vault: Server, home: Path, work: Path
) -> None:
    for name in ("a", "z"):
        (work / name).write_bytes(name.encode())
    gate = Gate(vault.service)
    # By then the walk is over, and some of what it met was read.
    vault.service.breaks("UploadArchive", vault.service.inner.handle, gate)
    first = spawn("sync", "--jobs", "1", home, "photos")
    gate.wait_until_asked()
    run("sync", "--dry-run", home, "photos").ok()
    run("sync", home, "photos").failed(12, "another run is changing")
    gate.let_go()
    finished(first).ok()


def test_the_key_map_is_not_taken_into_itself(local: Run, photos: Path, key_map: Path) -> None:
    (photos / "link").symlink_to(key_map)
    local("keymap", "merge", "link").failed(1, "belongs to the key map in use")
    local("inventory", "import", "photos", key_map).failed(1, "belongs to the key map in use")
