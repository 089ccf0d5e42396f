"""``glaciercli delete``: shown, asked about, done once."""

import csv
import io
import os
import pty
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Spawn


@pytest.fixture
def stored(local: Run, photos: Path) -> Path:
    """A vault with three archives; returns the current directory."""
    for name in ("a", "b", "c"):
        (photos / name).write_bytes(name.encode())
    local("upload", "a", "b", "c", "photos").ok()
    return photos


def left(local: Run) -> list[str]:
    return [one["name"] for one in local("list", "photos", "-o", "json").json["archives"]]


@pytest.mark.usefixtures("stored")
def test_the_document_has_its_fixed_shape(local: Run) -> None:
    (known,) = local("list", "photos/a", "-o", "json").json["archives"]
    said = local("delete", "photos/a", "--yes", "-o", "json").ok().json
    assert said == {"deleted": [{"name": "a", "archive_id": known["archive_id"]}], "failed": []}
    assert left(local) == ["b", "c"]


@pytest.mark.usefixtures("stored")
def test_the_line_forms_have_an_object_or_a_row_for_each_archive(local: Run) -> None:
    rows = local("delete", "photos/[ab]", "--yes", "-o", "jsonl").ok().jsonl
    assert sorted((one["outcome"], one["name"]) for one in rows) == [
        ("deleted", "a"),
        ("deleted", "b"),
    ]
    text = local("delete", "photos/*", "--dry-run", "-o", "csv").ok().out
    assert [row["name"] for row in csv.DictReader(io.StringIO(text))] == ["c"]


@pytest.mark.usefixtures("stored")
def test_a_dry_run_shows_count_and_bytes_and_deletes_nothing(local: Run) -> None:
    said = local("delete", "photos/*", "--dry-run").ok()
    assert said.lines == [
        "would delete a",
        "would delete b",
        "would delete c",
        "3 archives, 3 B to delete",
    ]
    assert left(local) == ["a", "b", "c"]


@pytest.mark.usefixtures("stored")
def test_without_a_terminal_and_without_yes_it_refuses(local: Run) -> None:
    said = local("delete", "photos/a").failed(2, "no terminal to ask on")
    assert "would delete a" in said.err
    assert "hint: --yes" in said.err
    assert said.out == ""
    assert left(local) == ["a", "b", "c"]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 130), (b"\x04", 130)])
def test_on_a_terminal_it_asks(local: Run, spawn: Spawn, answer: bytes, code: int) -> None:
    ours, its = pty.openpty()
    try:
        process = spawn("--local", "delete", "photos/a", stdin=its)
        os.write(ours, answer)
        _, err = process.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(its)
    assert process.returncode == code
    assert b"Delete them?" in err
    assert left(local) == (["b", "c"] if code == 0 else ["a", "b", "c"])


@pytest.mark.usefixtures("stored")
def test_the_same_line_again_says_the_same(local: Run) -> None:
    first = local("delete", "photos/a", "--yes", "-o", "json").ok().json
    assert local("delete", "photos/a", "--yes", "-o", "json").ok().json == first
    local("delete", "photos/nothing", "--yes").failed(11)


@pytest.mark.usefixtures("stored")
def test_a_whole_vault_is_never_meant_by_its_name(local: Run) -> None:
    said = local("delete", "photos", "--yes").failed(2, "is a whole vault")
    assert "photos/**" in said.err
    local("delete", "photos/", "--yes").failed(2)
    assert left(local) == ["a", "b", "c"]


def test_the_newest_version_goes_unless_all_are_meant(local: Run, stored: Path) -> None:
    (stored / "a").write_bytes(b"newer")
    local("upload", "a", "photos").ok()
    local("delete", "photos/a", "--yes").ok()
    (one,) = local("list", "photos/a", "--all-versions", "-o", "json").ok().json["archives"]
    assert one["size_bytes"] == 1
    local("upload", "a", "photos").ok()
    local("delete", "photos/a", "--yes", "--all-versions").ok()
    assert left(local) == ["b", "c"]


@pytest.mark.usefixtures("stored")
def test_what_was_deleted_stays_deleted_though_an_inventory_lists_it(
    local: Run, stored: Path
) -> None:
    local("inventory", "refresh", "photos").ok()
    local("delete", "photos/**", "--yes").ok()
    assert local("list", "photos", "--state", "deleted", "--all-versions").ok().out.count("\n") == 3
    (stored / "d").write_bytes(b"d")
    local("upload", "d", "photos").ok()
    local("inventory", "refresh", "photos").ok()
    assert left(local) == ["d"]
    local("delete", "photos/d", "--yes").ok()
    local("inventory", "refresh", "photos").ok()
    local("vault", "delete", "photos").ok()


def test_an_empty_file_is_deleted_with_what_stands_for_it(local: Run, stored: Path) -> None:
    (stored / "empty").touch()
    local("upload", "empty", "photos").ok()
    local("delete", "photos/**", "--yes").ok()
    local("inventory", "refresh", "photos").ok()
    assert left(local) == []
    local("vault", "delete", "photos").ok()
