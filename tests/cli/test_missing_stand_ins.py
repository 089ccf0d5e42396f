"""What stands for what has no bytes is missed like any archive, and nothing is lost with it."""

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from glaciercli.cli.clock import SystemClock
from tests.cli.conftest import Run

LOST = ("directory/", "empty", "twin")
NAMES = ("directory/", "empty", "file", "twin")


def take_in(local: Run, place: Path, names: Sequence[str], *, hours: int) -> None:
    """Take in an inventory of a later time that lists just these of the newest versions."""
    known = local("list", "photos", "-o", "json").ok().json["archives"]
    inventory = {
        "VaultARN": "arn:aws:glacier:us-east-1:000000000000:vaults/photos",
        "InventoryDate": f"{SystemClock().now() + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}",
        "ArchiveList": [
            {
                "ArchiveId": one["archive_id"],
                "ArchiveDescription": one["description"],
                "CreationDate": one["uploaded_at"],
                "Size": one["size_bytes"] or 1,
                "SHA256TreeHash": one["tree_hash"] or "01" * 32,
            }
            for one in known
            if one["name"] in names
        ],
    }
    (place / "saved.json").write_text(json.dumps(inventory))
    local("inventory", "import", "photos", "saved.json").ok()


def listed(local: Run) -> dict[str, tuple[str, int]]:
    found = local("list", "photos", "-o", "json").ok().json["archives"]
    return {one["name"]: (one["state"], one["size_bytes"]) for one in found}


@pytest.fixture
def tree(local: Run, photos: Path) -> Path:
    """A synced tree of which the vault has but one file left."""
    tree = photos / "tree"
    (tree / "directory").mkdir(parents=True)
    (tree / "empty").touch()
    (tree / "file").write_bytes(b"content")
    (tree / "twin").hardlink_to(tree / "file")
    local("sync", "tree", "photos").ok()
    take_in(local, photos, ["file"], hours=1)
    return tree


@pytest.mark.usefixtures("tree")
def test_it_is_told_as_missing_and_stored_again_by_the_same_line(local: Run) -> None:
    assert listed(local) == {
        "directory/": ("missing", 0),
        "empty": ("missing", 0),
        "file": ("confirmed", 7),
        "twin": ("missing", 0),
    }
    said = local("inventory", "show", "photos/empty").ok().out
    assert "nothing is lost, as it has no bytes" in said
    stored = local("sync", "tree", "photos", "-o", "json").ok().json
    assert sorted(one["name"] for one in stored["uploaded"]) == sorted(LOST)
    assert local("sync", "tree", "photos", "-q").ok().out == ""
    assert all(listed(local)[name] == ("empty", 0) for name in LOST)


def test_one_that_was_listed_before_is_missed_as_well(local: Run, tree: Path) -> None:
    local("sync", "tree", "photos").ok()
    take_in(local, tree.parent, NAMES, hours=2)
    assert listed(local)["empty"] == ("empty", 0)
    take_in(local, tree.parent, ["file"], hours=3)
    assert listed(local)["empty"] == ("missing", 0)


def test_an_upload_of_an_empty_file_stores_it_again(local: Run, tree: Path) -> None:
    line = ("upload", tree / "empty", "photos", "-o", "json")
    assert len(local(*line).ok().json["uploaded"]) == 1
    assert len(local(*line).ok().json["skipped"]) == 1


def test_it_is_brought_back_all_the_same_and_that_is_said(local: Run, tree: Path) -> None:
    done = local("retrieve", "photos/**", "--to", "back", "--wait").ok()
    back = tree.parent / "back"
    assert (back / "empty").read_bytes() == b""
    assert (back / "directory").is_dir()
    assert os.path.samefile(back / "twin", back / "file")
    for name in LOST:
        assert f'"{name}" is missing in the vault, and made all the same' in done.err
    assert '"file" is missing' not in done.err


def test_one_that_an_inventory_lists_again_is_what_it_was(local: Run, tree: Path) -> None:
    take_in(local, tree.parent, NAMES, hours=2)
    assert all(listed(local)[name] == ("empty", 0) for name in LOST)
