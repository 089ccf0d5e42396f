"""Plain HTTP over a socket: what clients send that are not boto3."""

import hashlib
import json
import re
import socket
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from typing import Any, Protocol
from urllib.parse import urlsplit

from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.payloads import tree_hash

ANONYMOUS = {"x-amz-glacier-version": "2012-06-01"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Served(Protocol):
    """Anything with a URL."""

    @property
    def url(self) -> str: ...


@dataclass(frozen=True)
class Remote:
    """A service in another process."""

    url: str


def open_anonymous(open_bench: OpenBench, **changes: Any) -> Bench:
    return open_bench(replace(SETTINGS, verify_signatures=False, **changes), over_http=True)


def ask(
    bench: Served, method: str, target: str, body: bytes | None = None, **headers: str
) -> Answer:
    """Send one request over http.client, with underscores in header names for hyphens."""
    parts = urlsplit(bench.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    sent = {**ANONYMOUS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        connection.request(method, target, body, sent)
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=fields, body=response.read())
    finally:
        connection.close()


def hashes(body: bytes) -> dict[str, str]:
    return {
        "x_amz_content_sha256": hashlib.sha256(body).hexdigest(),
        "x_amz_sha256_tree_hash": tree_hash(body),
    }


def upload_head(body: bytes, *framing: str, vault: str = "v") -> bytes:
    """Return the head of an UploadArchive request with framing lines of one's own."""
    fields = {**ANONYMOUS, **{key.replace("_", "-"): value for key, value in hashes(body).items()}}
    lines = [f"POST /-/vaults/{vault}/archives HTTP/1.1", "Host: x"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, *framing, "", ""]).encode("latin-1")


def exchange(
    bench: Served,
    data: bytes,
    *,
    half_close: bool = False,
    until: bytes | None = None,
    wait_s: float = 3,
) -> bytes:
    """Send bytes as they are and return all that comes back until the server closes or rests."""
    parts = urlsplit(bench.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=wait_s) as connection:
        answer = b""
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while (until is None or until not in answer) and (piece := connection.recv(65536)):
                answer += piece
        except (TimeoutError, ConnectionError):
            pass
        return answer


def statuses(answer: bytes) -> list[int]:
    """Return the status of every answer in a stream of them."""
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] ([0-9]{3}) ", answer)]
