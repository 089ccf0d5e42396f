"""``glaciercli delete``: shown, asked about, done once."""

import csv
import io
import os
import pty
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from glaciercli.ports import WireRequest, WireResponse
from tests.cli.conftest import Run, Server, Spawn
from tests.cli.cut_off import kill_at


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
    assert said.lines[:4] == [
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


@pytest.mark.parametrize("ref", ["photos/a", "photos/*"])
def test_the_same_line_again_deletes_no_older_version(local: Run, stored: Path, ref: str) -> None:
    for content in (b"newer", b"newest"):
        (stored / "a").write_bytes(content)
        local("upload", "a", "photos").ok()
    first = local("delete", ref, "--yes", "-o", "json").ok().json
    again = local("delete", ref, "--yes", "-o", "json").ok()
    assert sorted(map(str, again.json["deleted"])) == sorted(map(str, first["deleted"]))
    assert 'newest version of "a" is deleted already' in again.err
    sizes = [one["size_bytes"] for one in versions(local)]
    assert sizes == [5, 1]
    # Who stores one more means that.
    local("upload", "a", "photos").ok()
    local("delete", ref, "--yes").ok()
    assert [one["size_bytes"] for one in versions(local)] == sizes
    local("delete", f"photos/id:{versions(local)[0]['archive_id']}", "--yes").ok()
    local("delete", ref, "--yes", "--all-versions").ok()
    assert "a" not in left(local)


@pytest.mark.usefixtures("stored")
def test_what_is_stored_after_a_deletion_is_deleted_whatever_the_clock_was(
    local: Run, key_map: Path
) -> None:
    # The clock was ahead, and is right again.
    change(key_map, "UPDATE archives SET uploaded_at = uploaded_at + 3600000")
    local("delete", "photos/a", "--yes").ok()
    local("upload", "a", "photos").ok()
    assert "deleted already" not in local("delete", "photos/a", "--yes").ok().err
    assert left(local) == ["b", "c"]


def versions(local: Run) -> list[dict[str, Any]]:
    found = local("list", "photos/a", "--all-versions", "-o", "json").ok().json["archives"]
    return cast(list[dict[str, Any]], found)


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


@pytest.fixture
def far(remote: Run, server: Server, work: Path) -> Run:
    """A vault with one archive in a service over HTTP."""
    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"abc")
    remote("upload", "a", "photos").ok()
    return remote


def states(far: Run) -> list[str]:
    shown = far("inventory", "show", "photos", "-o", "json").ok().json
    return [one["state"] for one in shown["differences"]]


def change(key_map: Path, sql: str, *values: Any) -> None:
    """Change the key map behind the program's back."""
    with closing(sqlite3.connect(key_map)) as connection, connection:
        connection.execute(sql, values)


def refusal(status: int, code: str, message: str = "No.") -> Any:
    """Return what answers a request with an error of the service."""

    def refuse(_: WireRequest) -> WireResponse:
        body = f'{{"code":"{code}","message":"{message}","type":"Client"}}'.encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return WireResponse(status=status, headers=headers, body=iter([body]))

    return refuse


@pytest.mark.covers("N15")
def test_a_vault_of_the_same_name_in_another_account_is_left_alone(
    far: Run, server: Server, key_map: Path
) -> None:
    change(key_map, "UPDATE vaults SET account = '111111111111'")
    said = far("delete", "photos/a", "--yes").failed(2, "is another one")
    assert "111111111111" in said.err
    assert "--account-id" in said.err
    assert states(far) == ["uploaded"]
    assert server.service.count("DeleteArchive") == 0


