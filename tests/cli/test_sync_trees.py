"""Trees that are synced and brought back are the same trees."""

import io
import os
import random
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from glaciercli.errors import FileProblem
from glaciercli.keymap.store import open_reader
from glaciercli.model.vaults import StoreIdentity
from glaciercli.operations.download_flow import settled_partial
from glaciercli.operations.retrieve import Retrieved, RetrieveReport, copy_out
from glaciercli.transfer import targets
from tests.cli.conftest import Run, Spawn, finished
from tests.cli.trees import Editor, end_retrievals, look
from tests.keymap.records import NOW


@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_of_edits_comes_back_as_it_is(
    local: Run, photos: Path, key_map: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    editor = Editor(photos / "tree", chance)
    for _ in range(4):
        for _ in range(chance.randrange(1, 15)):
            editor.edit()
        how = chance.choice(["mtime", "mtime", "hash"])
        allowed = ["--delete", "--yes", "--allow-empty-source", "--compare", how]
        local("sync", "tree", "photos/x", *allowed).ok()
        again = local("sync", "tree", "photos/x", *allowed, "-q").ok()
        assert (again.out, again.err) == ("", "")
        shutil.rmtree(photos / "back", ignore_errors=True)
        (photos / "back" / "x").mkdir(parents=True)
        if look(photos / "tree")[0]:
            local("retrieve", "photos/x/**", "--to", "back", "--wait").ok()
            end_retrievals(key_map)
        assert look(photos / "back" / "x") == look(photos / "tree")


def test_a_file_and_a_directory_of_one_name_come_back_beside_one_another(
    local: Run, photos: Path
) -> None:
    tree = photos / "tree"
    tree.mkdir()
    (tree / "a").write_bytes(b"a file")
    local("sync", "tree", "photos").ok()
    (tree / "a").unlink()
    (tree / "a").mkdir()
    (tree / "a" / "b").write_bytes(b"in it")
    local("sync", "tree", "photos").ok()
    said = local("retrieve", "photos/**", "--to", "back", "--wait").ok()
    assert '"a" gets another name here: a directory has that name' in said.err
    assert (photos / "back" / "a" / "b").read_bytes() == b"in it"
    (other,) = [path for path in (photos / "back").iterdir() if path.is_file()]
    assert other.name.startswith("a.")
    assert other.read_bytes() == b"a file"
    # The same line finds both where it put them.
    again = local("retrieve", "photos/**", "--to", "back", "--wait", "-o", "json").ok().json
    assert (len(again["skipped"]), again["retrieved"]) == (2, [])


@pytest.mark.covers("F11")
def test_names_of_either_case_stay_apart_where_they_may(local: Run, photos: Path) -> None:
    tree = photos / "tree"
    tree.mkdir()
    for name in ("README", "Readme", "caf\u00e9", "cafe\u0301"):
        (tree / name).write_bytes(name.encode())
    local("sync", "tree", "photos").ok()
    local("retrieve", "photos/**", "--to", "back", "--wait").ok()
    assert look(photos / "back") == look(tree)


def test_a_further_name_comes_back_alone_as_the_file(
    local: Run, photos: Path, key_map: Path
) -> None:
    tree = photos / "tree"
    tree.mkdir()
    (tree / "a").write_bytes(b"content")
    (tree / "b").hardlink_to(tree / "a")
    (tree / "c").hardlink_to(tree / "a")
    said = local("sync", "tree", "photos", "-o", "json").ok().json
    assert sorted(one["size_bytes"] for one in said["uploaded"]) == [0, 0, 7]
    local("retrieve", "photos/b", "--to", "one", "--wait").ok()
    assert (photos / "one").read_bytes() == b"content"
    local("retrieve", "photos/b", "photos/c", "--to", "two", "--wait").ok()
    assert (photos / "two" / "b").samefile(photos / "two" / "c")
    planned = local("retrieve", "photos/**", "--to", "three", "--dry-run").ok()
    assert "would make b" in planned.lines
    again = local("retrieve", "photos/**", "--to", "two", "--wait", "-o", "json").ok().json
    assert [one["name"] for one in again["retrieved"]] == ["a"]
    with closing(sqlite3.connect(key_map)) as raw:
        raw.execute("UPDATE archives SET name = 'z' WHERE name = 'a'")
        raw.commit()
    local("retrieve", "photos/b", "--to", "three").failed(11, "another name of")


@pytest.mark.parametrize("also", [(), ("photos/a",)])
def test_what_a_failing_disk_left_of_a_further_name_is_cleared_away(
    local: Run, photos: Path, also: tuple[str, ...], key_map: Path
) -> None:
    (photos / "tree").mkdir()
    (photos / "tree" / "a").write_bytes(b"content")
    (photos / "tree" / "b").hardlink_to(photos / "tree" / "a")
    local("sync", "tree", "photos").ok()
    line = ("retrieve", *also, "photos/b", "--to", "back/", "--wait")
    local(*line).ok()
    back = photos / "back"
    before = set(back.iterdir())
    left = back / _temporary(key_map, str(back), "b")
    left.hardlink_to(back / "b")
    local(*line).ok()
    assert set(back.iterdir()) == before


def _temporary(key_map: Path, directory: str, name: str) -> str:
    """Return what the temporary file of a further name is called."""
    with closing(sqlite3.connect(key_map)) as raw:
        (endpoint,) = raw.execute("SELECT endpoint FROM vaults").fetchone()
    store = StoreIdentity(endpoint=endpoint, region=None, account=None)
    with closing(open_reader(str(key_map), now=NOW)) as reader:
        (vault,) = reader.vaults.in_store(store)
        (archive,) = reader.archives.named(vault, name)
    return settled_partial(archive, targets.below(directory, [name]))


@pytest.mark.covers("F4")
def test_links_are_brought_back_and_never_followed(local: Run, photos: Path) -> None:
    tree = photos / "tree"
    tree.mkdir()
    outside = photos / "outside"
    outside.mkdir()
    (tree / "link").symlink_to(outside)
    local("sync", "tree", "photos").ok()
    (tree / "link").unlink()
    (tree / "link").mkdir()
    (tree / "link" / "file").write_bytes(b"content")
    (tree / "other").symlink_to("link/file")
    local("sync", "tree", "photos").ok()
    local("retrieve", "photos/link", "--to", "back/", "--wait").ok()
    assert (photos / "back" / "link").readlink() == outside
    local("retrieve", "photos/link/file", "--to", "back", "--wait").failed(1, "no plain directory")
    assert list(outside.iterdir()) == []
    # What stands in the way stays, unless it may go.
    (photos / "back" / "other").write_bytes(b"mine")
    local("retrieve", "photos/other", "--to", "back/").failed(1, "exists already")
    local("retrieve", "photos/other", "--to", "back/", "--overwrite").ok()
    assert (photos / "back" / "other").readlink() == Path("link/file")


def test_nothing_of_this_machine_goes_down_a_stream(local: Run, photos: Path, home: Path) -> None:
    tree = photos / "tree"
    (tree / "empty").mkdir(parents=True)
    (photos / "secret").write_bytes(b"of this machine")
    (tree / "link").symlink_to(photos / "secret")
    (tree / "dangling").symlink_to("nowhere")
    (tree / "a").write_bytes(b"content")
    (tree / "b").hardlink_to(tree / "a")
    local("sync", "tree", "photos").ok()
    spool = home / "key-map.sqlite3.spool"
    reached = local("retrieve", "photos/link", "--to", "-").ok()
    assert reached.raw == os.fsencode(photos / "secret")
    assert local("retrieve", "photos/dangling", "--to", "-").ok().raw == b"nowhere"
    local("retrieve", "photos/empty/", "--to", "-").failed(2, "is a directory")
    local("retrieve", "photos/a", "photos/b", "--to", "-").failed(2, "one archive at a time")
    assert local("retrieve", "photos/b", "--to", "-", "--wait").ok().raw == b"content"
    assert list(spool.iterdir()) == []


def test_what_an_earlier_run_left_in_the_spool_is_not_read_through(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"of this machine")
    (tmp_path / "left").symlink_to("secret")
    path = str(tmp_path / "left")
    report = RetrieveReport(retrieved=[Retrieved(name="a", path=path, size_bytes=1)])
    with pytest.raises(FileProblem):
        copy_out(report, io.BytesIO())


def test_what_lies_behind_a_link_gets_no_further_name(local: Run, photos: Path) -> None:
    tree, elsewhere, back = (photos / name for name in ("tree", "elsewhere", "back"))
    for directory in (tree / "d", elsewhere, back):
        directory.mkdir(parents=True)
    (tree / "d" / "a").write_bytes(b"content")
    (tree / "z").hardlink_to(tree / "d" / "a")
    local("sync", "tree", "photos").ok()
    (elsewhere / "a").write_bytes(b"content")
    (back / "d").symlink_to(elsewhere)
    said = local("retrieve", "photos/**", "--to", "back", "--wait").failed(3)
    assert '"d" on the way is no plain directory' in said.err
    assert (back / "z").read_bytes() == b"content"
    assert (elsewhere / "a").stat().st_nlink == 1


#: Whoever runs the tests may not write where the mode says no, not even root.
_BOUND = ["setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override"]


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv to bind root")
def test_a_directory_that_was_empty_and_read_only_takes_what_was_later_in_it(
    local: Run, spawn: Spawn, photos: Path
) -> None:
    tree, back = photos / "tree", photos / "back"
    for name in ("d", "still"):
        (tree / name).mkdir(parents=True)
        (tree / name).chmod(0o555)
    local("sync", "tree", "photos").ok()
    (tree / "d").chmod(0o755)
    (tree / "d" / "e").mkdir()
    local("sync", "tree", "photos").ok()
    (tree / "d" / "e" / "f").write_bytes(b"content")
    (tree / "d" / "twin").hardlink_to(tree / "d" / "e" / "f")
    local("sync", "tree", "photos").ok()
    line = ["-m", "glaciercli", "--local", "retrieve", "photos/**", "--to", "back", "--wait"]
    bound = [*(_BOUND if os.geteuid() == 0 else ()), sys.executable, *line]
    said = finished(spawn(argv=bound)).ok()
    assert f'd/: "{back}/d" is made with what goes into it' in said.out + said.err
    assert look(back) == look(tree)
    # What is there has to be in no place that can be written to.
    back.chmod(0o555)
    (back / "d").chmod(0o555)
    finished(spawn(argv=bound)).ok()


def test_a_vault_alone_brings_a_tree_back(local: Run, photos: Path, key_map: Path) -> None:
    editor = Editor(photos / "tree", random.Random(99))  # noqa: S311 - no secret
    for _ in range(30):
        editor.edit()
    local("sync", "tree", "photos").ok()
    key_map.unlink()
    local("inventory", "refresh", "photos", "--wait").ok()
    local("retrieve", "photos/**", "--to", "back", "--wait").ok()
    assert look(photos / "back") == look(photos / "tree")
    said = local("sync", "tree", "photos", "-o", "json").ok().json
    assert (said["uploaded"], said["renamed"]) == ([], [])


def test_a_file_that_holds_what_a_link_held_is_no_link(local: Run, photos: Path) -> None:
    tree = photos / "tree"
    tree.mkdir()
    (tree / "a").write_bytes(b"content")
    (tree / "link").symlink_to("content")
    (tree / "name").hardlink_to(tree / "a")
    local("sync", "tree", "photos").ok()
    for name, content in (("link", b"content"), ("name", b"")):
        (tree / name).unlink()
        (tree / name).write_bytes(content)
    said = local("sync", "tree", "photos", "-o", "json").ok().json
    assert sorted(one["name"] for one in said["uploaded"]) == ["link", "name"]
    local("retrieve", "photos/**", "--to", "back", "--wait").ok()
    assert look(photos / "back") == look(tree)
    (tree / "a").unlink()
    (tree / "a").symlink_to("content")
    (tree / "link").unlink()
    (tree / "link").symlink_to("a")
    local("sync", "tree", "photos").ok()
    local("retrieve", "photos/**", "--to", "again", "--wait").ok()
    assert look(photos / "again") == look(tree)
    local("keymap", "check", "--full").ok()
