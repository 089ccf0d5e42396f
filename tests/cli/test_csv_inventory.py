"""``glaciercli inventory import`` of the CSV form, which has no date."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_inventory import COUNTS, inventory_of, listed


@pytest.fixture
def stored(local: Run, photos: Path) -> Path:
    """A vault with two archives; returns the current directory."""
    for name in ("a", "b"):
        (photos / name).write_bytes(name.encode())
    local("upload", "a", "b", "photos").ok()
    return photos


def save_as_csv(directory: Path, *archives: dict[str, Any]) -> None:
    """Save archives as ``saved.csv``, as the service gives them."""
    lines = [",".join(archives[0])]
    for one in archives:
        # The service escapes a quote with a backslash.
        text = one["ArchiveDescription"].replace('"', '\\"')
        lines.append(f'{one["ArchiveId"]},"{text}",{one["CreationDate"]},1,{one["SHA256TreeHash"]}')
    (directory / "saved.csv").write_text("".join(f"{line}\n" for line in lines))


def test_a_saved_inventory_as_csv_adds_and_makes_nothing_missing(
    local: Run, stored: Path, key_map: Path
) -> None:
    save_as_csv(stored, inventory_of(local)["ArchiveList"][0])
    local("inventory", "import", "photos", "saved.csv").ok()
    assert [one["state"] for one in listed(local)] == ["confirmed", "uploaded"]
    key_map.unlink()
    local("inventory", "import", "photos", "saved.csv").failed(10)
    local("vault", "show", "photos").ok()
    local("inventory", "import", "photos", "saved.csv").ok()
    assert [one["name"] for one in listed(local)] == ["a"]


def test_an_old_csv_confirms_nothing_that_the_last_inventory_lacks(
    local: Run, stored: Path, key_map: Path
) -> None:
    last = inventory_of(local)
    save_as_csv(stored, *last["ArchiveList"])
    # Another machine has deleted it since.
    local("delete", "photos/a", "--yes").ok()
    del last["ArchiveList"][0]
    (stored / "last.json").write_text(json.dumps(last))
    key_map.unlink()
    local("inventory", "import", "photos", "last.json").ok()
    said = local("inventory", "import", "photos", "saved.csv", "-o", "json").ok().json
    assert [said[key] for key in COUNTS] == [1, 1, 1, 0, 0]
    assert [one["state"] for one in listed(local)] == ["missing", "confirmed"]
    assert local("upload", "a", "photos").ok().lines[0] == "stored a"
    local("retrieve", "photos/a", "--to", "back/").ok()
    assert (stored / "back" / "a").read_bytes() == b"a"
