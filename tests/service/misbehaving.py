"""Services that do as a script says: one in process, one on a socket that it may break."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from glaciercli import errors
from glaciercli.ports import WireApplication, WireRequest, WireResponse
from glaciercli.service import session
from glaciercli.service.glacier import GlacierService
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy
from tests.fakes import MovedClock

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer of the script."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def said(status: int, code: str, message: str = "words", **headers: str) -> Reply:
    """Return an error answer as the service writes it."""
    body = json.dumps({"code": code, "message": message, "type": "Client"}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, body=body, headers={"Content-Type": "application/json", **named})


def document(content: object, status: int = 200) -> Reply:
    return Reply(
        status=status,
        body=json.dumps(content).encode(),
        headers={"Content-Type": "application/json"},
    )


class Scripted:
    """A ``WireApplication`` that answers one reply after the other, the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.requests: list[WireRequest] = []
        self.bodies: list[bytes] = []

    def handle(self, request: WireRequest) -> WireResponse:
        self.requests.append(request)
        self.bodies.append(request.body.read())
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        length = {"Content-Length": f"{len(reply.body)}"}
        return WireResponse(
            status=reply.status, headers={**length, **reply.headers}, body=iter([reply.body])
        )

    @property
    def calls(self) -> int:
        return len(self.requests)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A service under test, its clock, and the pauses that it made."""

    service: GlacierService
    clock: MovedClock
    pauses: list[float]


def retrier(
    clock: MovedClock, pauses: list[float], random: Callable[[], float] = lambda: 1.0
) -> Retrier:
    def heard(_: errors.TransientFailure, pause: float) -> None:
        pauses.append(pause)

    return Retrier(clock, policy=RetryPolicy(), turns=Turns(8, clock), random=random, heard=heard)


def service(client: "GlacierClient", clock: MovedClock, pauses: list[float]) -> GlacierService:
    return GlacierService(client, retrier(clock, pauses), Pace(clock))


def endpoint(url: str = "http://glacier.test", account: str | None = None) -> session.Endpoint:
    return session.Endpoint(
        region="us-east-1",
        url=url,
        account=account,
        access_key="key",
        secret_key="secret",  # noqa: S106 - nobody checks it
    )


class Switch:
    """Hands requests on to an application that can be exchanged: a client takes long to make."""

    application: WireApplication

    def handle(self, request: WireRequest) -> WireResponse:
        return self.application.handle(request)


@cache
def _switched(account: str | None) -> tuple["GlacierClient", Switch]:
    switch = Switch()
    return session.connect_in_process(switch, endpoint(account=account)), switch


@contextmanager
def asking(application: WireApplication, account: str | None = None) -> Iterator[Asked]:
    """Give a service whose requests an application answers."""
    client, switch = _switched(account)
    switch.application = application
    clock, pauses = MovedClock(START), list[float]()
    yield Asked(service=service(client, clock, pauses), clock=clock, pauses=pauses)


#: What a connection does once it is there; it gets the socket and what was read of the request.
Deed = Callable[[socket.socket, bytes], None]


class Line:
    """A listening socket; each connection does the next deed, the last one for ever."""

    def __init__(self, *deeds: Deed) -> None:
        self._deeds = list(deeds)
        self.calls = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.calls += 1
            deed = self._deeds.pop(0) if len(self._deeds) > 1 else self._deeds[0]
            with connection:
                deed(connection, head_of(connection))


@contextmanager
def on_a_line(*deeds: Deed, stall_s: float = 60) -> Iterator[tuple[Asked, Line]]:
    """Give a service at the other end of a socket."""
    line = Line(*deeds)
    with connected(line.url, stall_s) as asked:
        yield asked, line
    line.close()


@contextmanager
def connected(url: str, stall_s: float = 60) -> Iterator[Asked]:
    """Give a service that is to be found at a URL."""
    clock, pauses = MovedClock(START), list[float]()
    client = session.connect(replace(endpoint(url), stall_s=stall_s))
    yield Asked(service=service(client, clock, pauses), clock=clock, pauses=pauses)
    client.close()


def head_of(connection: socket.socket) -> bytes:
    """Return a request up to its empty line, and what came along with it."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(65536)
        if not piece:
            break
        got += piece
    return got


def drained(connection: socket.socket, got: bytes) -> None:
    """Read the rest of a request."""
    head, _, body = got.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    missing = length - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536)) or missing


def reset_at_once(connection: socket.socket, _: bytes) -> None:
    """Break the connection before the body was read."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_after_body(connection: socket.socket, got: bytes) -> None:
    """Take everything, and break the connection without an answer."""
    drained(connection, got)
    reset_at_once(connection, got)


def answering(raw: bytes) -> Deed:
    """Return a deed that takes everything, sends some bytes, and hangs up."""

    def answer(connection: socket.socket, got: bytes) -> None:
        drained(connection, got)
        connection.sendall(raw)

    return answer


def http(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Return an answer as bytes; a length that is given wins over the true one."""
    named = {"content-length": f"{len(body)}"}
    named.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} words\r\n{lines}\r\n".encode() + body
