"""``glaciercli upload-parts``: unfinished uploads, ours and orphans, listed and dropped."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server, Spawn
from tests.cli.cut_off import kill_at
from tests.cli.test_failures import MIB, PARTS, UPLOAD, wait_for
from tests.cli.wire import Gate


def open_uploads(server: Server) -> list[str]:
    listed = server.client.list_multipart_uploads(vaultName="photos")["UploadsList"]
    return [one["MultipartUploadId"] for one in listed]


@pytest.fixture
def ours(vault: Server, spawn: Spawn, work: Path) -> str:
    """An upload of this key map that was killed on its way; its ID."""
    (work / "big").write_bytes(os.urandom(PARTS * MIB))
    process = spawn(*UPLOAD)
    wait_for(vault, "UploadMultipartPart", 5)
    process.kill()
    process.wait()
    (upload_id,) = open_uploads(vault)
    return upload_id


@pytest.fixture
def orphan(vault: Server) -> str:
    """An upload that somebody else began, with one part of it; its ID."""
    began = vault.client.initiate_multipart_upload(
        vaultName="photos", archiveDescription="their backup", partSize=str(MIB)
    )
    vault.client.upload_multipart_part(
        vaultName="photos",
        uploadId=began["uploadId"],
        range="bytes 0-4/*",
        checksum=hashlib.sha256(b"hello").hexdigest(),
        body=b"hello",
    )
    return began["uploadId"]


def test_uploads_are_listed_with_what_they_hold(
    run: Run, ours: str, orphan: str, vault: Server
) -> None:
    listed = vault.client.list_parts(vaultName="photos", uploadId=ours)["Parts"]
    sent = len(listed)
    assert sent >= 5
    said = run("upload-parts", "list", "photos", "-o", "json").ok().json
    mine, theirs = said["uploads"]
    assert (mine["upload_id"], mine["name"], mine["ours"]) == (ours, "big", True)
    assert (mine["parts"], mine["size_bytes"]) == (sent, sent * MIB)
    assert theirs["upload_id"] == orphan
    assert (theirs["name"], theirs["ours"], theirs["size_bytes"]) == ("their backup", False, 5)
    assert said["size_bytes"] == mine["size_bytes"] + 5


@pytest.mark.usefixtures("ours", "orphan")
def test_the_table_tells_ours_from_orphans_and_names_the_space(run: Run, vault: Server) -> None:
    vault.client.create_vault(vaultName="empty")
    lines = run("upload-parts", "list").ok().lines
    assert re.split(r" {2,}", lines[0]) == [
        "vault", "name", "whose", "begun", "parts", "size", "upload"
    ]  # fmt: skip
    assert "  ours " in lines[1]
    assert "  orphan " in lines[2]
    assert lines[3].startswith("2 unfinished uploads, ")


def test_where_nothing_is_unfinished_nothing_is_listed(run: Run, vault: Server) -> None:
    assert run("upload-parts", "list", "photos").ok().lines == []
    said = run("upload-parts", "abort", "photos", "--all", "--yes", "-o", "json").ok().json
    assert said == {"aborted": [], "failed": []}
    assert open_uploads(vault) == []


def test_orphans_are_dropped_and_ours_goes_on(
    run: Run, ours: str, orphan: str, vault: Server
) -> None:
    planned = run("upload-parts", "abort", "photos", "--orphans", "--dry-run", "-o", "json")
    assert [one["upload_id"] for one in planned.ok().json["would_abort"]] == [orphan]
    assert len(open_uploads(vault)) == 2
    run("upload-parts", "abort", "photos", "--orphans", "--yes").ok()
    assert open_uploads(vault) == [ours]
    before = vault.service.count("UploadMultipartPart")
    run(*UPLOAD).ok()
    assert vault.service.count("UploadMultipartPart") < before + PARTS


def test_a_dropped_upload_of_ours_begins_anew(run: Run, ours: str, vault: Server) -> None:
    said = run("upload-parts", "abort", "photos", ours[:12], "--yes").ok()
    assert said.lines[0] == "dropped big"
    assert open_uploads(vault) == []
    before = vault.service.count("UploadMultipartPart")
    run(*UPLOAD).ok()
    assert vault.service.count("UploadMultipartPart") == before + PARTS


def test_an_upload_whose_first_answer_was_lost_is_known_as_ours(
    run: Run, vault: Server, spawn: Spawn, work: Path
) -> None:
    (work / "big").write_bytes(os.urandom(PARTS * MIB))
    kill_at("InitiateMultipartUpload", vault, spawn, *UPLOAD)
    (one,) = run("upload-parts", "list", "photos", "-o", "json").ok().json["uploads"]
    assert (one["name"], one["ours"], one["parts"]) == ("big", True, 0)


@pytest.mark.usefixtures("ours", "orphan")
def test_young_uploads_can_be_spared(run: Run, vault: Server) -> None:
    line = ("upload-parts", "abort", "photos", "--all", "--yes", "--older-than")
    assert run(*line, "1h").ok().lines == []
    assert len(open_uploads(vault)) == 2
    run(*line, "0s").ok()
    assert open_uploads(vault) == []


def test_an_upload_that_is_under_way_is_left_alone(
    run: Run, vault: Server, spawn: Spawn, work: Path
) -> None:
    (work / "big").write_bytes(os.urandom(PARTS * MIB))
    gate = Gate(vault.service)
    vault.service.breaks("UploadMultipartPart", gate)
    process = spawn(*UPLOAD)
    gate.wait_until_asked()
    refused = run("upload-parts", "abort", "photos", "--all", "--yes")
    assert refused.code == 12
    assert "another run is changing vault" in refused.err
    gate.let_go()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_an_upload_that_may_be_complete_is_settled_by_its_own_line(
    run: Run, vault: Server, spawn: Spawn, work: Path
) -> None:
    (work / "big").write_bytes(os.urandom(PARTS * MIB))
    vault.service.fails("CompleteMultipartUpload", 1000)
    process = spawn(*UPLOAD)
    while not any(one.operation == "CompleteMultipartUpload" for one in vault.service.seen):
        assert process.poll() is None
    process.kill()
    process.wait()
    refused = run("upload-parts", "abort", "photos", "--all", "--yes")
    assert refused.code == 75
    assert len(open_uploads(vault)) == 1


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        ((), 2, "--orphans"),
        (("nosuch",), 1, "upload-parts list photos"),
        (("x", "--all"), 2, "--orphans"),
        (("--all",), 2, "--yes"),
        # What an empty variable of a script becomes.
        (("", "--yes"), 2, "--all"),
    ],
)
@pytest.mark.usefixtures("orphan")
def test_what_is_not_clear_is_refused_with_a_hint(
    run: Run, vault: Server, words: tuple[str, ...], code: int, hint: str
) -> None:
    refused = run("upload-parts", "abort", "photos", *words)
    assert refused.code == code
    assert hint in refused.err
    assert len(open_uploads(vault)) == 1


def test_an_upload_that_is_named_twice_is_dropped_once(
    run: Run, vault: Server, orphan: str
) -> None:
    line = ("upload-parts", "abort", "photos", orphan, orphan[:20], "--yes", "-o", "json")
    assert len(run(*line).ok().json["aborted"]) == 1
    assert open_uploads(vault) == []
