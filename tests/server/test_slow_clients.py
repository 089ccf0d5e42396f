"""Clients that stall or crawl: they wait for themselves, and nobody waits for them."""

import asyncio
import contextlib
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from glaciercli.ports import WireApplication, WireRequest, WireResponse
from glaciercli.server.http.access_log import Exchange
from glaciercli.server.http.front import HttpFront
from glaciercli.server.http.limits import Limits, affordable, raise_open_files
from tests.server.conftest import OpenBench
from tests.server.payloads import MIB, content
from tests.server.raw_http import (
    Remote,
    Served,
    ask,
    exchange,
    hashes,
    open_anonymous,
    statuses,
    upload_head,
)

MANY = 1000
#: Of those whose answer fills 3 MB of the kernel each.
FEWER = 250

HEAD = b"GET /-/vaults/v HTTP/1.1\r\nHost: x\r\n"
BODY = content(4 * MIB)


def connected(server: Served, data: bytes = b"") -> socket.socket:
    parts = urlsplit(server.url)
    connection = socket.socket()
    # A small window, as the far end of a slow line has.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    connection.settimeout(20)
    connection.connect((parts.hostname, parts.port))
    connection.sendall(data)
    return connection


@pytest.fixture
def application(open_bench: OpenBench) -> WireApplication:
    return open_anonymous(open_bench).application


@pytest.fixture
def patient(application: WireApplication) -> Iterator[HttpFront]:
    with HttpFront(application, limits=Limits(stop_s=0.1)) as front:
        assert ask(front, "PUT", "/-/vaults/v").status == 201
        yield front


@pytest.fixture
def hasty(application: WireApplication) -> Iterator[HttpFront]:
    limits = Limits(head_s=1.0, body_s=1.0, linger_s=0.2, read_s=0.5, stop_s=0.1)
    with HttpFront(application, limits=limits) as front:
        assert ask(front, "PUT", "/-/vaults/v").status == 201
        yield front


def output_of(server: Served) -> bytes:
    """Store an archive and return the request for the output of a job for it."""
    sent = ask(server, "POST", "/-/vaults/v/archives", BODY, **hashes(BODY))
    wish = b'{"Type":"archive-retrieval","ArchiveId":"%s"}'
    document = wish % sent.headers["x-amz-archive-id"].encode()
    job = ask(server, "POST", "/-/vaults/v/jobs", document).headers["location"]
    version = "x-amz-glacier-version: 2012-06-01"
    return f"GET {job}/output HTTP/1.1\r\nHost: x\r\n{version}\r\n\r\n".encode()