def test_a_vault_that_is_not_there_marks_nothing(far: Run, server: Server) -> None:
    gone = "Vault not found for ARN: arn:aws:glacier:us-east-1:012345678901:vaults/photos"
    server.service.breaks("DescribeVault", refusal(404, "ResourceNotFoundException", gone))
    far("delete", "photos/a", "--yes").failed(10)
    assert states(far) == ["uploaded"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(403, "AccessDeniedException"), 13),
        (refusal(400, "PolicyEnforcedException"), 14),
        (refusal(404, "ResourceNotFoundException", "Vault not found for ARN: arn:x"), 10),
        (refusal(403, "UnrecognizedClientException"), 13),
        (refusal(400, "InvalidParameterValueException"), 1),
    ],
)
def test_a_deletion_that_is_refused_leaves_the_archive_as_it_was(
    far: Run, server: Server, answer: Any, code: int
) -> None:
    far("inventory", "refresh", "photos").ok()
    server.service.breaks("DeleteArchive", answer)
    far("delete", "photos/a", "--yes").failed(code)
    (one,) = far("list", "photos", "-o", "json").ok().json["archives"]
    assert one["state"] == "confirmed"
    far("delete", "photos/a", "--yes").ok()


@pytest.mark.covers("P1")
def test_a_run_that_is_killed_after_the_deed_never_shows_the_archive_again(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    (work / "a").write_bytes(b"abc")
    run("upload", "a", "photos").ok()
    kill_at("DeleteArchive", vault, spawn, "delete", "photos/a", "--yes")
    assert run("list", "photos", "-o", "json").ok().json["archives"] == []
    assert states(run) == ["deleting"]
    run("delete", "photos/a", "--yes").ok()
    assert states(run) == []


@pytest.mark.covers("P1")
@pytest.mark.parametrize("ref", ["photos/a", "photos/*"])
def test_a_deletion_that_was_cut_off_ends_with_what_it_meant(
    vault: Server, run: Run, spawn: Spawn, work: Path, ref: str
) -> None:
    for content in (b"older", b"newer"):
        (work / "a").write_bytes(content)
        run("upload", "a", "photos").ok()
    newest, older = versions(run)
    kill_at("DeleteArchive", vault, spawn, "delete", ref, "--yes")
    done = run("delete", ref, "--yes", "-o", "json").ok().json["deleted"]
    assert [one["archive_id"] for one in done] == [newest["archive_id"]]
    assert versions(run) == [older]


def test_what_needs_an_archive_by_the_time_of_the_answer_keeps_it(
    local: Run, spawn: Spawn, stored: Path
) -> None:
    ours, its = pty.openpty()
    try:
        process = spawn("--local", "delete", "photos/a", stdin=its)
        assert process.stderr
        asked = b""
        while b"Delete them?" not in asked:
            asked += process.stderr.read(1)
        (stored / "d").hardlink_to(stored / "a")
        local("sync", stored, "photos").ok()
        os.write(ours, b"y\n")
        _, err = process.communicate(timeout=30)
    finally:
        os.close(ours)
        os.close(its)
    assert process.returncode == 14
    assert b"another name of the same file" in err
    local("retrieve", "photos/d", "--to", "back").ok()
    assert (stored / "back").read_bytes() == b"a"


def test_an_empty_file_whose_answer_was_lost_is_deleted_once_its_id_is_known(
    far: Run, server: Server, work: Path
) -> None:
    (work / "empty").touch()
    server.service.loses("UploadArchive")
    far("upload", "empty", "photos")
    far("delete", "photos/empty", "--yes").failed(75, "its ID is not known yet")
    far("inventory", "refresh", "photos").ok()
    far("delete", "photos/**", "--yes").ok()
    far("inventory", "refresh", "photos").ok()
    server.client.delete_vault(vaultName="photos")


def test_a_tombstone_without_an_id_is_finished_once_an_inventory_lists_it(
    far: Run, server: Server, key_map: Path
) -> None:
    change(key_map, "UPDATE archives SET archive_id = NULL, state = 6")
    for _ in range(2):
        far("inventory", "refresh", "photos").ok()
        assert states(far) == ["deleting"]
    far("delete", "photos/a", "--yes").ok()
    assert server.service.count("DeleteArchive") == 1
    assert states(far) == []
