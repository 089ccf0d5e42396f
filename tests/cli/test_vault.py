"""``glaciercli vault``: made, listed, shown and removed."""

import csv
import io
from pathlib import Path

from tests.cli.conftest import Run

_FIXED = {"name", "archive_count", "size_bytes", "created_at", "last_inventory_at"}


def test_a_vault_is_made_and_making_it_again_changes_nothing(local: Run) -> None:
    assert local("vault", "create", "photos").ok().lines == ["vault photos created"]
    first = local("vault", "list", "-o", "json").json
    local("vault", "create", "photos").ok()
    assert local("vault", "list", "-o", "json").json == first


def test_a_dry_run_makes_no_vault(local: Run) -> None:
    said = local("vault", "create", "photos", "--dry-run").ok()
    assert said.lines == ["vault photos would be created"]
    assert local("vault", "list", "-o", "json").json == {"vaults": []}


def test_vaults_are_listed_in_every_form(local: Run) -> None:
    for name in ("b", "a"):
        local("vault", "create", name).ok()
    document = local("vault", "list", "-o", "json").ok().json
    assert [one["name"] for one in document["vaults"]] == ["a", "b"]
    assert document["vaults"][0].keys() >= _FIXED
    assert local("vault", "list", "-o", "jsonl").ok().jsonl == document["vaults"]
    rows = list(csv.DictReader(io.StringIO(local("vault", "list", "-o", "csv").ok().out)))
    assert [row["name"] for row in rows] == ["a", "b"]
    assert local("vault", "list").ok().lines[0].split()[:2] == ["vault", "archives"]


def test_an_empty_store_lists_nothing_in_every_form(local: Run) -> None:
    assert local("vault", "list").ok().out == ""
    assert local("vault", "list", "-o", "json").ok().json == {"vaults": []}
    assert local("vault", "list", "-o", "jsonl").ok().out == ""


def test_a_vault_is_shown_with_what_the_key_map_holds_of_it(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"abc")
    local("upload", "a", "photos").ok()
    shown = local("vault", "show", "photos", "-o", "json").ok().json
    assert shown.keys() >= _FIXED
    assert (shown["known_archives"], shown["known_bytes"]) == (1, 3)
    assert "in the key map  1 archive, 3 B" in local("vault", "show", "photos").ok().lines


def test_an_unknown_vault_is_told_with_its_own_code(local: Run) -> None:
    said = local("vault", "show", "nothing").failed(10, 'vault "nothing" does not exist')
    assert "hint: glaciercli vault list" in said.err


def test_a_vault_with_archives_is_not_removed(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"abc")
    local("upload", "a", "photos").ok()
    local("vault", "delete", "photos").failed(14, "is not empty")
    local("list", "photos/a").ok()


def test_an_empty_vault_is_removed_and_forgotten(local: Run) -> None:
    local("vault", "create", "photos").ok()
    local("vault", "delete", "photos", "--dry-run").ok()
    local("vault", "show", "photos").ok()
    assert local("vault", "delete", "photos").ok().lines == ["vault photos deleted"]
    local("vault", "show", "photos").failed(10)
    local("list", "photos").failed(10)