def stalling(server: Served, kind: str) -> bytes:
    """Return what a client of some kind sends before it stalls."""
    head = upload_head(BODY, f"Content-Length: {len(BODY)}")
    return {
        "head": lambda: HEAD,
        "body not begun": lambda: head,
        "body begun": lambda: head + BODY[: MIB // 64],
        "invited": lambda: upload_head(BODY, "Content-Length: 5", "Expect: 100-continue"),
        "reading nothing": lambda: output_of(server),
    }[kind]()


@pytest.fixture
def _open_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    raise_open_files()
    if affordable(2 * MANY) < 2 * MANY:
        pytest.skip("this machine lets a process open too few files")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def answer_times(server: Served, rounds: int = 40) -> list[float]:
    """Return how long an upload and a question take together, in seconds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        assert (
            ask(server, "POST", "/-/vaults/v/archives", b"small", **hashes(b"small")).status == 201
        )
        assert ask(server, "GET", "/-/vaults/v").status == 200
        times.append(time.perf_counter() - begun)
    return sorted(times)


@pytest.mark.covers("E3")
@pytest.mark.usefixtures("_open_files")
@pytest.mark.parametrize(
    "kind", ["head", "body not begun", "body begun", "invited", "reading nothing"]
)
def test_many_stalled_clients_hold_up_nobody(patient: HttpFront, kind: str) -> None:
    sent = stalling(patient, kind)
    with ExitStack() as stack:
        for _ in range(MANY if kind != "reading nothing" else FEWER):
            stack.enter_context(contextlib.closing(connected(patient, sent)))
        assert ask(patient, "GET", "/-/vaults/v").status == 200
        times = answer_times(patient)
        # Far more than it takes, and far less than it would take if anybody were waited for.
        assert times[len(times) // 2] < 0.2
        body = content(2 * MIB, seed=1)
        assert ask(patient, "POST", "/-/vaults/v/archives", body, **hashes(body)).status == 201


@pytest.mark.covers("E2", "E3")
def test_a_head_that_does_not_end_is_given_up(hasty: HttpFront) -> None:
    begun = time.monotonic()
    with connected(hasty, HEAD) as connection:
        drip = b"x-slow: 1\r\n"
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < begun + 10 and drip:
                connection.settimeout(0.05)
                with contextlib.suppress(TimeoutError):
                    drip = connection.recv(1) and drip
                connection.sendall(drip)
    assert 0.9 < time.monotonic() - begun < 8


@pytest.mark.parametrize(
    ("request_", "answers"),
    [(b"", []), (HEAD + b"x-amz-glacier-version: 2012-06-01\r\n\r\n", [200])],
)
def test_an_idle_connection_is_closed(
    hasty: HttpFront, request_: bytes, answers: list[int]
) -> None:
    with connected(hasty, request_) as connection:
        received = b""
        while piece := connection.recv(4096):
            received += piece
    assert statuses(received) == answers


@pytest.mark.covers("E3")
@pytest.mark.parametrize("begun", [0, 100, 200_000])
@pytest.mark.parametrize("drip", [b"", b"a"])
def test_a_body_that_comes_too_slowly_is_answered_408(
    hasty: HttpFront, begun: int, drip: bytes
) -> None:
    with connected(hasty, upload_head(BODY, f"Content-Length: {len(BODY)}")) as connection:
        connection.sendall(BODY[:begun])
        connection.settimeout(0.05)
        answer = b""
        ends = time.monotonic() + 10
        while b"}" not in answer and time.monotonic() < ends:
            with contextlib.suppress(TimeoutError):
                answer += connection.recv(4096)
            with contextlib.suppress(ConnectionError):
                connection.sendall(drip)
    assert statuses(answer) == [408]
    assert b'"code":"RequestTimeoutException","message":"Request timed out."' in answer
    assert b"\r\nConnection: close" in answer
    assert ask(hasty, "GET", "/-/vaults/v").json["NumberOfArchives"] == 0


def test_a_body_that_keeps_a_slow_but_steady_pace_arrives(application: WireApplication) -> None:
    body = content(3000)
    with HttpFront(application, limits=Limits(body_s=1.0, body_bytes_per_s=1000)) as front:
        ask(front, "PUT", "/-/vaults/v")
        with connected(front, upload_head(body, "Content-Length: 3000")) as connection:
            for start in range(0, len(body), 150):
                connection.sendall(body[start : start + 150])
                time.sleep(0.1)  # noqa: TID251 - the pace of a real client
            assert statuses(connection.recv(4096)) == [201]


def test_a_client_that_reads_nothing_is_dropped_in_the_end(hasty: HttpFront) -> None:
    request = output_of(hasty)
    with connected(hasty, request) as connection:
        time.sleep(1.5)  # noqa: TID251 - longer than the front waits for a client
        received = 0
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                received += len(piece)
    assert 0 < received < len(BODY)
    assert ask(hasty, "GET", "/-/vaults/v").status == 200


def test_one_connection_too_many_is_told_so(application: WireApplication) -> None:
    noted: list[Exchange] = []
    with HttpFront(application, limits=Limits(connections=2), note=noted.append) as front:
        with connected(front, HEAD), connected(front, HEAD):
            wait_until_full(front)
            assert noted[-1].status == 500
            assert noted[-1].client == "127.0.0.1"
        assert ask_until_free(front)


def wait_until_full(front: HttpFront) -> None:
    """Return once a connection is refused, with the words for it."""
    for _ in range(100):
        answer = exchange(front, HEAD + b"\r\n", until=b"}")
        if statuses(answer) == [500]:
            assert b'"code":"ServiceUnavailableException"' in answer
            assert b"x-amzn-RequestId" in answer
            return
    raise AssertionError


def ask_until_free(front: HttpFront) -> bool:
    """Return whether the front takes connections again soon."""
    return any(ask(front, "GET", "/-/vaults").status == 200 for _ in range(100))


def test_two_hundred_uploads_and_downloads_at_once_all_succeed(patient: HttpFront) -> None:
    body = content(300_000)
    output = output_of(patient)

    async def one(sent: bytes) -> bytes:
        parts = urlsplit(patient.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        return answer

    async def everything() -> list[bytes]:
        upload = upload_head(body, "Content-Length: 300000", "Connection: close") + body
        download = output.replace(b"Host: x", b"Host: x\r\nConnection: close")
        return await asyncio.gather(*(one(what) for what in [upload, download] * 100))

    answers = asyncio.run(asyncio.wait_for(everything(), 60))
    assert [statuses(answer[:100])[0] for answer in answers] == [201, 200] * 100
    assert all(answer.endswith(BODY) for answer in answers[1::2])
    assert ask(patient, "GET", "/-/vaults/v").json["NumberOfArchives"] == 101


class Broken:
    """Promises more than it can read back from its disk."""

    def handle(self, request: WireRequest) -> WireResponse:
        def pieces() -> Iterator[bytes]:
            yield b"x" * 100_000
            raise OSError(request.method)

        return WireResponse(status=200, headers={"Content-Length": "200000"}, body=pieces())


def test_an_answer_that_breaks_off_is_never_taken_for_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with HttpFront(Broken()) as front:
        answer = exchange(Remote(front.url), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"Content-Length: 200000" in answer
    assert len(answer.partition(b"\r\n\r\n")[2]) == 100_000
    assert "a request failed in the front" in caplog.text


def test_the_bound_of_connections_follows_the_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (228, hard))
        assert affordable(2048) == 50
        raise_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(hard, 65_536)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
