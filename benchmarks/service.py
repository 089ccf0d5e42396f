"""The embedded service over HTTP: its speed, its memory, and its answers beside slow clients."""

import hashlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

from programs import GIB, MIB, Served, fill, serving, table

from glaciercli.core.treehash import TreeHasher, combine
from glaciercli.server.http.limits import raise_open_files

_ROUNDS = 5
_PARTS = 8
_PART_BYTES = 512 * MIB
_SLOW = 1000
_ASKED = 300
_VERSION = {"x-amz-glacier-version": "2012-06-01"}

# Takes a stream from a socket to a file, computes both hashes, and answers after fsync.
_SINK = """
import hashlib, os, socket, sys
from glaciercli.core.treehash import TreeHasher
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
window = memoryview(bytearray(1024 * 1024))
while True:
    connection, _ = listener.accept()
    linear, leaves = hashlib.sha256(), TreeHasher()
    with connection, open(sys.argv[1], "wb", buffering=0) as file:
        while count := connection.recv_into(window):
            linear.update(window[:count])
            leaves.update(window[:count])
            file.write(window[:count])
        os.fsync(file.fileno())
        connection.sendall(linear.digest() + leaves.tree_digest())
    os.unlink(sys.argv[1])
"""


def throughput(scratch: Path) -> list[str]:
    """Compare one upload with a bare copy of the same bytes that does the same work."""
    source = scratch / "one.bin"
    fill(source, GIB)
    bare, uploaded, down, cpu = [], [], [], []
    with serving(scratch / "throughput") as server, _sink(scratch / "sink") as port:
        headers = {**_hashes(source), "Content-Length": str(GIB)}
        _ask(server, "PUT", "/-/vaults/v")
        for _ in range(_ROUNDS):
            bare.append(_copied(source, port))
            before, begun = server.cpu_s(), time.perf_counter()
            with open(source, "rb") as body:
                sent = _ask(server, "POST", "/-/vaults/v/archives", body, headers)
            uploaded.append(time.perf_counter() - begun)
            cpu.append(server.cpu_s() - before)
            begun = time.perf_counter()
            _drain(server, _retrieved(server, sent.headers["x-amz-archive-id"]))
            down.append(time.perf_counter() - begun)
    ratio = statistics.median(one / other for one, other in zip(bare, uploaded, strict=True))
    rows = [
        ("bare copy with both hashes and fsync", f"{_mib_s(bare)}", "1.00", ""),
        ("upload", f"{_mib_s(uploaded)}", f"{ratio:.2f}", f"{statistics.median(cpu):.1f}"),
        ("job output", f"{_mib_s(down)}", "", ""),
    ]
    title = f"Service: one stream of 1 GiB over loopback, median of {_ROUNDS}"
    return table(title, ("what", "MiB/s", "x bare copy, median of the rounds", "CPU s"), rows)


def service_memory(scratch: Path) -> list[str]:
    """Note the peak memory of the service for eight parts at once, written and read."""
    source, place = scratch / "part.bin", scratch / "memory"
    fill(source, _PART_BYTES)
    with serving(place) as server:
        begun = time.perf_counter()
        archive_id = _built(server, source)
        written = (str(server.peak_mib()), f"{time.perf_counter() - begun:.1f}")
    with serving(place) as server:
        location = _retrieved(server, archive_id)
        begun = time.perf_counter()
        spans = [f"bytes={n * _PART_BYTES}-{(n + 1) * _PART_BYTES - 1}" for n in range(_PARTS)]
        with ThreadPoolExecutor(_PARTS) as pool:
            list(pool.map(lambda span: _drain(server, location, span), spans))
        read = (str(server.peak_mib()), f"{time.perf_counter() - begun:.1f}")
    rows = [("eight parts of 512 MiB written", *written), ("the same read", *read)]
    return table("Service: peak resident set of its process", ("what", "MiB", "wall s"), rows)


def slow_clients(scratch: Path) -> list[str]:
    """Time small requests beside a thousand clients that stall."""
    raise_open_files()
    source = scratch / "slow.bin"
    fill(source, 4 * MIB)
    rows = []
    with serving(scratch / "slow") as server:
        _ask(server, "PUT", "/-/vaults/v")
        for name, sent in _stalled(server, source).items():
            with ExitStack() as stack:
                for _ in range(_SLOW if sent else 0):
                    stack.enter_context(closing(_connected(server, sent)))
                # What they asked for has been done; from here on they only stall.
                time.sleep(5)
                rows.append((name, *_answer_times(server)))
    title = f"Service: answers beside {_SLOW} slow clients, {_ASKED} times, in ms"
    return table(title, ("slow clients", "GET p50", "p99", "upload p50", "p99"), rows)


