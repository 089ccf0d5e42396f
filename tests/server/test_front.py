"""The HTTP front: starting, stopping, and memory that does not grow with a body."""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from glaciercli.errors import GlacierCliError
from glaciercli.server.http.access_log import Exchange
from glaciercli.server.http.front import HttpFront
from glaciercli.server.http.limits import Limits
from tests.server.conftest import OpenBench
from tests.server.payloads import MIB, VAULT, content, retrieve, upload
from tests.server.raw_http import Remote, ask, hashes, open_anonymous, statuses, upload_head
from tests.server.test_archives import stored_files

# Serves an anonymous service until its input ends, then says how much memory it ever needed.
SERVER = """
import resource, sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from glaciercli.server.application import GlacierApplication
from glaciercli.server.http.front import HttpFront
from tests.fakes import MovedClock
from tests.server.conftest import SETTINGS

clock = MovedClock(datetime(2026, 1, 2, tzinfo=UTC))
settings = replace(SETTINGS, verify_signatures=False)
with GlacierApplication.open(Path(sys.argv[1]), clock=clock, settings=settings) as application:
    with HttpFront(application) as front:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(front.url, flush=True)
        sys.stdin.readline()
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // 1024)
"""

BIG = 256 * MIB


def test_memory_does_not_grow_with_a_body(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path.cwd())},
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    bench = Remote(url)
    assert ask(bench, "PUT", "/-/vaults/v").status == 201
    body = bytes(BIG)
    sent = ask(bench, "POST", "/-/vaults/v/archives", body, **hashes(body))
    wish = b'{"Type":"archive-retrieval","ArchiveId":"%s"}'
    document = wish % sent.headers["x-amz-archive-id"].encode()
    job = ask(bench, "POST", "/-/vaults/v/jobs", document).headers["location"]
    assert ask(bench, "GET", job + "/output").body == body
    grown_mib = int(process.communicate("\n", timeout=30)[0])
    assert process.returncode == 0
    assert grown_mib < 40


def test_a_request_under_way_is_finished_when_the_front_stops(open_bench: OpenBench) -> None:
    application = open_anonymous(open_bench).application
    body = b"12345"
    with HttpFront(application) as front:
        ask(front, "PUT", "/-/vaults/v")
        host, _, port = front.url.removeprefix("http://").partition(":")
        connection = socket.create_connection((host, int(port)), timeout=10)
        connection.sendall(upload_head(body, "Content-Length: 5", "Expect: 100-continue"))
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        sender = threading.Timer(0.3, connection.sendall, [body])
        sender.start()
    sender.join()
    with connection:
        assert statuses(connection.recv(10_000)) == [201]


def test_waiting_ends_when_the_front_is_stopped(open_bench: OpenBench) -> None:
    with HttpFront(open_bench().application) as front:
        stopper = threading.Timer(0.1, front.stop)
        stopper.start()
        front.wait()
        stopper.join()


def test_a_port_in_use_is_said_in_a_sentence(open_bench: OpenBench) -> None:
    application = open_bench().application
    with HttpFront(application) as front:
        port = int(front.url.rpartition(":")[2])
        with (
            pytest.raises(GlacierCliError, match=f"cannot listen on 127.0.0.1 port {port}: "),
            HttpFront(application, port=port),
        ):
            pass


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", 70_000)])
def test_an_address_that_is_none_is_said_in_a_sentence(
    open_bench: OpenBench, host: str, port: int
) -> None:
    with (
        pytest.raises(GlacierCliError, match="cannot listen on"),
        HttpFront(open_bench().application, host=host, port=port),
    ):
        pass


def test_an_idle_connection_does_not_hold_up_the_end(open_bench: OpenBench) -> None:
    with HttpFront(open_bench().application) as front:
        host, _, port = front.url.removeprefix("http://").partition(":")
        idle = socket.create_connection((host, int(port)))
        ask(front, "GET", "/")
    with idle:
        assert idle.recv(1) == b""


def test_a_stalled_upload_does_not_hold_up_the_end_for_long(open_bench: OpenBench) -> None:
    bench = open_anonymous(open_bench)
    with HttpFront(bench.application, limits=Limits(stop_s=0.2)) as front:
        ask(front, "PUT", "/-/vaults/v")
        host, _, port = front.url.removeprefix("http://").partition(":")
        stalled = socket.create_connection((host, int(port)))
        stalled.sendall(upload_head(b"12345", "Content-Length: 5", "Expect: 100-continue"))
        assert stalled.recv(1000).startswith(b"HTTP/1.1 100 ")
    stalled.close()
    assert list(bench.data_dir.glob("incoming/*")) == []


def test_a_client_that_leaves_while_the_front_stops_leaves_no_task_behind(
    open_bench: OpenBench, caplog: pytest.LogCaptureFixture
) -> None:
    with HttpFront(open_anonymous(open_bench).application) as front:
        host, _, port = front.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as leaving:
            # There is no such vault, so the body is not wanted, and is read only to be polite.
            leaving.sendall(upload_head(b"", "Content-Length: 1000000") + bytes(MIB // 8))
            assert statuses(leaving.recv(10_000)) == [404]
        # By this answer the front has seen that the other client left.
        ask(front, "GET", "/")
    gc.collect()
    assert caplog.messages == []


@pytest.mark.parametrize("size", [5, 3 * MIB])
def test_content_that_is_gone_is_refused_and_noted_once(open_bench: OpenBench, size: int) -> None:
    bench, noted = open_bench(), list[Exchange]()
    client = bench.client
    client.create_vault(vaultName=VAULT)
    job_id = retrieve(client, upload(client, content(size)))
    stored_files(bench.data_dir)[0].unlink()
    with HttpFront(open_anonymous(open_bench).application, note=noted.append) as front:
        answer = ask(front, "GET", f"/-/vaults/{VAULT}/jobs/{job_id}/output")
    assert answer.status == 500
    assert answer.json["code"] == "ServiceUnavailableException"
    assert [exchange.status for exchange in noted] == [500]


def test_a_signal_handler_may_stop_the_front(open_bench: OpenBench) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    with HttpFront(open_bench().application) as front:
        signal.signal(signal.SIGUSR1, lambda *_: front.stop())
        try:
            sender = threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGUSR1])
            sender.start()
            front.wait()
            sender.join()
        finally:
            signal.signal(signal.SIGUSR1, before)
