"""Bytes that are hardly HTTP: each gets a refusal or none at all, and the next request works."""

import json
import logging
from collections import Counter
from random import Random

import pytest

from tests.server.conftest import OpenBench
from tests.server.raw_http import ask, exchange, open_anonymous, statuses

#: A request that succeeds, one line each.
LINES = (
    "GET /-/vaults HTTP/1.1",
    "Host: localhost",
    "x-amz-glacier-version: 2012-06-01",
    "Connection: close",
)
FRAMING = (
    "Content-Length: 5", "Content-Length: 0", "Content-Length: -1", "Content-Length: 5, 5",
    "Content-Length: 9999999999999999999999", "Content-Length: x", "Content-Length: +5",
    "Content-Length : 5", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: identity", "transfer-encoding:chunked", "Expect: 100-continue",
    "Expect: nonsense", "Upgrade: websocket", "Upgrade: h2c", "Connection: keep-alive",
    "Content-Encoding: gzip", " folded: line", "\tfolded", "no colon", ": empty name",
    "Host: other", "Trailer: x", "TE: trailers", "X: " + "y" * 9000, "X\x00Y: z", "X: \x00", "é: é",
)  # fmt: skip
BODIES = (
    b"", b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"5\r\nhel", b"zz\r\nhello\r\n", b"-5\r\nhello\r\n",
    b"FFFFFFFFFFFFFFFFFF\r\n", b"0\r\nX: y\r\n\r\n", b"5;ext=1\r\nhello\r\n0\r\n\r\n", b"\r\n" * 50,
    b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100, b"\xff" * 100,
)  # fmt: skip
FIRST_LINES = (
    "GET / HTTP/1.1", "GET / HTTP/1.0", "GET / HTTP/0.9", "GET / HTTP/2.0", "GET /", "GET", "",
    "GET  /-/vaults  HTTP/1.1", "G\x00T / HTTP/1.1", "PRI * HTTP/2.0", "OPTIONS * HTTP/1.1",
    "CONNECT localhost:80 HTTP/1.1", "GET http://x/-/vaults HTTP/1.1", "GET -/vaults HTTP/1.1",
    "GET /\x80\xff HTTP/1.1", "GET /" + "x" * 9000 + " HTTP/1.1",
    "GET /?" + "&" * 5000 + " HTTP/1.1",
    "PUT /-/vaults/a%0d%0aX:y HTTP/1.1", "POST /-/vaults/v/jobs HTTP/1.1",
    "HEAD /-/vaults HTTP/1.1",
    "POST /-/vaults/v/archives HTTP/1.1", "\x16\x03\x01\x02\x00\x01\x00", "GET /# HTTP/1.1",
)  # fmt: skip
ENDS = ("\n", "\r", "\r\r\n", "\r\n\r\n", "\x00")

REQUESTS = 100


def broken(rng: Random) -> bytes:
    """Return the bytes of a request of which something is broken."""
    lines = list(LINES)
    if rng.random() < 0.4:
        lines[0] = rng.choice(FIRST_LINES)
    for _ in range(rng.choice((0, 1, 1, 2))):
        lines.insert(rng.randrange(1, len(lines) + 1), rng.choice(FRAMING))
    if rng.random() < 0.1:
        del lines[rng.randrange(len(lines))]
    end = rng.choice(ENDS) if rng.random() < 0.1 else "\r\n"
    data = (end.join(lines) + end * 2).encode("latin-1")
    if rng.random() < 0.5:
        data += rng.choice(BODIES)
    if rng.random() < 0.1:
        at = rng.randrange(len(data))
        data = data[:at] + rng.randbytes(rng.randrange(4)) + data[at + rng.randrange(9) :]
    return data


def check(answer: bytes) -> None:
    """Check that all that came back are whole answers, and refusals are the service's own."""
    assert all(status < 500 for status in statuses(answer)), answer
    assert answer == b"" or answer.startswith(b"HTTP/"), answer
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Traceback" not in answer
    if statuses(head)[:1] == [400] and body:
        assert b"application/json" in head, answer
        document, _ = json.JSONDecoder().raw_decode(body.decode())
        assert list(document) == ["code", "message", "type"]


@pytest.mark.covers("E2", "E4")
@pytest.mark.parametrize("seed", range(4))
def test_broken_http_is_refused_and_the_next_request_works(
    open_bench: OpenBench, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    bench = open_anonymous(open_bench)
    rng = Random(seed)  # noqa: S311 - to be repeated, not secret
    seen: Counter[int] = Counter()
    for _ in range(REQUESTS):
        data = broken(rng)
        # Without an end of its own a request is waited for until the client gives up.
        answer = exchange(bench, data, wait_s=0.1)
        try:
            check(answer)
        except AssertionError as error:
            error.add_note(repr(data[:2000]))
            raise
        seen.update(statuses(answer) or [0])
    assert seen[200]
    assert seen[400] > REQUESTS // 10
    assert ask(bench, "GET", "/-/vaults").status == 200
    own = [record for record in caplog.records if record.name.startswith(("glaciercli", "aiohttp"))]
    assert [record for record in own if record.levelno >= logging.ERROR] == []
