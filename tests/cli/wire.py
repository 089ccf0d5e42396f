"""A service that is watched, and made to fail where a test says so."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from glaciercli.ports import WireApplication, WireRequest, WireResponse
from glaciercli.server import routes
from glaciercli.server.wire import WireError, parse_target

_PATIENCE_S = 30.0


def operation_of(request: WireRequest) -> str:
    """Return which operation a request asks for."""
    try:
        return routes.find(request.method, parse_target(request.target)).route.operation
    except WireError:
        return "other"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request that was answered."""

    operation: str
    target: str
    #: The value of Content-Range or of Range.
    span: str | None
    status: int


@dataclass
class WatchedService:
    """Hands requests on, remembers them, and breaks those that a test names."""

    inner: WireApplication
    seen: list[Seen] = field(default_factory=list)
    _broken: dict[str, list[Callable[[WireRequest], WireResponse]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, request: WireRequest) -> WireResponse:
        operation = operation_of(request)
        with self._lock:
            waiting = self._broken.get(operation)
            answer_with = waiting.pop(0) if waiting else self.inner.handle
        answer = answer_with(request)
        headers = {name.lower(): value for name, value in request.headers}
        with self._lock:
            self.seen.append(
                Seen(
                    operation=operation,
                    target=request.target,
                    span=headers.get("content-range") or headers.get("range"),
                    status=answer.status,
                )
            )
        return answer

    def breaks(self, operation: str, *answers: Callable[[WireRequest], WireResponse]) -> None:
        """Answer the next requests for an operation in another way."""
        self._broken.setdefault(operation, []).extend(answers)

    def loses(self, operation: str, times: int = 1) -> None:
        """Carry out the next requests for an operation, and lose their answers."""
        self.breaks(operation, *[self._lose] * times)

    def fails(self, operation: str, times: int = 1) -> None:
        """Refuse the next requests for an operation before anything is done."""
        self.breaks(operation, *[lambda _: _error(503)] * times)

    def count(self, operation: str) -> int:
        """Return how many requests for an operation were answered with success."""
        return sum(one.operation == operation and one.status < 300 for one in self.seen)

    def spans(self, operation: str) -> list[str | None]:
        """Return the ranges that successful requests for an operation were about."""
        return [one.span for one in self.seen if one.operation == operation and one.status < 300]

    def _lose(self, request: WireRequest) -> WireResponse:
        answer = self.inner.handle(request)
        b"".join(answer.body)
        answer.close()
        return _error(500)


class Gate:
    """Lets a service carry a request out, and holds the answer back until it is told to go on."""

    def __init__(self, server: WatchedService) -> None:
        self._server = server
        self._asked = threading.Event()
        self._going = threading.Event()

    def __call__(self, request: WireRequest) -> WireResponse:
        answer = self._server.inner.handle(request)
        self._asked.set()
        self._going.wait(_PATIENCE_S)
        return answer

    def wait_until_asked(self) -> None:
        assert self._asked.wait(_PATIENCE_S)

    def let_go(self) -> None:
        self._going.set()


def _error(status: int) -> WireResponse:
    return answered(
        status, b'{"code":"ServiceUnavailableException","message":"Lost.","type":"Server"}'
    )


def refused(code: str, message: str) -> Callable[[WireRequest], WireResponse]:
    """Return what answers that a value is wrong."""
    body = json.dumps({"code": code, "message": message, "type": "Client"}).encode()
    return lambda _: answered(400, body)


def answered(status: int, body: bytes) -> WireResponse:
    """Return an answer in JSON."""
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return WireResponse(status=status, headers=headers, body=iter([body]))
