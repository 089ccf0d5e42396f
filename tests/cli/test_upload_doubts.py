"""Uploads that were cut off, and whose content may be stored already: one archive each time."""

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from glaciercli.ports import WireRequest, WireResponse
from tests.cli.conftest import Run, Server, Spawn, finished
from tests.cli.cut_off import kill_at
from tests.cli.test_failures import (
    MIB,
    PARTS,
    UPLOAD,
    interrupt,
    open_uploads,
    stored,
    wait_for,
)
from tests.cli.wire import Gate


@pytest.fixture
def big(work: Path) -> bytes:
    """The content of a file that goes up in many parts."""
    content = random.Random(1).randbytes(PARTS * MIB - 5)  # noqa: S311 - no secret
    (work / "big").write_bytes(content)
    return content


@pytest.mark.usefixtures("big")
@pytest.mark.parametrize("operation", ["UploadArchive", "CompleteMultipartUpload"])
@pytest.mark.parametrize("words", [(), ("--description", "my words")])
def test_what_an_inventory_finds_before_the_line_runs_again_is_one_archive(
    vault: Server, run: Run, spawn: Spawn, operation: str, words: tuple[str, ...]
) -> None:
    whole = operation == "UploadArchive"
    line = ("upload", "big", "photos", "--part-size", "32MiB" if whole else "1MiB", *words)
    kill_at(operation, vault, spawn, *line)
    for _ in range(2):
        run("inventory", "refresh", "photos").ok()
        assert "stored already" in run(*line).ok().out
    (one,) = run("list", "photos", "--all-versions", "-o", "json").ok().json["archives"]
    assert (one["name"], one["state"]) == ("big", "confirmed")
    assert len(stored(vault)) == 1


@pytest.mark.usefixtures("big")
@pytest.mark.parametrize("operation", ["UploadArchive", "CompleteMultipartUpload"])
def test_an_inventory_beside_an_upload_in_flight_makes_no_second_row(
    vault: Server, run: Run, spawn: Spawn, operation: str
) -> None:
    size = "32MiB" if operation == "UploadArchive" else "1MiB"
    gate = Gate(vault.service)
    vault.service.breaks(operation, gate)
    process = spawn("upload", "big", "photos", "--part-size", size)
    gate.wait_until_asked()
    run("inventory", "refresh", "photos").ok()
    gate.let_go()
    assert finished(process).ok().lines[0] == "stored big"
    assert len(run("list", "photos", "--all-versions", "-o", "json").json["archives"]) == 1


@pytest.mark.parametrize("inventory", [False, True])
def test_standard_input_whose_completion_was_cut_off_is_stored_once(
    vault: Server, run: Run, spawn: Spawn, *, inventory: bool
) -> None:
    content = random.Random(5).randbytes(3 * MIB + 1)  # noqa: S311 - no secret
    line = ("upload", "-", "photos", "--name", "a", "--part-size", "1MiB")
    kill_at("CompleteMultipartUpload", vault, spawn, *line, stdin=content)
    if inventory:
        run("inventory", "refresh", "photos").ok()
    again = finished(spawn(*line), content).ok()
    # An inventory made an archive of it, or this line does.
    assert ("stored already" in again.out) == inventory
    assert ("stored a" in again.lines) != inventory
    assert len(stored(vault)) == 1
    assert open_uploads(vault) == 0


@pytest.mark.parametrize(("now", "archives"), [((), 1), (("--description", "other words"), 2)])
@pytest.mark.parametrize("source", ["big", "-"])
def test_a_forced_upload_whose_completion_was_cut_off_is_stored_once(
    vault: Server,
    spawn: Spawn,
    big: bytes,
    source: str,
    now: tuple[str, ...],
    archives: int,
) -> None:
    line = ("upload", source, "photos", "--name", "a", "--part-size", "1MiB", "--force")
    content = big if source == "-" else None
    kill_at("CompleteMultipartUpload", vault, spawn, *line, stdin=content)
    assert "stored a" in finished(spawn(*line, *now), content).ok().lines
    assert len(stored(vault)) == archives
    assert open_uploads(vault) == 0
    # Now the line was told that it is stored: it asks for another.
    assert "stored a" in finished(spawn(*line, *now), content).ok().lines
    assert len(stored(vault)) == archives + 1


