"""``serve`` as an operator meets it: its end, its log, its checks, the state that it refuses."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from glaciercli.cli.serving import is_loopback
from tests.cli.conftest import Run, Spawn, finished
from tests.server.payloads import MIB, content
from tests.server.raw_http import Remote, ask, hashes, statuses, upload_head

BODY = content(8 * MIB)

Serve = Callable[..., "tuple[subprocess.Popen[bytes], Remote]"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def serve(spawn: Spawn, data: Path) -> Serve:
    """Start an anonymous service and return it once it takes requests."""

    def start(*words: object) -> "tuple[subprocess.Popen[bytes], Remote]":
        process = spawn("serve", "--port", "0", "--data", data, "--anonymous", *words)
        assert process.stdout
        return process, Remote(process.stdout.readline().decode().strip())

    return start


def wait_for(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)  # noqa: TID251 - the other side is a real process


def begun_upload(server: Remote) -> socket.socket:
    """Send half of an upload that the service has asked for."""
    assert ask(server, "PUT", "/-/vaults/v").status == 201
    parts = urlsplit(server.url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=20)
    expected = (f"Content-Length: {len(BODY)}", "Expect: 100-continue")
    connection.sendall(upload_head(BODY, *expected))
    assert statuses(connection.recv(4096)) == [100]
    connection.sendall(BODY[: len(BODY) // 2])
    return connection


def stored(server: Remote) -> str:
    """Store an archive and return its ID."""
    ask(server, "PUT", "/-/vaults/v")
    sent = ask(server, "POST", "/-/vaults/v/archives", b"words", **hashes(b"words"))
    return sent.headers["x-amz-archive-id"]


def refuses_connections(server: Remote) -> bool:
    parts = urlsplit(server.url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_upload_under_way_is_finished_and_nothing_new_begun(
    serve: Serve, number: signal.Signals
) -> None:
    process, server = serve()
    with begun_upload(server) as connection:
        process.send_signal(number)
        wait_for(lambda: refuses_connections(server))
        connection.sendall(BODY[len(BODY) // 2 :])
        answer = connection.recv(4096)
        assert statuses(answer) == [201]
        assert b"\r\nConnection: close" in answer
        assert finished(process).code == 0
    _, server = serve()
    assert ask(server, "GET", "/-/vaults/v").json["NumberOfArchives"] == 1


def test_a_second_interrupt_ends_it_at_once(serve: Serve, data: Path) -> None:
    process, server = serve()
    archive_id = stored(server)
    with begun_upload(server):
        process.send_signal(signal.SIGINT)
        wait_for(lambda: refuses_connections(server))
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert finished(process).code == 130
        assert time.monotonic() - begun < 5
    _, server = serve()
    assert list((data / "incoming").iterdir()) == []
    wish = json.dumps({"Type": "archive-retrieval", "ArchiveId": archive_id}).encode()
    assert ask(server, "POST", "/-/vaults/v/jobs", wish).status == 202


def test_the_log_is_rotated_by_a_hangup(serve: Serve, tmp_path: Path) -> None:
    log, rotated = tmp_path / "access.log", tmp_path / "access.log.1"
    process, server = serve("--access-log", log)
    ask(server, "GET", "/-/vaults")
    wait_for(lambda: log.stat().st_size > 0)
    log.rename(rotated)
    process.send_signal(signal.SIGHUP)
    wait_for(log.exists)
    ask(server, "GET", "/-/vaults/nothing")
    process.send_signal(signal.SIGTERM)
    assert finished(process).code == 0
    assert " ListVaults GET /-/vaults 200 0 " in rotated.read_text()
    assert " DescribeVault GET /-/vaults/nothing 404 0 " in log.read_text()


def test_a_hangup_that_the_shell_said_to_ignore_is_ignored(spawn: Spawn, data: Path) -> None:
    words = [sys.executable, "-m", "glaciercli", "serve", "--port", "0", "--data", str(data)]
    process = spawn(argv=["nohup", *words, "--anonymous"])
    assert process.stdout
    server = Remote(process.stdout.readline().decode().strip())
    process.send_signal(signal.SIGHUP)
    assert ask(server, "GET", "/-/vaults").status == 200
    process.send_signal(signal.SIGTERM)
    assert finished(process).code == 0


def test_a_dash_logs_to_standard_error(serve: Serve) -> None:
    process, server = serve("--access-log", "-")
    ask(server, "GET", "/-/vaults")
    process.send_signal(signal.SIGTERM)
    assert " ListVaults GET /-/vaults 200 0 " in finished(process).err


def test_a_full_disk_for_the_log_fails_no_request(serve: Serve) -> None:
    process, server = serve("--access-log", "/dev/full")
    assert [ask(server, "GET", "/-/vaults").status for _ in range(3)] == [200] * 3
    process.send_signal(signal.SIGTERM)
    assert "lines are being lost" in finished(process).err


@pytest.mark.covers("E8")
def test_everything_is_checked_on_request(serve: Serve, run: Run, data: Path) -> None:
    process, server = serve()
    archive_id = stored(server)
    process.send_signal(signal.SIGTERM)
    finished(process)
    said = run("serve", "--data", data, "--check").ok()
    assert said.lines == ["all content is as it was stored"]
    (file,) = data.glob("blobs/*/*")
    file.write_bytes(b"sword")
    said = run("serve", "--data", data, "--check").failed(15, "damaged content files: 1")
    assert said.lines == [
        f"{file.name} holds other bytes than stored",
        f"  needed by archive {archive_id}",
    ]


@pytest.mark.parametrize(
    ("left", "words"), [(b"wor", "has 3 bytes instead of 5"), (None, "missing")]
)
def test_content_that_is_gone_is_told_at_the_start(
    serve: Serve, run: Run, data: Path, left: bytes | None, words: str
) -> None:
    process, server = serve()
    stored(server)
    process.send_signal(signal.SIGTERM)
    finished(process)
    (file,) = data.glob("blobs/*/*")
    file.unlink()
    if left:
        file.write_bytes(left)
    run("serve", "--port", "0", "--data", data).failed(1, words)
    run("serve", "--data", data, "--check").failed(15, words)


def cut(path: Path) -> None:
    os.truncate(path, 20)


def overwrite(path: Path) -> None:
    path.write_text("no database, but long enough to be one\n" * 500)


def cut_in_the_middle(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def make_newer(path: Path) -> None:
    opened = sqlite3.connect(path)
    opened.execute("PRAGMA user_version = 99")
    opened.close()


def make_foreign(path: Path) -> None:
    opened = sqlite3.connect(path)
    opened.execute("PRAGMA application_id = 7")
    opened.close()


def remove(path: Path) -> None:
    path.unlink()


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    [
        ("catalogue.sqlite3", cut, "catalogue"),
        ("catalogue.sqlite3", cut_in_the_middle, "catalogue"),
        ("catalogue.sqlite3", overwrite, "catalogue"),
        ("catalogue.sqlite3", make_newer, "newer version"),
        ("catalogue.sqlite3", make_foreign, "not a catalogue"),
        ("catalogue.sqlite3", remove, "is missing"),
        ("credentials.json", cut, "does not hold credentials"),
        ("credentials.json", overwrite, "does not hold credentials"),
        ("credentials.json", remove, "is missing"),
        ("credentials.json", make_pipe, "is no regular file"),
        ("catalogue.sqlite3", make_pipe, "is no regular file"),
    ],
)
def test_a_damaged_directory_is_refused_with_the_reason(
    serve: Serve, run: Run, data: Path, name: str, spoil: Callable[[Path], None], words: str
) -> None:
    process, server = serve()
    stored(server)
    process.send_signal(signal.SIGTERM)
    finished(process)
    spoil(data / name)
    run("serve", "--port", "0", "--data", data).failed(1, words)
    assert len(list(data.glob("blobs/*/*"))) == 1


def test_a_file_is_no_data_directory(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run("serve", "--data", tmp_path / "file").failed(1, "is not a directory")
    run("serve", "--data", tmp_path / "file" / "below").failed(1, "is not a directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_directory_that_cannot_be_written_is_refused(run: Run, data: Path) -> None:
    data.mkdir(mode=0o500)
    run("serve", "--data", data).failed(1, "cannot use")


@pytest.mark.covers("E10")
@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("LocalHost", True),
        ("0.0.0.0", False),  # noqa: S104 - nothing listens there
        ("::", False),
        ("192.0.2.1", False),
        ("example.org", False),
    ],
)
def test_only_loopback_goes_without_a_warning(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.covers("E10")
@pytest.mark.parametrize(
    ("words", "risk"),
    [
        (("--anonymous",), "do anything"),
        ((), "read what is sent: this is plain HTTP"),
    ],
    ids=["anonymous", "signed"],
)
def test_a_host_that_is_not_surely_loopback_is_warned_of(
    spawn: Spawn, data: Path, words: Sequence[str], risk: str
) -> None:
    # It is loopback all the same, in a form that is no address to whoever reads it strictly.
    for host, warnings in (
        ("127.1", [f"glaciercli: warning: whoever can reach 127.1 can {risk}"]),
        ("127.0.0.1", []),
    ):
        process = spawn("serve", "--host", host, "--port", "0", "--data", data, *words)
        assert process.stdout
        assert process.stdout.readline().startswith(f"http://{host}:".encode())
        process.send_signal(signal.SIGTERM)
        said = finished(process)
        assert said.code == 0
        assert [line for line in said.err.splitlines() if "warning" in line] == warnings
