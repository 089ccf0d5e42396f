"""Uploads that were cut off, and whose content may be stored already: one archive each time."""

import random
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server, Spawn, finished
from tests.cli.test_failures import MIB, PARTS, open_uploads, stored
from tests.cli.wire import Gate


@pytest.fixture
def vault(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A service over HTTP with one vault, which the environment leads to."""
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    server.client.create_vault(vaultName="photos")
    return server


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
    gate = Gate(vault.service)
    vault.service.breaks(operation, gate)
    process = spawn(*line)
    gate.wait_until_asked()
    process.kill()
    process.wait()
    gate.let_go()
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
    gate = Gate(vault.service)
    vault.service.breaks("CompleteMultipartUpload", gate)
    process = spawn(*line)
    assert process.stdin
    process.stdin.write(content)
    process.stdin.close()
    process.stdin = None
    gate.wait_until_asked()
    process.kill()
    process.wait()
    gate.let_go()
    if inventory:
        run("inventory", "refresh", "photos").ok()
    assert "stored already" in finished(spawn(*line), content).ok().out
    assert len(stored(vault)) == 1
    assert open_uploads(vault) == 0


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
