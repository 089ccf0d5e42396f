"""``glaciercli vault delete --with-archives``: asked about once, killed, and gone on with."""

import csv
import io
import os
import pty
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server, Spawn
from tests.cli.cut_off import kill_at
from tests.cli.wire import Gate, refused

INVALID = "InvalidParameterValueException"

LINE = ("vault", "delete", "photos", "--with-archives")


@pytest.fixture
def stored(local: Run, photos: Path) -> Path:
    """A vault with three archives."""
    for name in "abc":
        (photos / name).write_bytes(name.encode())
    local("upload", "a", "b", "c", "photos").ok()
    return photos


@pytest.mark.usefixtures("stored")
def test_a_vault_goes_with_all_that_is_in_it(local: Run) -> None:
    done = local(*LINE, "--yes", "-o", "json").ok()
    assert "3 archives, 3 B would be deleted for ever" in done.err
    assert done.json == {
        "vault": "photos",
        "gone": True,
        "next": None,
        "next_at": None,
        "deleted_archives": 3,
        "deleted_bytes": 3,
        "aborted_uploads": 0,
        "failed": [],
    }
    local(*LINE, "--yes").failed(10)


@pytest.mark.usefixtures("stored")
def test_a_dry_run_shows_what_is_next_in_every_form(local: Run) -> None:
    lines = local(*LINE, "--dry-run").ok().lines
    assert "3 archives, 3 B would be deleted for ever" in lines[0]
    assert any("younger than 90 days" in one for one in lines)
    shown = local(*LINE, "--dry-run", "-o", "json").ok().json
    assert (shown["next"], shown["to_ask_archives"], shown["to_ask_bytes"]) == ("confirm", 3, 3)
    (row,) = csv.DictReader(io.StringIO(local(*LINE, "--dry-run", "-o", "csv").ok().out))
    assert (row["next"], row["to_ask_archives"]) == ("confirm", "3")
    unknown = ("--key-map", "other.sqlite3")
    assert "take in the inventory" in local(*LINE, "--dry-run", *unknown).ok().out
    assert local("vault", "show", "photos", "-o", "json").json["archive_count"] == 3


@pytest.mark.usefixtures("stored")
def test_without_a_terminal_and_without_yes_it_refuses(local: Run) -> None:
    said = local(*LINE).failed(2, "no terminal to ask on")
    assert "3 archives, 3 B" in said.err
    assert "hint: --yes" in said.err
    assert local("vault", "show", "photos", "-o", "json").json["archive_count"] == 3


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(("answer", "code"), [(b"photos\n", 0), (b"y\n", 130)])
def test_on_a_terminal_the_name_is_typed_out(
    local: Run, spawn: Spawn, answer: bytes, code: int
) -> None:
    ours, its = pty.openpty()
    try:
        process = spawn("--local", *LINE, stdin=its)
        os.write(ours, answer)
        _, err = process.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(its)
    assert process.returncode == code, err
    local("vault", "show", "photos").failed(10) if code == 0 else local("list", "photos/a").ok()


def test_what_is_stored_while_the_name_is_typed_stays(
    local: Run, spawn: Spawn, stored: Path
) -> None:
    (stored / "late").write_bytes(b"late")
    ours, its = pty.openpty()
    try:
        process = spawn("--local", *LINE, stdin=its)
        assert process.stderr is not None
        asked = b""
        while b'Type "photos"' not in asked:
            asked += os.read(process.stderr.fileno(), 4096) or pytest.fail(f"{asked!r}")
        local("upload", "late", "photos").ok()
        os.write(ours, b"photos\nno\n")
        _, err = process.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(its)
    assert b"1 archive, 4 B that turned up since you said yes" in err
    assert process.returncode == 130
    (kept,) = local("list", "photos", "-o", "json").ok().json["archives"]
    assert kept["name"] == "late"
    assert local("vault", "show", "photos", "-o", "json").json["archive_count"] == 1


