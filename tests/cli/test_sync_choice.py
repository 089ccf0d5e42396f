"""Which files a sync stores, when it may run, and what it refuses."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server, Spawn, finished
from tests.cli.wire import Gate


@pytest.fixture
def tree(photos: Path) -> Path:
    """A directory of a few files."""
    place = photos / "tree"
    for name in ("a.jpg", "a.tmp", "cache/x", "sub/b.jpg", "sub/c.txt"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(name.encode())
    return place


def names(local: Run) -> list[str]:
    return [one["name"] for one in local("list", "photos", "-o", "json").json["archives"]]


@pytest.mark.usefixtures("tree")
def test_patterns_choose_what_is_stored(local: Run, work: Path) -> None:
    (work / "patterns").write_bytes(b"# mine\n*.tmp\n")
    line = ("sync", "tree", "photos", "--exclude-from", "patterns", "--exclude", "cache/")
    local(*line, "--include", "*.jpg").ok()
    assert names(local) == ["a.jpg", "sub/b.jpg"]
    local(*line).ok()
    assert names(local) == ["a.jpg", "sub/b.jpg", "sub/c.txt"]


def test_a_file_in_the_tree_leaves_out_more(local: Run, tree: Path) -> None:
    (tree / ".glacierignore").write_bytes(b"*.tmp\n/cache\n")
    (tree / "sub" / ".glacierignore").write_bytes(b"*.txt\n!keep.txt\n")
    (tree / "sub" / "keep.txt").touch()
    local("sync", "tree", "photos").ok()
    assert names(local) == [
        ".glacierignore", "a.jpg", "sub/.glacierignore", "sub/b.jpg", "sub/keep.txt",
    ]  # fmt: skip


def test_what_a_pattern_leaves_out_is_never_deleted(local: Run, tree: Path) -> None:
    local("sync", "tree", "photos").ok()
    for name in ("cache/x", "a.tmp", "sub/c.txt"):
        (tree / name).unlink()
    (tree / "cache").rmdir()
    line = ("sync", "tree", "photos", "--delete", "--yes")
    said = local(*line, "--exclude", "cache/", "--exclude", "*.tmp", "-o", "json").ok().json
    assert [one["name"] for one in said["deleted"]] == ["sub/c.txt"]
    assert names(local) == ["a.jpg", "a.tmp", "cache/x", "sub/b.jpg"]


@pytest.mark.usefixtures("tree")
def test_a_pattern_that_matches_nothing_is_told(local: Run) -> None:
    said = local("sync", "tree", "photos", "--exclude", "*.tmp", "--exclude", "*.nothing").ok()
    assert 'the pattern "*.nothing" matches nothing' in said.err
    assert "*.tmp" not in said.err
    local("sync", "tree", "photos", "--exclude", "!").failed(2, "makes no sense")
    local("sync", "tree", "photos", "--exclude-from", "nowhere").failed(1, "no such file")


def test_a_file_that_is_still_written_to_waits(local: Run, tree: Path) -> None:
    for path in tree.rglob("*"):
        os.utime(path, (0, 0))
    # Dated 2106: that is no time at which anybody writes.
    os.utime(tree / "sub" / "b.jpg", (2**32, 2**32))
    (tree / "a.jpg").write_bytes(b"changed just now")
    line = ("sync", "tree", "photos", "--min-age", "10m", "-o", "json")
    said = local(*line).ok().json
    assert [one["reason"] for one in said["skipped"]] == ["changed too short a time ago"]
    assert "a.jpg" not in names(local)
    assert "sub/b.jpg" in names(local)
    os.utime(tree / "a.jpg", (0, 0))
    assert [one["name"] for one in local(*line).ok().json["uploaded"]] == ["a.jpg"]
    # What is too young is there: its archive is not that of a file that is gone.
    (tree / "a.jpg").write_bytes(b"again")
    local(*line, "--delete", "--yes").ok()
    assert "a.jpg" in names(local)


def test_links_are_followed_where_that_is_wanted(local: Run, photos: Path, tree: Path) -> None:
    outside = photos / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"outside")
    (tree / "out").symlink_to(outside)
    (tree / "sub" / "back").symlink_to("..")
    said = local("sync", "tree", "photos", "--follow-symlinks").ok()
    assert "sub/back: a symbolic link that leads back" in said.out
    assert "out/file" in names(local)


def test_a_file_may_become_a_directory_and_the_other_way_round(local: Run, tree: Path) -> None:
    line = ("sync", "tree", "photos", "--delete", "--yes")
    local(*line).ok()
    (tree / "a.jpg").unlink()
    (tree / "a.jpg").mkdir()
    (tree / "a.jpg" / "inside").write_bytes(b"new")
    (tree / "sub" / "b.jpg").unlink()
    (tree / "sub" / "c.txt").unlink()
    (tree / "sub").rmdir()
    (tree / "sub").write_bytes(b"a file")
    local(*line).ok()
    assert names(local) == ["a.jpg/inside", "a.tmp", "cache/x", "sub"]


@pytest.mark.usefixtures("tree")
def test_a_prefix_that_is_the_name_of_an_archive_is_refused(local: Run) -> None:
    local("sync", "tree", "photos").ok()
    for prefix in ("a.jpg", "sub/b.jpg/deeper"):
        local("sync", "tree", f"photos/{prefix}").failed(2, "no directory can be stored")
    local("sync", "tree", "photos/sub").ok()


def test_names_of_no_encoding_are_kept_and_shown_escaped(local: Run, tree: Path) -> None:
    raw = os.fsencode(tree) + b"/caf\xe9\n"
    with open(raw, "wb") as file:
        file.write(b"content")
    said = local("sync", "tree", "photos").ok()
    assert "stored caf\\xe9\\n" in said.lines
    content = Path(os.fsdecode(raw)).read_bytes()
    os.unlink(raw)
    local("sync", "tree", "photos", "--delete", "--yes").ok()
    assert len(names(local)) == 5
    Path(os.fsdecode(raw)).write_bytes(content)
    local("sync", "tree", "photos").ok()
    local("retrieve", "photos/**", "--to", "back", "--wait").ok()
    assert b"caf\xe9\n" in os.listdir(b"back")


def test_quiet_says_nothing_of_nothing_and_one_line_of_something(local: Run, tree: Path) -> None:
    assert local("sync", "tree", "photos", "-q").ok().lines == [
        "5 archives, 35 B stored in photos, 0 unchanged"
    ]
    done = local("sync", "tree", "photos", "-q").ok()
    assert (done.raw, done.err) == (b"", "")
    (tree / "a.jpg").unlink()
    assert local("sync", "tree", "photos", "-q", "--delete", "--yes").ok().lines == [
        "0 archives, 0 B stored in photos, 1 deleted, 4 unchanged"
    ]


@pytest.mark.covers("P11")
def test_of_two_syncs_at_once_the_second_ends_or_waits(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    (work / "tree").mkdir()
    (work / "tree" / "a").write_bytes(b"content")
    gate = Gate(vault.service)
    vault.service.breaks("UploadArchive", gate)
    first = spawn("sync", "tree", "photos")
    gate.wait_until_asked()
    run("sync", "tree", "photos").failed(12, "another run is changing vault")
    run("sync", "tree", "photos", "--wait-lock", "0.2s").failed(12)
    run("sync", "tree", "photos", "--dry-run").ok()
    waiting = spawn("sync", "--wait-lock", "tree", "photos")
    assert waiting.stderr is not None
    assert b"waiting for another sync" in waiting.stderr.readline()
    gate.let_go()
    finished(first).ok()
    assert finished(waiting).ok().lines == ["0 archives, 0 B stored in photos, 1 unchanged"]


def test_waiting_is_no_value_and_no_argument(local: Run, photos: Path) -> None:
    for name in ("--wait-lock", "1h"):
        (photos / name).mkdir()
        (photos / name / "--wait-lock").write_bytes(b"content")
    for line in (
        ("1h", "photos", "--wait-lock"),
        ("--wait-lock", "./1h", "photos"),
        ("--wait-lock", "5m", "1h", "photos"),
        ("--wait-lock=5m", "1h", "photos"),
        ("--wait-lock", "--", "--wait-lock", "photos"),
    ):
        assert local("sync", "-q", *line).ok().err == ""
    said = local("sync", "1h", "photos", "--exclude", "--wait-lock", "-o", "json").failed(1)
    assert "holds nothing to store" in said.err
    local("sync", "1h", "photos", "--wait-lock", "-5s").failed(2)
    local("sync", "1h", "photos", "--wait-lock=").failed(2, "is no duration")


@pytest.mark.parametrize("place", ["", "sub/"])
def test_patterns_that_make_no_sense_store_and_delete_nothing(
    local: Run, tree: Path, place: str
) -> None:
    (tree / place / "keep.tmp").touch()
    local("sync", "tree", "photos").ok()
    stored = names(local)
    (tree / place / ".glacierignore").write_bytes(b"*.tmp\n/out\n!\n")
    (tree / place / "out").touch()
    (tree / place / "keep.tmp").unlink()
    said = local("sync", "tree", "photos", "--delete", "--yes")
    assert said.code == (3 if place else 1)
    assert f'{place}.glacierignore": a pattern makes no sense' in said.err
    assert names(local) == stored
    checked = local("verify", "tree", "photos", "-o", "json").json
    assert checked["missing"] == []
