"""A boto3 client answered in the same process: no socket, no server, the same wire protocol."""

import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from glaciercli.ports import WireApplication, WireRequest, WireResponse

_DEFAULT_PORTS = {"http": 80, "https": 443}


def answer_in_process(client: Any, application: WireApplication) -> None:
    """Make a boto3 client ask an application rather than the network.

    Everything before and after the wire stays botocore's: signing, retries, parsing.
    """

    def answer(request: AWSPreparedRequest, **_context: Any) -> AWSResponse:
        response = application.handle(_wire_request(request))
        raw = _RawResponse(response)
        return AWSResponse(request.url, response.status, _http_headers(response), raw)

    client.meta.events.register("before-send.glacier", answer)


def _http_headers(response: WireResponse) -> HTTPHeaders:
    headers = HTTPHeaders()
    for name, value in response.headers.items():
        headers[name] = value
    return headers


def _wire_request(request: AWSPreparedRequest) -> WireRequest:
    parts = urlsplit(request.url)
    target = parts.path or "/"
    headers = tuple(_headers(request.headers.items()))
    if all(name.lower() != "host" for name, _ in headers):
        headers = (("Host", _host(request.url)), *headers)
    return WireRequest(
        method=request.method,
        target=f"{target}?{parts.query}" if parts.query else target,
        headers=headers,
        body=_body(request.body),
        body_bytes=_length(headers),
    )


def _headers(items: Iterable[tuple[Any, Any]]) -> Iterator[tuple[str, str]]:
    for name, value in items:
        sent = value if isinstance(value, bytes) else str(value).encode()
        # One character for each byte, as from a socket.
        yield str(name), sent.decode("latin-1")


def _host(url: str) -> str:
    parts = urlsplit(url)
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)):
        return host
    return f"{host}:{parts.port}"


def _length(headers: tuple[tuple[str, str], ...]) -> int | None:
    found = (value for name, value in headers if name.lower() == "content-length")
    text = next(found, "")
    return int(text) if text.isdigit() else None


def _body(body: Any) -> BinaryIO:
    if body is None:
        return io.BytesIO()
    if isinstance(body, str):
        return io.BytesIO(body.encode())
    if isinstance(body, bytes | bytearray | memoryview):
        return io.BytesIO(body)
    # Already at the byte where the payload starts.
    return cast("BinaryIO", body)


class _RawResponse(io.RawIOBase):
    """The body of an answer, in the shape that botocore reads from."""

    def __init__(self, response: WireResponse) -> None:
        super().__init__()
        self._response = response
        self._pieces = iter(response.body)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return that this can be read."""
        return True

    def read(self, amt: int | None = -1, /, **_ignored: Any) -> bytes:
        """Return up to so many bytes, all of the rest without a number, none at the end."""
        if amt is None or amt < 0:
            return b"".join(self.stream())
        taken: list[memoryview] = []
        while amt and self._fill():
            head = self._rest[:amt]
            self._rest = self._rest[len(head) :]
            amt -= len(head)
            taken.append(head)
        return b"".join(taken)

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer and return how many bytes were there for it."""
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def stream(self, amt: int | None = None, **_ignored: Any) -> Iterator[bytes]:
        """Yield the rest of the body; pieces are at most ``amt`` bytes where that is given."""
        while self._fill():
            head = self._rest[:amt]
            self._rest = self._rest[len(head) :]
            yield bytes(head)

    def close(self) -> None:
        """Let the application drop what it holds for this answer."""
        if not self.closed:
            self._response.close()
        super().close()

    def _fill(self) -> bool:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._rest = memoryview(piece)
        return True