def test_a_run_that_was_killed_is_gone_on_with_and_nobody_is_asked_again(
    run: Run, vault: Server, spawn: Spawn
) -> None:
    for number in range(12):
        vault.client.upload_archive(
            vaultName="photos", archiveDescription=f"{number}", body=b"%d" % number
        )
    gate = Gate(vault.service)
    held = [vault.service.inner.handle] * 5 + [gate]
    vault.service.breaks("DeleteArchive", *held)
    process = spawn(*LINE, "--yes", "--jobs", "1")
    gate.wait_until_asked()
    process.kill()
    process.wait()
    gate.let_go()
    before = vault.service.count("DeleteArchive")
    assert before < 12
    shown = run(*LINE, "--dry-run", "-o", "json").ok().json
    assert (shown["next"], shown["to_ask_archives"]) == ("delete", 0)
    assert run(*LINE).ok().lines[-1] == "vault photos is gone"
    # One was deleted that the killed run could not write down; it was sent again.
    assert vault.service.count("DeleteArchive") <= 12 + 6


def test_what_turned_up_since_needs_a_word_of_its_own(
    run: Run, vault: Server, spawn: Spawn
) -> None:
    vault.client.upload_archive(vaultName="photos", body=b"old")
    kill_at("DeleteArchive", vault, spawn, *LINE, "--yes")
    vault.client.upload_archive(vaultName="photos", body=b"new one")
    said = run(*LINE, "--yes").failed(2, "no terminal to ask on")
    assert "1 archive, 7 B that turned up since you said yes" in said.err
    assert "hint: --include-new" in said.err
    assert run("vault", "show", "photos", "-o", "json").json["archive_count"] == 1
    assert run(*LINE, "--include-new").ok().lines[-1] == "vault photos is gone"


def test_given_up_the_rest_is_live_again(run: Run, vault: Server, spawn: Spawn) -> None:
    for number in range(4):
        vault.client.upload_archive(vaultName="photos", body=b"%d" % number)
    kill_at("DeleteArchive", vault, spawn, *LINE, "--yes", "--jobs", "1")
    assert "4 archives would be kept" in run(*LINE, "--cancel", "--dry-run").ok().out
    assert "are kept" in run(*LINE, "--cancel").ok().out
    run(*LINE, "--cancel").failed(2, "no removal")
    assert len(run("list", "photos", "-o", "json").ok().json["archives"]) == 4
    run("inventory", "refresh", "photos").ok()
    states = [one["state"] for one in run("list", "photos", "-o", "json").json["archives"]]
    assert sorted(states) in (["confirmed"] * 3 + ["missing"], ["confirmed"] * 3 + ["confirmed"])


def test_an_archive_that_the_service_refuses_to_delete_is_told(run: Run, vault: Server) -> None:
    for number in range(3):
        vault.client.upload_archive(vaultName="photos", body=b"%d" % number)
    vault.service.breaks("DeleteArchive", refused(INVALID, "no such luck"))
    said = run(*LINE, "--yes").failed(3, "no such luck")
    assert "2 archives, 2 B deleted" in said.out
    run(*LINE).ok()


def test_an_archive_of_another_vault_stands_in_nobodys_way(run: Run, vault: Server) -> None:
    vault.client.upload_archive(vaultName="photos", body=b"x")
    vault.service.breaks("DeleteArchive", refused(INVALID, "Invalid vault name: arn"))
    # It was not deleted, so the service does not agree that the vault is empty.
    said = run(*LINE, "--yes").failed(75, "run the same line again")
    assert "1 archive, 1 B deleted" in said.out


@pytest.mark.parametrize("flag", ["--include-new", "--cancel"])
def test_what_belongs_to_the_plan_needs_it(local: Run, photos: Path, flag: str) -> None:
    del photos
    local("vault", "delete", "photos", flag).failed(2, "belong to --with-archives")


def test_one_line_can_wait_until_the_vault_is_gone(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos").ok()
    done = local(*LINE, "--yes", "--wait", "-o", "json").ok()
    assert (done.json["gone"], done.json["deleted_archives"]) == (True, 1)
    local("vault", "delete", "photos", "--wait").failed(2, "belong to --with-archives")
