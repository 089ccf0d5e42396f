"""What is cut off goes on: kills, Ctrl-C, lost answers, forgotten uploads, changed files."""

import os
import random
import shlex
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from mypy_boto3_glacier.type_defs import JobParametersTypeDef

from glaciercli.ports import WireRequest, WireResponse
from tests.cli.conftest import Run, Server, Spawn, finished
from tests.cli.cut_off import kill_at
from tests.cli.wire import Gate, answered

MIB = 1024 * 1024
PARTS = 24


@pytest.fixture
def big(work: Path) -> bytes:
    """The content of a file that goes up in many parts."""
    content = random.Random(1).randbytes(PARTS * MIB - 5)  # noqa: S311 - no secret
    (work / "big").write_bytes(content)
    return content


UPLOAD = ("upload", "big", "photos", "--part-size", "1MiB", "--jobs", "2")


def wait_for(server: Server, operation: str, count: int) -> None:
    """Return once the service has answered so many requests."""
    ends = time.monotonic() + 30
    while server.service.count(operation) < count:
        assert time.monotonic() < ends
        time.sleep(0.002)  # noqa: TID251 - the other side is a real process


def stored(server: Server) -> list[str]:
    """Return the archives that the vault holds, asked of the service itself."""
    wanted: JobParametersTypeDef = {"Type": "inventory-retrieval", "Format": "CSV"}
    try:
        job = server.client.initiate_job(vaultName="photos", jobParameters=wanted)
    except server.client.exceptions.ResourceNotFoundException:
        # The vault has never had an inventory: nothing was ever stored.
        return []
    output = server.client.get_job_output(vaultName="photos", jobId=job["jobId"])
    return output["body"].read().decode().splitlines()[1:]


def open_uploads(server: Server) -> int:
    return len(server.client.list_multipart_uploads(vaultName="photos")["UploadsList"])


@pytest.mark.covers("P1")
def test_a_killed_upload_sends_no_finished_part_again(
    vault: Server, run: Run, spawn: Spawn, big: bytes, work: Path
) -> None:
    hand_on = vault.service.inner.handle
    for parts in (1, 5, 3):
        gate = Gate(vault.service)
        vault.service.breaks("UploadMultipartPart", *[hand_on] * parts, gate)
        process = spawn(*UPLOAD)
        gate.wait_until_asked()
        process.kill()
        process.wait()
        gate.let_go()
    run(*UPLOAD).ok()
    assert vault.service.count("InitiateMultipartUpload") == 1
    assert len(stored(vault)) == 1
    assert open_uploads(vault) == 0
    sent = Counter(vault.service.spans("UploadMultipartPart"))
    assert len(sent) == PARTS
    # Only what was on its way at a kill, and finished after the same line had asked, may have
    # gone out once more.
    assert sum(sent.values()) - PARTS <= 2
    run("retrieve", "photos/big", "--to", "back").ok()
    assert (work / "back").read_bytes() == big


@pytest.mark.covers("P4")
@pytest.mark.usefixtures("big")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_a_signal_stops_an_upload_soon_and_the_same_line_finishes_it(
    vault: Server, run: Run, spawn: Spawn, number: int, code: int
) -> None:
    process = spawn(*UPLOAD)
    wait_for(vault, "UploadMultipartPart", 3)
    begun = time.monotonic()
    process.send_signal(number)
    said = finished(process).failed(code, "run the same line again")
    assert time.monotonic() - begun < 3
    assert said.raw == b""
    before = vault.service.spans("UploadMultipartPart")
    run(*UPLOAD).ok()
    # Stopped in an orderly way: nothing at all is sent twice.
    assert len(set(vault.service.spans("UploadMultipartPart"))) == PARTS
    assert len(vault.service.spans("UploadMultipartPart")) == PARTS
    assert len(before) < PARTS


@pytest.mark.covers("P4")
def test_ctrl_c_stops_a_retrieval_soon_and_the_same_line_finishes_it(
    vault: Server, run: Run, spawn: Spawn, big: bytes, work: Path
) -> None:
    run("upload", "big", "photos", "--part-size", "32MiB").ok()
    gate = Gate(vault.service)
    vault.service.breaks("GetJobOutput", gate)
    process = spawn("retrieve", "photos/big", "--to", "back")
    gate.wait_until_asked()
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    finished(process).failed(130, "run the same line again")
    assert time.monotonic() - begun < 3
    gate.let_go()
    run("retrieve", "photos/big", "--to", "back").ok()
    assert (work / "back").read_bytes() == big
    assert vault.service.count("InitiateJob") == 1
    assert [path.name for path in work.iterdir() if "partial" in path.name] == []


