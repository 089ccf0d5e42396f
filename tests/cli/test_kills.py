"""Kills at random moments: whatever the moment, nothing is lost and nothing is stored twice."""

import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server, Spawn, finished

MIB = 1024 * 1024


@pytest.fixture
def vault(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    server.client.create_vault(vaultName="photos")
    return server


def killed(spawn: Spawn, *line: str, after_s: float, number: signal.Signals) -> int:
    """Run a command line and send it a signal after a while; return its exit code."""
    process = spawn(*line)
    ends = time.monotonic() + after_s
    while process.poll() is None and time.monotonic() < ends:
        time.sleep(0.005)  # noqa: TID251 - the other side is a real process
    process.send_signal(number)
    done = finished(process)
    assert "Traceback" not in done.err, done.err
    return done.code


def finish(run: Run, key_map: Path, *line: str) -> None:
    """Run a line to its end, an hour later where a job may have been asked for.

    A job whose answer a kill cut off is asked for again only after a while: if it was carried
    out, it would be paid for twice.
    """
    if run(*line).code:
        with closing(sqlite3.connect(key_map)) as opened, opened:
            opened.execute("UPDATE jobs SET created_at = created_at - 3600000 WHERE job_id IS NULL")
        run(*line).ok()


@pytest.mark.parametrize("seed", range(1))
def test_a_tree_goes_up_once_whatever_is_killed(
    vault: Server, run: Run, spawn: Spawn, work: Path, key_map: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    sizes = {
        "large": 9 * MIB + 1,
        "empty": 0,
        **{f"{n:02}": chance.randrange(1, 9999) for n in range(30)},
    }
    for name, size in sizes.items():
        (work / "tree").mkdir(exist_ok=True)
        (work / "tree" / name).write_bytes(chance.randbytes(size))
    line = ("upload", "tree", "photos", "--part-size", "1MiB", "--jobs", "3")
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
        killed(spawn, *line, after_s=chance.uniform(0.35, 1.1), number=number)
    assert run(*line).code in {0, 75}
    # What was cut off between a request and its answer is settled by the inventory; what never
    # arrived stays doubtful for as long as the service may take to list it.
    run("inventory", "refresh", "photos").ok()
    assert run(*line).code in {0, 75}
    stored = run("list", "photos", "--all-versions", "-o", "json").ok().json["archives"]
    assert sorted(one["name"] for one in stored) == sorted(sizes)
    doubtful = [one["name"] for one in stored if one["state"] == "unsettled"]
    listed = run("inventory", "refresh", "photos", "-o", "json").ok().json
    assert (listed["added"], listed["missing"]) == (0, 0)
    assert listed["not_yet_listed"] == len(doubtful)
    for name in doubtful:
        run("upload", f"tree/{name}", "photos", "--force").ok()
    assert vault.client.list_multipart_uploads(vaultName="photos")["UploadsList"] == []
    back = ("retrieve", "photos/**", "--to", "back", "--jobs", "3")
    for number in (signal.SIGKILL, signal.SIGTERM):
        killed(spawn, *back, after_s=chance.uniform(0.35, 1.0), number=number)
    finish(run, key_map, *back)
    assert sorted(path.name for path in (work / "back").iterdir()) == sorted(sizes)
    for name in sizes:
        # Compared by itself: the difference of all of it would take minutes to tell.
        same = (work / "back" / name).read_bytes() == (work / "tree" / name).read_bytes()
        assert same, name
    # Paid for once: no job was asked for twice.
    jobs = [one for one in run("job", "list", "photos", "-o", "json").json["jobs"] if one["name"]]
    assert len(jobs) == len({one["archive_id"] for one in jobs}) == len(sizes) - 1


def test_standard_input_that_was_killed_sends_only_what_is_missing(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    content = random.Random(9).randbytes(6 * MIB + 9)  # noqa: S311 - no secret
    line = ("upload", "-", "photos", "--name", "a", "--part-size", "1MiB", "--jobs", "1")
    killed_stream(vault, spawn(*line), content[: 4 * MIB + 5])
    vault.service.seen.clear()
    assert finished(spawn(*line), content).code == 0
    assert "bytes 0-1048575/*" not in vault.service.spans("UploadMultipartPart")
    assert vault.service.count("InitiateMultipartUpload") == 0
    run("retrieve", "photos/a", "--to", "back").ok()
    assert (work / "back").read_bytes() == content


def test_standard_input_that_is_another_after_a_kill_begins_anew(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    chance = random.Random(10)  # noqa: S311 - no secret
    line = ("upload", "-", "photos", "--name", "a", "--part-size", "1MiB", "--jobs", "1")
    killed_stream(vault, spawn(*line), chance.randbytes(4 * MIB + 5))
    # Shorter, so that the parts of the first would be in the way.
    content = chance.randbytes(MIB + 9)
    assert finished(spawn(*line), content).code == 0
    assert vault.client.list_multipart_uploads(vaultName="photos")["UploadsList"] == []
    run("retrieve", "photos/a", "--to", "back").ok()
    assert (work / "back").read_bytes() == content


def test_standard_input_that_ends_sooner_after_a_kill_is_told_and_begins_anew(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    content = random.Random(11).randbytes(4 * MIB + 5)  # noqa: S311 - no secret
    line = ("upload", "-", "photos", "--name", "a", "--part-size", "1MiB", "--jobs", "1")
    killed_stream(vault, spawn(*line), content)
    content = content[: MIB + 9]
    finished(spawn(*line), content).failed(1, "ended sooner")
    assert vault.client.list_multipart_uploads(vaultName="photos")["UploadsList"] == []
    assert finished(spawn(*line), content).code == 0
    run("retrieve", "photos/a", "--to", "back").ok()
    assert (work / "back").read_bytes() == content


def killed_stream(server: Server, process: "subprocess.Popen[bytes]", content: bytes) -> None:
    """Give a program some standard input, and kill it once three parts of it have arrived."""
    assert process.stdin
    process.stdin.write(content)
    process.stdin.flush()
    ends = time.monotonic() + 20
    while server.service.count("UploadMultipartPart") < 3:
        assert time.monotonic() < ends
        time.sleep(0.005)  # noqa: TID251 - the other side is a real process
    time.sleep(0.2)  # noqa: TID251 - its commits are not ours to see
    process.kill()
    process.stdin.close()
    process.stdin = None
    process.wait()