def _stalled(server: Served, source: Path) -> dict[str, bytes]:
    body = source.read_bytes()
    headers = {**_VERSION, **_hashes(source), "Content-Length": str(len(body))}
    sent = _ask(server, "POST", "/-/vaults/v/archives", body, headers)
    output = _retrieved(server, sent.headers["x-amz-archive-id"])
    upload = _head("POST /-/vaults/v/archives", headers) + b"\r\n"
    return {
        "none": b"",
        "stall in the head": _head("GET /-/vaults/v", _VERSION),
        "stall before the body": upload,
        "stall after 1 MiB": upload + body[:MIB],
        "read nothing of an output": _head(f"GET {output}/output", _VERSION) + b"\r\n",
    }


def _head(line: str, headers: dict[str, str]) -> bytes:
    lines = [f"{line} HTTP/1.1", "Host: x", *(f"{name}: {headers[name]}" for name in headers), ""]
    return "\r\n".join(lines).encode("ascii")


def _answer_times(server: Served) -> tuple[str, ...]:
    small = b"small"
    digests = {
        "x-amz-content-sha256": hashlib.sha256(small).hexdigest(),
        "x-amz-sha256-tree-hash": hashlib.sha256(small).hexdigest(),
    }
    asked, sent = [], []
    for _ in range(_ASKED):
        asked.append(_timed(server, "GET", "/-/vaults/v"))
        sent.append(_timed(server, "POST", "/-/vaults/v/archives", small, digests))
    return (*_percentiles(asked), *_percentiles(sent))


def _timed(server: Served, *request: object) -> float:
    begun = time.perf_counter()
    _ask(server, *request)  # type: ignore[arg-type]
    return (time.perf_counter() - begun) * 1000


def _percentiles(times: list[float]) -> tuple[str, str]:
    cuts = statistics.quantiles(times, n=100)
    return f"{cuts[49]:.1f}", f"{cuts[98]:.1f}"


def _mib_s(seconds: list[float]) -> str:
    return f"{GIB / MIB / statistics.median(seconds):.0f}"


def _hashes(path: Path) -> dict[str, str]:
    linear, leaves = hashlib.sha256(), TreeHasher()
    with open(path, "rb") as file:
        while piece := file.read(MIB):
            linear.update(piece)
            leaves.update(piece)
    return {
        "x-amz-content-sha256": linear.hexdigest(),
        "x-amz-sha256-tree-hash": leaves.tree_digest().hex(),
    }


@contextmanager
def _sink(path: Path) -> Iterator[int]:
    command = [sys.executable, "-c", _SINK, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def _copied(source: Path, port: int) -> float:
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection, open(source, "rb") as file:
        while piece := file.read(MIB):
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(64)
    return time.perf_counter() - begun


def _connected(server: Served, sent: bytes) -> socket.socket:
    parts = urlsplit(server.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    connection.connect((parts.hostname, parts.port))
    connection.sendall(sent)
    return connection


def _open(server: Served) -> HTTPConnection:
    parts = urlsplit(server.url)
    return HTTPConnection(parts.hostname or "", parts.port, blocksize=MIB)


def _ask(
    server: Served,
    method: str,
    target: str,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> HTTPResponse:
    with closing(_open(server)) as connection:
        connection.request(method, target, body, {**_VERSION, **(headers or {})})  # type: ignore[arg-type]
        answer = connection.getresponse()
        said = answer.read()
    if answer.status >= 300:  # noqa: PLR2004
        message = f"{method} {target}: {said!r}"
        raise RuntimeError(message)
    return answer


def _retrieved(server: Served, archive_id: str) -> str:
    wish = json.dumps({"Type": "archive-retrieval", "ArchiveId": archive_id}).encode()
    return str(_ask(server, "POST", "/-/vaults/v/jobs", wish).headers["location"])


def _drain(server: Served, location: str, span: str = "") -> None:
    with closing(_open(server)) as connection:
        connection.request("GET", f"{location}/output", headers={**_VERSION, "Range": span})
        answer = connection.getresponse()
        while answer.read(MIB):
            pass


def _built(server: Served, source: Path) -> str:
    """Store an archive of eight equal parts, sent at once, and return its ID."""
    _ask(server, "PUT", "/-/vaults/v")
    target = "/-/vaults/v/multipart-uploads"
    opened = _ask(server, "POST", target, headers={"x-amz-part-size": str(_PART_BYTES)})
    target += "/" + str(opened.headers["x-amz-multipart-upload-id"])
    hashes = _hashes(source)

    def send(number: int) -> None:
        start = number * _PART_BYTES
        span = {"Content-Range": f"bytes {start}-{start + _PART_BYTES - 1}/*"}
        size = {"Content-Length": str(os.path.getsize(source))}
        with open(source, "rb") as body:
            _ask(server, "PUT", target, body, {**hashes, **span, **size})

    with ThreadPoolExecutor(_PARTS) as pool:
        list(pool.map(send, range(_PARTS)))
    tree_hash = combine([bytes.fromhex(hashes["x-amz-sha256-tree-hash"])] * _PARTS).hex()
    size = {"x-amz-archive-size": str(_PARTS * _PART_BYTES), "x-amz-sha256-tree-hash": tree_hash}
    return str(_ask(server, "POST", target, headers=size).headers["x-amz-archive-id"])