@pytest.mark.parametrize("size", [3, 2 * MIB + 3])
def test_standard_input_whose_answer_was_lost_stays_probably_stored(
    vault: Server, run: Run, spawn: Spawn, size: int
) -> None:
    content = random.Random(6).randbytes(size)  # noqa: S311 - no secret
    line = ("upload", "-", "photos", "--name", "a", "--part-size", "1MiB")
    vault.service.loses("UploadArchive" if size == 3 else "CompleteMultipartUpload", times=2)
    finished(spawn(*line), content)
    again = finished(spawn(*line), content)
    if size == 3:
        again.failed(75, "probably stored")
        run("inventory", "refresh", "photos").ok()
    assert "stored already" in finished(spawn(*line), content).ok().out
    assert len(stored(vault)) == 1


def versions(run: Run) -> list[tuple[str, str]]:
    """Return each version of each name, and its state."""
    listed = run("list", "photos", "--all-versions", "-o", "json").ok().json["archives"]
    return [(one["name"], one["state"]) for one in listed]


@pytest.fixture
def nothing(work: Path) -> Path:
    """A tree of what has no bytes, beside a link and a file that another name needs."""
    tree = work / "tree"
    (tree / "directory").mkdir(parents=True)
    (tree / "empty").touch()
    (tree / "file").write_bytes(b"content")
    (tree / "name").hardlink_to(tree / "file")
    (tree / "link").symlink_to("file")
    return tree


@pytest.mark.usefixtures("nothing")
def test_what_has_no_bytes_is_in_doubt_until_an_inventory_lists_it(vault: Server, run: Run) -> None:
    vault.service.loses("UploadArchive", times=4)
    line = ("sync", "tree", "photos")
    for _ in range(2):
        run(*line).failed(75, "probably stored")
        assert {state for _, state in versions(run)} == {"unsettled"}
    settled = run("inventory", "refresh", "photos", "-o", "json").ok().json
    assert (settled["added"], settled["missing"]) == (0, 0)
    found = versions(run)
    assert {name for name, state in found if state == "empty"} == {"directory/", "empty"}
    assert {name for name, state in found if state == "confirmed"} == {"file", "link"}
    run(*line).ok()
    # What another name of a file needs had to be sure first.
    assert {name for name, _ in versions(run)} - {name for name, _ in found} == {"name"}
    assert len(stored(vault)) == len(found) + 1


@pytest.mark.covers("F7")
@pytest.mark.usefixtures("nothing")
def test_what_has_no_bytes_comes_back_while_it_is_in_doubt(
    vault: Server, run: Run, work: Path
) -> None:
    vault.service.loses("UploadArchive", times=5)
    run("sync", "tree", "photos").failed(75, "probably stored")
    names = ("photos/empty", "photos/directory/", "photos/link")
    run("retrieve", *names, "--to", "back").ok()
    assert (work / "back" / "link").readlink() == Path("file")
    assert (work / "back" / "empty").read_bytes() == b""
    assert (work / "back" / "directory").is_dir()


def test_an_empty_file_that_never_arrived_is_stored_once_that_is_known(
    vault: Server, run: Run, work: Path, key_map: Path
) -> None:
    (work / "empty").touch()
    (work / "other").write_bytes(b"a vault that was never used has no inventory")
    run("upload", "other", "photos").ok()
    vault.service.breaks("UploadArchive", lambda _: refusal(500, "InternalServerError"))
    for _ in range(2):
        run("upload", "empty", "photos").failed(75, "probably stored")
    with closing(sqlite3.connect(key_map)) as database, database:
        # Sent so long ago that an inventory would list it.
        database.execute("UPDATE archives SET uploaded_at = 0 WHERE name = 'empty'")
    run("inventory", "refresh", "photos").ok()
    assert sorted(versions(run)) == [("empty", "missing"), ("other", "confirmed")]
    run("upload", "empty", "photos").ok()
    run("inventory", "refresh", "photos").ok()
    assert sorted(versions(run)) == [
        ("empty", "empty"),
        ("empty", "missing"),
        ("other", "confirmed"),
    ]
    assert len(stored(vault)) == 2


def refusal(status: int = 400, code: str = "InvalidParameterValueException") -> WireResponse:
    body = f'{{"code":"{code}","message":"No.","type":"Client"}}'.encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return WireResponse(status=status, headers=headers, body=iter([body]))


