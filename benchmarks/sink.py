"""A far side that costs little: it takes uploads, drops the bytes and says yes.

    python benchmarks/sink.py [--delay-ms N] [--bytes-per-s N] [--tls CERTIFICATE KEY]
                              [--pattern FILE]

Prints its URL.  It checks nothing and keeps nothing, so that a measurement shows the client.
What is asked back is the content of FILE, over and over, as long as what was stored: store a file
made that way, and it comes back.
``--delay-ms`` holds each answer back; ``--bytes-per-s`` bounds each connection, as long lines do.
"""

import argparse
import json
import os
import re
import secrets
import socket
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from glaciercli.core.treehash import combine

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


class Pattern:
    """Content without end: the MiB of one file, over and over."""

    def __init__(self, path: str) -> None:
        self.file = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self.file).st_size
        pieces = (
            os.pread(self.file, _WINDOW_BYTES, at) for at in range(0, self.size, _WINDOW_BYTES)
        )
        self._leaves = [sha256(piece).digest() for piece in pieces]

    def tree_hash(self, span: range) -> str:
        """Return the tree hash of a stretch of whole MiB."""
        first, stop = span.start // _WINDOW_BYTES, -(-span.stop // _WINDOW_BYTES)
        return combine([self._leaves[one % len(self._leaves)] for one in range(first, stop)]).hex()


class Shelf:
    """How long each archive is, and which jobs have been asked for."""

    def __init__(self, pattern: Pattern | None) -> None:
        self.pattern = pattern
        self.sizes: dict[str, int] = {}
        self._jobs: dict[str, dict[str, object]] = {}

    def ask(self, wanted: Mapping[str, str]) -> str:
        """Start a job for an archive, which is ready at once; return its ID."""
        job, size = secrets.token_urlsafe(69), self.sizes[wanted["ArchiveId"]]
        self._jobs[job] = {
            "Action": "ArchiveRetrieval",
            "ArchiveId": wanted["ArchiveId"],
            "ArchiveSizeInBytes": size,
            "Completed": True,
            "CompletionDate": _VAULT["CreationDate"],
            "CreationDate": _VAULT["CreationDate"],
            "JobDescription": wanted.get("Description"),
            "JobId": job,
            "RetrievalByteRange": f"0-{size - 1}",
            "StatusCode": "Succeeded",
            "StatusMessage": "Succeeded",
            "Tier": "Standard",
            "VaultARN": _VAULT["VaultARN"],
        }
        return job

    def listed(self) -> dict[str, object]:
        """Return the page that lists the jobs."""
        return {"JobList": list(self._jobs.values()), "Marker": None}

    def size_of(self, job: str) -> int:
        """Return how long a job's output is."""
        return self.sizes[str(self._jobs[job]["ArchiveId"])]


class Connection:
    """One client on one socket."""

    def __init__(self, stream: socket.socket, line: Line, shelf: Shelf) -> None:
        self._stream = stream
        self._line = line
        self._shelf = shelf
        self._window = memoryview(bytearray(_WINDOW_BYTES))
        self._rest = b""

    def serve(self) -> None:
        """Answer requests until the client goes away."""
        with self._stream:
            while head := self._read_head():
                method, path, fields = _parsed(head)
                size = int(fields.get("content-length", "0"))
                body = self._read(size) if path.endswith("/jobs") else b""
                self._drop(size - len(body))
                time.sleep(self._line.delay_s)
                if path.endswith("/output"):
                    self._give(path.split("/")[-2], fields.get("range"))
                else:
                    self._stream.sendall(self._answer(method, path, fields, body))

    def _read_head(self) -> bytes:
        head = self._rest
        while b"\r\n\r\n" not in head:
            more = self._stream.recv(_HEAD_BYTES)
            if not more:
                return b""
            head += more
        head, _, self._rest = head.partition(b"\r\n\r\n")
        return head

    def _read(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._rest += self._stream.recv(_HEAD_BYTES)
        body, self._rest = self._rest[:size], self._rest[size:]
        return body

    def _give(self, job: str, asked: str | None) -> None:
        """Send a stretch of an output, or all of it."""
        pattern, size = self._shelf.pattern, self._shelf.size_of(job)
        assert pattern is not None
        first, last = (int(one) for one in (asked or f"=0-{size - 1}").partition("=")[2].split("-"))
        span = range(first, min(last + 1, size))
        fields = {_TREE_HASH: pattern.tree_hash(span), "Content-Length": str(len(span))}
        if asked:
            fields["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
        self._stream.sendall(_head(206 if asked else 200, fields))
        at = span.start
        while at < span.stop:
            begin = at % pattern.size
            many = min(pattern.size - begin, span.stop - at)
            at += os.sendfile(self._stream.fileno(), pattern.file, begin, many)

    def _answer(self, method: str, path: str, fields: Mapping[str, str], body: bytes) -> bytes:
        if body:
            return _said(202, {"x-amz-job-id": self._shelf.ask(json.loads(body))})
        if method == "GET" and path.endswith("/jobs"):
            return _said(200, {}, self._shelf.listed())
        said = _answer(method, path, fields)
        archive = re.search(rb"x-amz-archive-id: (\S+)", said)
        if archive:
            size = fields.get("x-amz-archive-size") or fields["content-length"]
            self._shelf.sizes[archive[1].decode()] = int(size)
        return said

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
    # RFC 9110, section 8.6: a 204 has no length.
    length = {} if status == 204 else {"Content-Length": str(len(body))}  # noqa: PLR2004
    return _head(status, {**fields, **length, "Content-Type": "application/json"}) + body


def _head(status: int, fields: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} OK", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def _serve(
    stream: socket.socket, line: Line, shelf: Shelf, security: ssl.SSLContext | None
) -> None:
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        if security is not None:
            stream = security.wrap_socket(stream, server_side=True)
        Connection(stream, line, shelf).serve()
    except OSError:
        # A client that is done just closes.
        return


def main() -> None:
    """Serve until killed."""
    options = argparse.ArgumentParser()
    options.add_argument("--delay-ms", type=float, default=0)
    options.add_argument("--bytes-per-s", type=float)
    options.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    options.add_argument("--pattern", metavar="FILE")
    given = options.parse_args()
    security = None
    if given.tls:
        security = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        security.load_cert_chain(*given.tls)
    shelf = Shelf(Pattern(given.pattern) if given.pattern else None)
    line = Line(delay_s=given.delay_ms / 1000, bytes_per_s=given.bytes_per_s)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        scheme = "https" if security else "http"
        print(f"{scheme}://localhost:{listening.getsockname()[1]}", flush=True)  # noqa: T201
        while True:
            stream, _ = listening.accept()
            given_to = (stream, line, shelf, security)
            threading.Thread(target=_serve, args=given_to, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
