"""``glaciercli keymap name-from``: local files name the archives that hold the same."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, Server

Upload = Callable[[bytes, str], str]


@pytest.fixture
def upload(vault: Server, run: Run) -> Upload:
    """Store an archive as another tool does, and let an inventory tell of it."""

    def store(content: bytes, description: str) -> str:
        made = vault.client.upload_archive(
            vaultName="photos", archiveDescription=description, body=content
        )
        run("inventory", "refresh", "photos").ok()
        return str(made["archiveId"])

    return store


@pytest.fixture
def tree(work: Path) -> Path:
    root = work / "Pictures"
    for name, text in (("a/sea.jpg", "sea"), ("hill.jpg", "hill"), ("z/sea.jpg", "sea")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def names(run: Run) -> list[str | None]:
    return [one["name"] for one in run("list", "-o", "json").ok().json["archives"]]


NAME_FROM = ("keymap", "name-from")


@pytest.mark.parametrize("description", ["", "mt2 broken!", "<m><p></p></m>"])
def test_an_anonymous_archive_is_named_after_the_file_with_its_content(
    run: Run, upload: Upload, tree: Path, description: str
) -> None:
    archive_id = upload(b"hill", description)
    upload(b"nowhere", "")
    said = run(*NAME_FROM, tree, "photos", "-o", "json").ok().json
    assert said["named"] == [
        {
            "archive_id": archive_id,
            "name": "hill.jpg",
            "old_name": description or None,
            "size_bytes": 4,
        }
    ]
    assert (said["ambiguous"], said["unmatched"], said["failed"]) == ([], 1, [])
    assert names(run) == [None, "hill.jpg"]
    again = run(*NAME_FROM, tree, "photos", "-o", "json").ok().json
    assert (again["named"], again["unmatched"]) == ([], 1)


def test_a_dry_run_names_nothing(run: Run, upload: Upload, tree: Path) -> None:
    upload(b"hill", "")
    said = run(*NAME_FROM, tree, "photos", "--dry-run").ok()
    assert said.lines[0].startswith("would be named hill.jpg (id:")
    assert said.lines[-1] == "1 archive would be named, 0 ambiguous, 0 unmatched"
    assert names(run) == [None]


def test_several_files_with_one_content_need_a_word(run: Run, upload: Upload, tree: Path) -> None:
    upload(b"sea", "")
    said = run(*NAME_FROM, tree, "photos", "-o", "json").failed(3).json
    assert [one["candidates"] for one in said["ambiguous"]] == [["a/sea.jpg", "z/sea.jpg"]]
    assert "may be a/sea.jpg, z/sea.jpg" in run(*NAME_FROM, tree, "photos").failed(3).out
    assert names(run) == [None]
    run(*NAME_FROM, tree, "photos", "--first").ok()
    assert names(run) == ["a/sea.jpg"]


def test_names_that_somebody_gave_stay(run: Run, upload: Upload, tree: Path) -> None:
    archive_id = upload(b"hill", "")
    run("rename", f"photos/id:{archive_id}", "mine").ok()
    upload(b"sea", "holiday tape")
    said = run(*NAME_FROM, tree, "photos", "-o", "json").ok().json
    assert (said["named"], said["ambiguous"], said["unmatched"]) == ([], [], 0)
    assert names(run) == ["holiday tape", "mine"]


def test_a_path_that_sagu_squeezed_comes_back(run: Run, upload: Upload, tree: Path) -> None:
    upload(b"sea", "homemePictureszsea.jpg")
    upload(b"hill", "photo.jpg")
    run(*NAME_FROM, tree, "photos").ok()
    assert names(run) == ["photo.jpg", "z/sea.jpg"]


def test_the_same_size_is_not_the_same_content(run: Run, upload: Upload, tree: Path) -> None:
    upload(b"HILL", "")
    assert run(*NAME_FROM, tree, "photos", "-o", "json").ok().json["unmatched"] == 1


def test_only_files_of_a_fitting_size_are_read(run: Run, upload: Upload, tree: Path) -> None:
    upload(b"hill", "")
    (tree / "huge").touch()
    # Hours, if anybody read it.
    os.truncate(tree / "huge", 2**42)
    run(*NAME_FROM, tree, "photos").ok()


def test_a_deleted_archive_is_not_named(run: Run, upload: Upload, tree: Path) -> None:
    archive_id = upload(b"hill", "")
    run("delete", f"photos/id:{archive_id}", "--yes").ok()
    assert run(*NAME_FROM, tree, "photos", "-o", "json").ok().json["named"] == []


def test_links_are_not_followed_and_names_may_be_any_bytes(
    run: Run, upload: Upload, tree: Path
) -> None:
    upload(b"deep", "")
    os.symlink("hill.jpg", tree / "link")
    (tree / os.fsdecode(b"caf\xe9\n")).write_bytes(b"deep")
    said = run(*NAME_FROM, tree, "photos").ok()
    assert "named caf\\xe9\\n (id:" in said.out
    assert names(run) == ["caf\udce9\n"]


def test_many_archives_are_named_in_parallel(run: Run, vault: Server, work: Path) -> None:
    (work / "d").mkdir()
    for number in range(40):
        content = f"{number:02}".encode()
        (work / "d" / f"{number:02}").write_bytes(content)
        vault.client.upload_archive(vaultName="photos", body=content)
    run("inventory", "refresh", "photos").ok()
    said = run(*NAME_FROM, "d", "photos", "--jobs", "4", "-o", "jsonl").ok().jsonl
    assert {one["outcome"] for one in said} == {"named"}
    assert names(run) == [f"{number:02}" for number in range(40)]


@pytest.mark.usefixtures("vault")
def test_what_is_no_directory_or_no_vault_is_refused(run: Run, tree: Path) -> None:
    run(*NAME_FROM, tree / "hill.jpg", "photos").failed(1, "is no directory")
    run(*NAME_FROM, tree, "nosuch").failed(10)


def test_the_table_form_has_every_outcome(run: Run, upload: Upload, tree: Path) -> None:
    upload(b"hill", "")
    upload(b"sea", "")
    rows: list[Any] = run(*NAME_FROM, tree, "photos", "-o", "csv").failed(3).lines
    assert [row.split(",")[0] for row in rows] == ["outcome", "named", "ambiguous"]
