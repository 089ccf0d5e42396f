"""``glaciercli serve`` and ``demo``: real processes, from their first line to their end."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.cli.conftest import Run, Spawn, finished


def first_line(process: "subprocess.Popen[bytes]") -> str:
    assert process.stdout
    return process.stdout.readline().decode().strip()


def credentials(process: "subprocess.Popen[bytes]") -> dict[str, str]:
    """Return the variables that the service prints for whoever wants to use it."""
    assert process.stderr
    found = {}
    for line in iter(process.stderr.readline, b""):
        match = re.fullmatch(r"\s*export (\w+)=(\S+)", line.decode().rstrip())
        if match:
            found[match[1]] = match[2]
        if b"vault list" in line:
            break
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_first_line_is_the_url_and_a_signal_ends_it_in_order(
    spawn: Spawn, run: Run, number: signal.Signals
) -> None:
    process = spawn("serve", "--port", "0")
    url = first_line(process)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    env = credentials(process)
    assert env.keys() == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"}
    run("--endpoint-url", url, "vault", "create", "photos", env=env).ok()
    process.send_signal(number)
    said = finished(process)
    assert (said.code, said.raw) == (0, b"")
    assert "Traceback" not in said.err
    # The local store is the same data.
    run("--local", "vault", "show", "photos").ok()


def test_the_keys_are_said_once_and_then_where_they_are(spawn: Spawn, tmp_path: Path) -> None:
    for start in range(2):
        process = spawn("serve", "--port", "0", "--data", tmp_path / "data")
        assert first_line(process)
        process.send_signal(signal.SIGTERM)
        said = finished(process).err
        kept = json.loads((tmp_path / "data" / "credentials.json").read_text())
        assert (kept["secret_access_key"] in said) == (start == 0)
        assert (str(tmp_path / "data" / "credentials.json") in said) == (start == 1)


def test_a_second_one_on_the_same_data_is_refused(spawn: Spawn) -> None:
    process = spawn("serve", "--port", "0")
    first_line(process)
    said = finished(spawn("serve", "--port", "0")).failed(12)
    assert said.raw == b""
    assert said.err.startswith("glaciercli: error: ")


def test_a_port_that_is_taken_is_told(spawn: Spawn, tmp_path: Path) -> None:
    process = spawn("serve", "--port", "0")
    port = first_line(process).rpartition(":")[2]
    said = finished(spawn("serve", "--port", port, "--data", tmp_path / "other"))
    said.failed(1, "cannot listen on 127.0.0.1")


def test_anonymous_takes_any_signature_and_the_delays_hold(spawn: Spawn, tmp_path: Path) -> None:
    process = spawn(
        "serve", "--port", "0", "--data", tmp_path / "data", "--anonymous",
        "--retrieval-delay", "1h", "--retrieval-delay", "bulk=0s",
    )  # fmt: skip
    client = boto3.client(
        "glacier",
        region_name="us-east-1",
        endpoint_url=first_line(process),
        aws_access_key_id="anybody",
        aws_secret_access_key="anything",  # noqa: S106 - no secret
    )
    try:
        client.create_vault(vaultName="photos")
        archive_id = client.upload_archive(vaultName="photos", body=b"words")["archiveId"]
        for tier, done in (("Standard", False), ("Bulk", True)):
            job = client.initiate_job(
                vaultName="photos",
                jobParameters={"Type": "archive-retrieval", "ArchiveId": archive_id, "Tier": tier},
            )
            seen = client.describe_job(vaultName="photos", jobId=job["jobId"])
            assert seen["Completed"] is done
        with pytest.raises(ClientError):
            client.describe_vault(vaultName="nothing")
    finally:
        client.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_demonstration_that_is_ended_leaves_nothing(
    spawn: Spawn, work: Path, number: int
) -> None:
    place = work / "temporary"
    place.mkdir()
    env = {**os.environ, "TMPDIR": str(place), "PYTHONUNBUFFERED": "1"}  # noqa: TID251 - a child
    process = spawn("demo", env=env)
    assert process.stdout is not None
    process.stdout.readline()
    assert list(place.iterdir())
    process.send_signal(number)
    done = finished(process)
    assert done.code in {130, 143}, done.err
    assert list(place.iterdir()) == []


def test_the_demonstration_brings_every_byte_back(spawn: Spawn, work: Path, key_map: Path) -> None:
    (work / "tree" / "sub").mkdir(parents=True)
    (work / "tree" / "a b").write_bytes(b"a")
    (work / "tree" / "empty").touch()
    (work / "tree" / "sub" / "ünï").write_bytes(b"u" * 5000)
    said = finished(spawn("demo", "tree")).ok()
    assert said.lines[-1].startswith("Every byte and every time came back: 4 files")
    assert "$ rm key-map.sqlite3" in said.out
    assert not key_map.exists()
    assert [path.name for path in work.iterdir()] == ["tree"]


@pytest.mark.covers("P11")
def test_two_runs_for_one_name_do_not_collide(
    spawn: Spawn, run: Run, photos: Path, home: Path
) -> None:
    # Standard input that never ends keeps the first run at its work.
    first = spawn("--local", "upload", "-", "photos", "--name", "a", "--part-size", "1MiB")
    assert first.stdin
    first.stdin.write(b"x" * (3 * 1024 * 1024))
    first.stdin.flush()
    (photos / "a").write_bytes(b"a")
    (photos / "b").write_bytes(b"b")
    for _ in range(100):
        if any(home.glob("key-map*.locks/*")):
            break
    said = run("--local", "upload", "a", "photos")
    assert said.code == 12, said.out
    assert "another run is changing" in said.err
    run("--local", "upload", "b", "photos").ok()
    first.stdin.close()
    first.stdin = None
    assert finished(first).code == 0
    run("--local", "upload", "a", "photos").ok()


def test_a_request_to_end_is_told_like_ctrl_c(spawn: Spawn, photos: Path) -> None:
    process = spawn("--local", "upload", "-", "photos", "--name", "a")
    assert process.stdin
    process.stdin.write(b"x" * 100_000)
    process.stdin.flush()
    assert photos.exists()
    wait_until_open(process)
    process.send_signal(signal.SIGTERM)
    said = finished(process).failed(143, "run the same line again")
    assert said.err.strip().splitlines()[0] == "glaciercli: error: stopped"


def wait_until_open(process: "subprocess.Popen[bytes]") -> None:
    """Return once the program has begun to read: its part has a file of its own by then."""
    place = Path(f"/proc/{process.pid}/fd")
    while process.poll() is None:
        targets = [str(one.readlink()) for one in place.iterdir() if one.is_symlink()]
        if any("(deleted)" in target for target in targets):
            return
