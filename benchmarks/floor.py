"""The least that a transfer costs this machine: hashes and a socket, in Python as lean as it goes.

    python benchmarks/floor.py up FILE URL
    python benchmarks/floor.py down URL PATH FILE

Up, each byte is hashed twice, as the service demands, and sent; down, it is received, hashed once
and written.  Two threads, no retries, no questions: nothing that a tool needs is in it.
"""

import http.client
import os
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from urllib.parse import urlsplit

_MIB = 1024**2
_PART_BYTES = 16 * _MIB
_RANGE_BYTES = 32 * _MIB
_SENT_BYTES = 256 * 1024
_THREADS = 2


def upload(file: str, url: str) -> None:
    """Hash and send a file in parts."""
    source = os.open(file, os.O_RDONLY)

    def send(connection: http.client.HTTPConnection, window: memoryview, span: range) -> None:
        linear, at = sha256(), span.start
        while at < span.stop:
            got = os.preadv(source, [window[: span.stop - at]], at)
            linear.update(window[:got])
            sha256(window[:got]).digest()
            at += got
        connection.putrequest("PUT", "/-/vaults/bench/multipart-uploads/floor")
        connection.putheader("Content-Length", str(len(span)))
        connection.putheader("x-amz-content-sha256", linear.hexdigest())
        connection.endheaders()
        at = span.start
        while at < span.stop:
            got = os.preadv(source, [window[: min(_SENT_BYTES, span.stop - at)]], at)
            connection.send(window[:got])
            at += got
        connection.getresponse().read()

    _in_threads(url, os.path.getsize(file), _PART_BYTES, send)


def download(url: str, path: str, file: str) -> None:
    """Receive a job's output by ranges, hash it and write it."""
    size = _size(url, path)
    target = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.posix_fallocate(target, 0, size)

    def fetch(connection: http.client.HTTPConnection, window: memoryview, span: range) -> None:
        connection.request("GET", path, headers=_asking(span.start, span.stop))
        answer, at = connection.getresponse(), span.start
        while at < span.stop:
            wanted, got = min(_MIB, span.stop - at), 0
            while got < wanted:
                got += answer.readinto(window[got:wanted])
            sha256(window[:got]).digest()
            os.pwrite(target, window[:got], at)
            at += got

    _in_threads(url, size, _RANGE_BYTES, fetch)
    os.fsync(target)


Work = Callable[[http.client.HTTPConnection, memoryview, range], None]


def _in_threads(url: str, size: int, step: int, work: Work) -> None:
    spans = (range(start, min(size, start + step)) for start in range(0, size, step))
    lock = threading.Lock()

    def run() -> None:
        connection, window = _connect(url), memoryview(bytearray(_MIB))
        while (span := _next(spans, lock)) is not None:
            work(connection, window, span)

    threads = [threading.Thread(target=run) for _ in range(_THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def _next(spans: Iterator[range], lock: threading.Lock) -> range | None:
    with lock:
        return next(spans, None)


def _connect(url: str) -> http.client.HTTPConnection:
    where = urlsplit(url)
    assert where.hostname is not None
    if where.scheme == "https":
        trusted = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
        return http.client.HTTPSConnection(where.hostname, where.port, context=trusted)
    return http.client.HTTPConnection(where.hostname, where.port)


def _asking(start: int, stop: int) -> dict[str, str]:
    return {"Range": f"bytes={start}-{stop - 1}", "x-amz-glacier-version": "2012-06-01"}


def _size(url: str, path: str) -> int:
    connection = _connect(url)
    connection.request("GET", path, headers=_asking(0, 1))
    answer = connection.getresponse()
    answer.read()
    return int(answer.headers["Content-Range"].rpartition("/")[2])


if __name__ == "__main__":
    {"up": upload, "down": download}[sys.argv[1]](*sys.argv[2:])