@pytest.mark.covers("P1")
def test_a_killed_retrieval_fetches_only_the_ranges_that_are_missing(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    content = random.Random(3).randbytes(70 * MIB)  # noqa: S311 - no secret
    (work / "big").write_bytes(content)
    run("upload", "big", "photos", "--part-size", "64MiB").ok()
    gate = Gate(vault.service)
    hand_on = vault.service.inner.handle
    vault.service.breaks("GetJobOutput", hand_on, hand_on, gate)
    process = spawn("retrieve", "photos/big", "--to", "back", "--jobs", "1")
    gate.wait_until_asked()
    process.kill()
    process.wait()
    gate.let_go()
    vault.service.seen.clear()
    run("retrieve", "photos/big", "--to", "back").ok()
    assert (work / "back").read_bytes() == content
    again = vault.service.spans("GetJobOutput")
    assert f"bytes=0-{32 * MIB - 1}" not in again
    assert f"bytes={64 * MIB}-{70 * MIB - 1}" in again
    assert vault.service.count("InitiateJob") == 0


def test_a_lost_answer_to_a_single_upload_is_settled_by_the_inventory(
    vault: Server, run: Run, work: Path
) -> None:
    (work / "a").write_bytes(b"abc")
    vault.service.loses("UploadArchive")
    said = run("upload", "a", "photos").failed(75, "probably stored")
    assert "inventory refresh photos" in said.err
    # The same line does not store it twice in silence.
    run("upload", "a", "photos").failed(75, "probably stored")
    assert vault.service.count("UploadArchive") == 0
    assert len(stored(vault)) == 1
    assert "the answer was lost" in run("inventory", "show", "photos").ok().out
    run("retrieve", "photos/a", "--to", "back").failed(11, "inventory refresh photos")
    settled = run("inventory", "refresh", "photos", "-o", "json").ok().json
    assert (settled["confirmed"], settled["added"], settled["missing"]) == (1, 0, 0)
    assert "stored already" in run("upload", "a", "photos").ok().out
    run("retrieve", "photos/a", "--to", "back").ok()
    assert (work / "back").read_bytes() == b"abc"
    assert len(stored(vault)) == 1


def test_after_a_lost_answer_small_files_go_where_one_can_ask(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    (work / "many").mkdir()
    for number in range(20):
        (work / "many" / f"{number:02d}").write_bytes(bytes([number]))
    gate = Gate(vault.service)
    vault.service.loses("UploadArchive", times=99)
    vault.service.loses("UploadMultipartPart", times=2)
    vault.service.fails("CompleteMultipartUpload", times=2)
    vault.service.breaks("CompleteMultipartUpload", gate)
    process = spawn("upload", "many", "photos", "--jobs", "1")
    gate.wait_until_asked()
    process.kill()
    process.wait()
    gate.let_go()
    said = run("upload", "many", "photos", "--jobs", "1", "-o", "json").failed(75, "probably")
    # What was under way at the first loss; the files behind went in parts, and went on.
    listed = run("list", "photos", "-o", "json").ok().json["archives"]
    doubtful = [one["name"] for one in listed if one["state"] == "unsettled"]
    assert len(doubtful) <= 2 * 2
    assert {one["name"] for one in said.json["unsettled"]} == set(doubtful)
    assert len(listed) == len(stored(vault)) == 20
    assert open_uploads(vault) == 0


@pytest.mark.covers("N7")
@pytest.mark.usefixtures("big")
def test_a_lost_answer_to_a_completion_makes_no_second_archive(vault: Server, run: Run) -> None:
    vault.service.loses("CompleteMultipartUpload")
    run(*UPLOAD)
    run("inventory", "refresh", "photos").ok()
    assert "stored already" in run(*UPLOAD).ok().out
    assert len(stored(vault)) == 1
    assert open_uploads(vault) == 0


@pytest.mark.usefixtures("big")
def test_every_answer_to_a_completion_lost_leaves_it_unsettled(vault: Server, run: Run) -> None:
    vault.service.loses("CompleteMultipartUpload", times=2)
    run(*UPLOAD)
    run(*UPLOAD)
    run("inventory", "refresh", "photos").ok()
    run(*UPLOAD).ok()
    assert len(stored(vault)) == 1
    assert vault.service.count("InitiateMultipartUpload") == 1


@pytest.mark.usefixtures("big")
def test_a_kill_while_completing_makes_no_second_archive(
    vault: Server, run: Run, spawn: Spawn
) -> None:
    kill_at("CompleteMultipartUpload", vault, spawn, *UPLOAD)
    run(*UPLOAD)
    run("inventory", "refresh", "photos").ok()
    assert "stored already" in run(*UPLOAD).ok().out
    assert len(stored(vault)) == 1


def test_a_kill_while_sending_everything_at_once_makes_no_second_archive(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    (work / "a").write_bytes(b"abc")
    kill_at("UploadArchive", vault, spawn, "upload", "a", "photos")
    run("upload", "a", "photos").failed(75, "probably stored")
    run("inventory", "refresh", "photos").ok()
    assert "stored already" in run("upload", "a", "photos").ok().out
    assert len(stored(vault)) == 1


def test_a_lost_answer_to_a_job_asks_for_no_second_one(vault: Server, run: Run, work: Path) -> None:
    (work / "a").write_bytes(b"abc")
    run("upload", "a", "photos").ok()
    vault.service.loses("InitiateJob")
    run("retrieve", "photos/a", "--to", "back").ok()
    assert (work / "back").read_bytes() == b"abc"
    jobs = vault.client.list_jobs(vaultName="photos")["JobList"]
    assert len(jobs) == 1


def test_a_lost_answer_to_an_inventory_request_asks_for_no_second_one(
    vault: Server, run: Run, work: Path
) -> None:
    (work / "a").write_bytes(b"abc")
    run("upload", "a", "photos").ok()
    vault.service.loses("InitiateJob")
    run("inventory", "refresh", "photos").ok()
    assert len(vault.client.list_jobs(vaultName="photos")["JobList"]) == 1


def test_a_service_that_fails_for_a_moment_is_asked_again(
    vault: Server, run: Run, work: Path
) -> None:
    (work / "a").write_bytes(b"abc")
    vault.service.fails("DescribeVault")
    run("upload", "a", "photos").ok()
    vault.service.fails("ListJobs")
    vault.service.fails("GetJobOutput")
    run("retrieve", "photos/a", "--to", "back").ok()
    assert (work / "back").read_bytes() == b"abc"


@pytest.mark.covers("N16")
def test_credentials_that_expire_under_way_cost_no_finished_part(
    vault: Server, run: Run, work: Path
) -> None:
    (work / "film").write_bytes(bytes(3 * MIB))
    line = ("upload", "film", "photos", "--part-size", "1MiB", "--jobs", "1")
    body = b'{"code":"ExpiredTokenException","message":"It is expired.","type":"Client"}'
    hand_on = vault.service.inner.handle
    vault.service.breaks("UploadMultipartPart", *[hand_on] * 2, lambda _: answered(403, body))
    run(*line).failed(13, "renew the session")
    run(*line).ok()
    spans = vault.service.spans("UploadMultipartPart")
    assert len(spans) == len(set(spans)) == 3
    assert vault.service.count("InitiateMultipartUpload") == 1


@pytest.mark.covers("N11")
@pytest.mark.usefixtures("big")
def test_an_upload_that_the_service_forgot_starts_anew(
    vault: Server, run: Run, spawn: Spawn
) -> None:
    interrupt(vault, spawn)
    (open_one,) = vault.client.list_multipart_uploads(vaultName="photos")["UploadsList"]
    vault.client.abort_multipart_upload(vaultName="photos", uploadId=open_one["MultipartUploadId"])
    run(*UPLOAD).ok()
    assert len(stored(vault)) == 1
    assert vault.service.count("InitiateMultipartUpload") == 2


@pytest.mark.usefixtures("big")
@pytest.mark.parametrize("changed", [False, True])
def test_an_upload_whose_id_was_never_recorded_is_found_again(
    vault: Server, run: Run, spawn: Spawn, work: Path, *, changed: bool
) -> None:
    kill_at("InitiateMultipartUpload", vault, spawn, *UPLOAD)
    if changed:
        (work / "big").write_bytes(b"x" * 2 * MIB)
    assert open_uploads(vault) == 1
    run(*UPLOAD).ok()
    assert open_uploads(vault) == 0
    assert len(stored(vault)) == 1
    assert vault.service.count("AbortMultipartUpload") == changed


@pytest.mark.usefixtures("big")
def test_a_file_that_changed_between_runs_starts_anew_and_drops_the_old_upload(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    interrupt(vault, spawn)
    other = random.Random(4).randbytes(PARTS * MIB - 5)  # noqa: S311 - no secret
    (work / "big").write_bytes(other)
    run(*UPLOAD).ok()
    assert vault.service.count("AbortMultipartUpload") == 1
    assert open_uploads(vault) == 0
    assert len(stored(vault)) == 1
    run("retrieve", "photos/big", "--to", "back").ok()
    assert (work / "back").read_bytes() == other


@pytest.mark.covers("F1")
@pytest.mark.parametrize("how", ["rewritten", "removed", "set back"])
def test_a_file_that_changes_while_it_is_sent_is_an_error_and_nothing_is_kept(
    vault: Server, run: Run, spawn: Spawn, big: bytes, work: Path, how: str
) -> None:
    gate = Gate(vault.service)
    hand_on = vault.service.inner.handle
    vault.service.breaks("UploadMultipartPart", hand_on, hand_on, gate)
    process = spawn(*UPLOAD)
    gate.wait_until_asked()
    before = (work / "big").stat()
    if how == "removed":
        (work / "big").unlink()
    else:
        with (work / "big").open("r+b") as file:
            file.write(b"changed")
    if how == "set back":
        os.utime(work / "big", ns=(before.st_atime_ns, before.st_mtime_ns))
    gate.let_go()
    finished(process).failed(1, "changed while it was read")
    assert open_uploads(vault) == 0
    assert stored(vault) == []
    (work / "big").write_bytes(big)
    run(*UPLOAD).ok()
    assert len(stored(vault)) == 1


@pytest.mark.usefixtures("big")
def test_a_file_that_changes_in_a_single_request_fails_alone(
    vault: Server, run: Run, work: Path
) -> None:
    def change(request: WireRequest) -> WireResponse:
        with (work / "big").open("r+b") as file:
            file.seek(-7, os.SEEK_END)
            file.write(b"changed")
        return vault.service.inner.handle(request)

    (work / "other").write_bytes(b"content")
    vault.service.breaks("UploadArchive", change)
    line = ("upload", "big", "other", "photos", "--part-size", "32MiB", "--jobs", "1")
    run(*line).failed(3, "changed while it was read")
    assert len(stored(vault)) == 1
    run(*line).ok()
    assert len(stored(vault)) == 2


@pytest.mark.parametrize("cut", ["answer", "kill"])
def test_a_deletion_that_was_cut_off_is_finished_by_the_same_line(
    vault: Server, run: Run, spawn: Spawn, work: Path, cut: str
) -> None:
    (work / "a").write_bytes(b"abc")
    run("upload", "a", "photos").ok()
    if cut == "answer":
        vault.service.loses("DeleteArchive")
        run("delete", "photos/a", "--yes").ok()
    else:
        gate = Gate(vault.service)
        vault.service.breaks("DeleteArchive", gate)
        process = spawn("delete", "photos/a", "--yes")
        gate.wait_until_asked()
        process.kill()
        process.wait()
        gate.let_go()
        assert "its deletion was begun" in run("inventory", "show", "photos").ok().out
        run("delete", "photos/a", "--yes").ok()
    assert stored(vault) == []
    run("list", "photos/a").failed(11)


def interrupt(server: Server, spawn: Spawn) -> None:
    """Begin the upload and stop it somewhere in the middle."""
    process = spawn(*UPLOAD)
    wait_for(server, "UploadMultipartPart", 3)
    process.send_signal(signal.SIGINT)
    done = finished(process)
    assert done.code == 130
    assert done.err.endswith(
        f"run the same line again, it goes on: glaciercli {shlex.join(UPLOAD)}\n"
    )