def test_a_file_that_changed_under_its_old_time_is_stored_as_it_is_now(
    vault: Server, run: Run, spawn: Spawn, big: bytes, work: Path
) -> None:
    interrupt(vault, spawn)
    before = (work / "big").stat()
    with (work / "big").open("r+b") as file:
        file.write(b"changed")
    os.utime(work / "big", ns=(before.st_atime_ns, before.st_mtime_ns))
    vault.service.seen.clear()
    run(*UPLOAD).ok()
    assert f"bytes 0-{MIB - 1}/*" in vault.service.spans("UploadMultipartPart")
    assert len(vault.service.spans("UploadMultipartPart")) < PARTS
    run("retrieve", "photos/big", "--to", "back").ok()
    assert (work / "back").read_bytes() == b"changed" + big[7:]


@pytest.mark.usefixtures("big")
def test_a_device_that_has_another_number_after_a_reboot_begins_nothing_anew(
    vault: Server, run: Run, spawn: Spawn, key_map: Path
) -> None:
    interrupt(vault, spawn)
    with closing(sqlite3.connect(key_map)) as database, database:
        database.execute("UPDATE uploads SET device = device + 1")
    run(*UPLOAD).ok()
    assert vault.service.count("InitiateMultipartUpload") == 1
    assert len(vault.service.spans("UploadMultipartPart")) == PARTS


@pytest.mark.covers("F1")
@pytest.mark.usefixtures("big")
@pytest.mark.parametrize("refused", [False, True])
def test_a_file_that_changes_between_its_parts_leaves_nothing_behind(
    vault: Server, run: Run, work: Path, *, refused: bool
) -> None:
    def change(request: WireRequest) -> WireResponse:
        if refused:
            with (work / "big").open("r+b") as file:
                file.write(b"changed")
            return refusal()
        os.truncate(work / "big", 1)
        return vault.service.inner.handle(request)

    vault.service.breaks("UploadMultipartPart", change)
    run(*UPLOAD).failed(1, "changed while it was read")
    assert open_uploads(vault) == 0
    assert stored(vault) == []
    vault.service.seen.clear()
    run(*UPLOAD).ok()
    assert vault.service.count("AbortMultipartUpload") == 0


@pytest.mark.covers("N11")
@pytest.mark.usefixtures("big")
def test_a_completion_that_is_refused_after_doubt_is_begun_anew(vault: Server, run: Run) -> None:
    def lose(_: WireRequest) -> WireResponse:
        return refusal(500, "InternalServerError")

    vault.service.breaks("CompleteMultipartUpload", lose, lose, lambda _: refusal())
    run(*UPLOAD).failed(1, "refused")
    assert open_uploads(vault) == 0
    run(*UPLOAD).ok()
    assert vault.service.count("AbortMultipartUpload") == 1
    assert open_uploads(vault) == 0
    assert len(stored(vault)) == 1


@pytest.mark.usefixtures("big")
def test_an_upload_that_is_to_get_other_words_begins_anew(
    vault: Server, run: Run, spawn: Spawn
) -> None:
    interrupt(vault, spawn)
    run(*UPLOAD, "--description", "my words").ok()
    (one,) = run("list", "photos", "--all-versions", "-o", "json").ok().json["archives"]
    assert one["description"] == "my words"
    assert open_uploads(vault) == 0


@pytest.mark.parametrize("words", ["first words", "other words"])
def test_standard_input_goes_on_only_with_the_same_words(
    vault: Server, run: Run, spawn: Spawn, words: str
) -> None:
    content = random.Random(6).randbytes(4 * MIB)  # noqa: S311 - no secret
    line = ("upload", "-", "photos", "--name", "a", "--part-size", "1MiB", "--description")
    process = spawn(*line, "first words")
    assert process.stdin
    process.stdin.write(content[: 3 * MIB])
    process.stdin.flush()
    wait_for(vault, "UploadMultipartPart", 1)
    process.kill()
    process.wait()
    finished(spawn(*line, words), content).ok()
    (one,) = run("list", "photos", "--all-versions", "-o", "json").ok().json["archives"]
    assert one["description"] == words
    assert open_uploads(vault) == 0
