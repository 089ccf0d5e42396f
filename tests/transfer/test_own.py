"""What a run works on itself: neither walked over nor opened, whatever leads to it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.core.sync_plan import LocalFile
from glaciercli.operations import own_files
from glaciercli.transfer import files, tree
from glaciercli.transfer.own import OwnFiles

_SECOND_WRITER = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None) as opened:
    opened.execute("BEGIN IMMEDIATE")
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A home with a file, and with a key map and a local store further down."""
    place = tmp_path / "home"
    data = place / "data"
    for name in ("locks/vault-1.lock", "spool/tmp1", "snapshots/key-map-1.sqlite3"):
        one = data / f"key-map.sqlite3.{name}"
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_bytes(b"own")
    (data / "store" / "blobs").mkdir(parents=True)
    (data / "store" / "blobs" / "1").write_bytes(b"stored")
    (place / "file").write_bytes(b"the user's")
    with closing(sqlite3.connect(data / "key-map.sqlite3")) as made:
        made.execute("CREATE TABLE one (value)")
    return place


@pytest.fixture
def own(place: Path) -> OwnFiles:
    return own_files.of(str(place / "data" / "key-map.sqlite3"), str(place / "data" / "store"))


def names(root: Path, own: OwnFiles, *, follow: bool = False) -> list[bytes]:
    walk = tree.Walk(str(root), own=own, follow=follow)
    return [row[0] for batch in walk.batches() for row in batch]


def test_what_is_our_own_is_left_out_and_told_once(place: Path, own: OwnFiles) -> None:
    walk = tree.Walk(str(place), own=own)
    assert [row[0] for batch in walk.batches() for row in batch] == [b"file"]
    assert [one.path for one in walk.skipped] == [
        str(place / "data" / "key-map.sqlite3"),
        str(place / "data" / "store"),
    ]
    assert walk.leaves_out(b"data/key-map.sqlite3")
    # What is not there at the moment, too: a run may make it later.
    assert walk.leaves_out(b"data/key-map.sqlite3-journal")
    assert walk.leaves_out(b"data/store/blobs/2")
    assert not walk.leaves_out(b"data/key-map")
    assert not walk.leaves_out(b"file")


def test_the_same_names_elsewhere_are_files_like_any_other(place: Path, own: OwnFiles) -> None:
    other = place / "other"
    other.mkdir()
    (other / "key-map.sqlite3").write_bytes(b"of another user")
    (other / "key-map.sqlite3.locks").mkdir()
    assert names(place, own) == [
        b"file",
        b"other/key-map.sqlite3",
        b"other/key-map.sqlite3.locks/",
    ]


def test_links_to_what_is_our_own_lead_to_nothing(place: Path, own: OwnFiles) -> None:
    (place / "further").hardlink_to(place / "data" / "key-map.sqlite3")
    (place / "link").symlink_to("data/key-map.sqlite3")
    (place / "store").symlink_to("data/store")
    assert names(place, own) == [b"file", b"link", b"store"]
    assert names(place, own, follow=True) == [b"file"]


def test_a_walk_within_what_is_our_own_finds_nothing(place: Path, own: OwnFiles) -> None:
    walk = tree.Walk(str(place / "data" / "store" / "blobs"), own=own)
    assert list(walk.batches()) == []
    assert walk.leaves_out(b"1")
    # A snapshot is nothing that anybody locks: who asks for it gets it.
    assert names(place / "data" / "key-map.sqlite3.snapshots", own) == [b"key-map-1.sqlite3"]


def test_a_directory_with_nothing_but_our_own_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "key-map.sqlite3").touch()
    own = own_files.of(str(tmp_path / "data" / "key-map.sqlite3"), None)
    assert names(tmp_path, own) == []
    (tmp_path / "data" / "key-map.sqlite3").unlink()
    assert names(tmp_path, own) == [b"data/"]


@pytest.mark.parametrize(
    "name",
    [
        "data/key-map.sqlite3",
        "link",
        "data/key-map.sqlite3.locks/vault-1.lock",
        "data/store/blobs/1",
    ],
)
def test_what_is_held_is_never_opened(place: Path, own: OwnFiles, name: str) -> None:
    (place / "link").symlink_to("data/key-map.sqlite3")
    with pytest.raises(errors.FileProblem, match="in use"):
        files.SourceFile(str(place / name), own=own)


def test_a_transaction_keeps_its_lock_while_files_around_it_are_read(
    place: Path, own: OwnFiles
) -> None:
    key_map = place / "data" / "key-map.sqlite3"
    with closing(sqlite3.connect(key_map, isolation_level=None)) as opened:
        opened.execute("BEGIN IMMEDIATE")
        for one in tree.walk(str(place), own=own):
            if isinstance(one, LocalFile):
                files.tree_hash_of(one.path, own=own)
        with pytest.raises(errors.FileProblem):
            files.tree_hash_of(str(key_map), own=own)
        second = subprocess.run(
            [sys.executable, "-c", _SECOND_WRITER, str(key_map)], capture_output=True, check=False
        )
        assert b"database is locked" in second.stderr
        opened.execute("ROLLBACK")
