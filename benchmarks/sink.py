"""A far side that costs little: it takes uploads, drops the bytes and says yes.

    python benchmarks/sink.py [--delay-ms N] [--bytes-per-s N] [--tls CERTIFICATE KEY]

Prints its URL.  It checks nothing and keeps nothing, so that a measurement shows the client.
``--delay-ms`` holds each answer back; ``--bytes-per-s`` bounds each connection, as long lines do.
"""

import argparse
import json
import re
import secrets
import socket
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

_WINDOW_BYTES = 1024 * 1024
_HEAD_BYTES = 64 * 1024
_TREE_HASH = "x-amz-sha256-tree-hash"

_VAULT = {
    "CreationDate": "2026-01-01T00:00:00.000Z",
    "LastInventoryDate": None,
    "NumberOfArchives": 0,
    "SizeInBytes": 0,
    "VaultARN": "arn:aws:glacier:us-east-1:012345678901:vaults/bench",
    "VaultName": "bench",
}
_NOTHING = {"Parts": [], "UploadsList": [], "Marker": None}

#: Method, path, status, and the header with the ID that is given out.
_DEEDS = (
    ("PUT", r"/multipart-uploads/", 204, None),
    ("PUT", r"", 201, None),
    ("POST", r"/multipart-uploads$", 201, "x-amz-multipart-upload-id"),
    ("POST", r"", 201, "x-amz-archive-id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How long and how wide the way to the client is."""

    delay_s: float = 0.0
    bytes_per_s: float | None = None


class Connection:
    """One client on one socket."""

    def __init__(self, stream: socket.socket, line: Line) -> None:
        self._stream = stream
        self._line = line
        self._window = memoryview(bytearray(_WINDOW_BYTES))
        self._rest = b""

    def serve(self) -> None:
        """Answer requests until the client goes away."""
        with self._stream:
            while head := self._read_head():
                method, path, fields = _parsed(head)
                self._drop(int(fields.get("content-length", "0")))
                time.sleep(self._line.delay_s)
                self._stream.sendall(_answer(method, path, fields))

    def _read_head(self) -> bytes:
        head = self._rest
        while b"\r\n\r\n" not in head:
            more = self._stream.recv(_HEAD_BYTES)
            if not more:
                return b""
            head += more
        head, _, self._rest = head.partition(b"\r\n\r\n")
        return head

    def _drop(self, size: int) -> None:
        """Take a body off the line, no faster than the line is wide."""
        begun, dropped = time.monotonic(), min(size, len(self._rest))
        self._rest = self._rest[dropped:]
        while dropped < size:
            got = self._stream.recv_into(self._window[: size - dropped])
            if not got:
                raise ConnectionError
            dropped += got
            if self._line.bytes_per_s:
                due = begun + dropped / self._line.bytes_per_s
                time.sleep(max(0.0, due - time.monotonic()))


def _parsed(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *others = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (other.partition(":") for other in others)
    fields = {name.lower(): value.strip() for name, _, value in pairs}
    return method, target.partition("?")[0], fields


def _answer(method: str, path: str, fields: Mapping[str, str]) -> bytes:
    if method == "GET":
        listing = re.search(r"/multipart-uploads/?[^/]*$", path)
        return _said(200, {}, _NOTHING if listing else _VAULT)
    status, given = next(
        (status, given)
        for wanted, pattern, status, given in _DEEDS
        if wanted == method and re.search(pattern, path)
    )
    told = {given: secrets.token_urlsafe(69)} if given else {}
    if _TREE_HASH in fields:
        told[_TREE_HASH] = fields[_TREE_HASH]
    return _said(status, told)


def _said(status: int, fields: Mapping[str, str], document: object = None) -> bytes:
    body = b"" if document is None else json.dumps(document).encode()
    lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in fields.items())]
    lines.append("Content-Type: application/json")
    if status != 204:  # noqa: PLR2004 - RFC 9110, section 8.6: it has no length
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _serve(stream: socket.socket, line: Line, security: ssl.SSLContext | None) -> None:
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        if security is not None:
            stream = security.wrap_socket(stream, server_side=True)
        Connection(stream, line).serve()
    except OSError:
        # A client that is done just closes.
        return


def main() -> None:
    """Serve until killed."""
    options = argparse.ArgumentParser()
    options.add_argument("--delay-ms", type=float, default=0)
    options.add_argument("--bytes-per-s", type=float)
    options.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    given = options.parse_args()
    security = None
    if given.tls:
        security = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        security.load_cert_chain(*given.tls)
    line = Line(delay_s=given.delay_ms / 1000, bytes_per_s=given.bytes_per_s)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        scheme = "https" if security else "http"
        print(f"{scheme}://localhost:{listening.getsockname()[1]}", flush=True)  # noqa: T201
        while True:
            stream, _ = listening.accept()
            threading.Thread(target=_serve, args=(stream, line, security), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
