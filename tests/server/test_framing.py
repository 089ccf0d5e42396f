"""Hostile and sloppy HTTP: a clean refusal or a right answer, never half an archive."""

import socket
from pathlib import Path

import pytest

from tests.server.conftest import Bench, OpenBench
from tests.server.raw_http import ask, exchange, open_anonymous, statuses, upload_head
from tests.server.test_archives import stored_files

BODY = b"12345"


@pytest.fixture
def bench(open_bench: OpenBench) -> Bench:
    bench = open_anonymous(open_bench)
    assert ask(bench, "PUT", "/-/vaults/v").status == 201
    return bench


def archives(bench: Bench) -> int:
    return int(ask(bench, "GET", "/-/vaults/v").json["NumberOfArchives"])


def connected(bench: Bench) -> socket.socket:
    host, _, port = bench.url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=5)


NEXT = b"DELETE /-/vaults/w HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n"


@pytest.mark.covers("E4")
@pytest.mark.parametrize(
    "framing",
    [
        ("Content-Length: -5",),
        ("Content-Length: +5",),
        ("Content-Length: 5, 5",),
        ("Content-Length: 5 5",),
        ("Content-Length: ",),
        ("Content-Length: 5", "Content-Length: 5"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: " + "9" * 30,),
        ("Content-Length: 0x5",),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "Transfer-Encoding: identity"),
        ("Content-Length: 5", "Transfer-Encoding: xchunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "Host: y"),
        ("Content-Length: 5", "Expect: coffee"),
        ("Content-Length: 5", "x-long: " + "a" * 1024 * 1024),
        ("Content-Length: 5", *(f"x-{number}: a" for number in range(10_000))),
        ("Content-Length: 5", "x-amz-archive-description: nul\0byte"),
        ("Content-Length: 5", "x-amz-archive-description: bare\rreturn"),
        ("Content-Length: 5", "x-amz-archive-description: con\x01trol"),
        ("Content-Length: 5\nx-bare: line feed",),
        ("Content-Length : 5",),
        ("Content-Length: 5", ": no name"),
        ("Content-Length: 5", " folded: line"),
    ],
)
def test_bad_framing_is_refused_in_json_and_nothing_after_it_is_done(
    bench: Bench, framing: tuple[str, ...]
) -> None:
    assert ask(bench, "PUT", "/-/vaults/w").status == 201
    answer = exchange(bench, upload_head(BODY, *framing) + BODY + NEXT)
    assert statuses(answer) == [400]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nx-amzn-RequestId: " in head
    assert b"\r\nConnection: close" in head
    assert body.startswith(b'{"code":"BadRequest","message":"')
    assert ask(bench, "GET", "/-/vaults/w").status == 200
    assert archives(bench) == 0
    assert stored_files(bench.data_dir) == []


@pytest.mark.covers("E4")
def test_a_smuggled_second_request_is_not_answered(bench: Bench) -> None:
    smuggled = (
        b"DELETE /-/vaults/v HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n"
    )
    head = upload_head(BODY, "Content-Length: 5", "Transfer-Encoding: chunked")
    exchange(bench, head + b"0\r\n\r\n" + smuggled, half_close=True)
    assert ask(bench, "GET", "/-/vaults/v").status == 200


@pytest.mark.covers("E5")
@pytest.mark.parametrize("half_close", [True, False])
def test_a_body_cut_short_stores_nothing(bench: Bench, *, half_close: bool) -> None:
    head = upload_head(BODY, "Content-Length: 6")
    answer = exchange(bench, head + BODY, half_close=half_close, wait_s=0.3)
    assert not any(200 <= status < 300 for status in statuses(answer))
    assert archives(bench) == 0


def test_two_requests_on_one_connection_are_answered_in_order(bench: Bench) -> None:
    one = upload_head(BODY, f"Content-Length: {len(BODY)}") + BODY
    answer = exchange(bench, one + one + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert statuses(answer) == [201, 201, 400]
    assert archives(bench) == 2


@pytest.mark.parametrize("count", [1, 2, 10])
@pytest.mark.parametrize("body", [b"", b"{}"])
def test_junk_does_not_spoil_the_sound_requests_before_it(
    bench: Bench, count: int, body: bytes
) -> None:
    fields = ("Host: x", f"Content-Length: {len(body)}")
    sound = [head(f"PUT /-/vaults/w{number} HTTP/1.1", *fields) + body for number in range(count)]
    answer = exchange(bench, b"".join(sound) + b"\0 junk\r\n\r\n" + CLOSING)
    assert statuses(answer) == [201] * count + [400]
    assert len(ask(bench, "GET", "/-/vaults").json["VaultList"]) == min(count + 1, 10)


def test_what_comes_behind_a_polite_close_is_not_done(bench: Bench) -> None:
    assert statuses(exchange(bench, CLOSING + NEXT)) == [200]
    assert statuses(exchange(bench, CLOSING + b"junk")) == [200]


@pytest.mark.parametrize("chunk", [b"ZZ\r\n\r\n", b"-1\r\n\r\n", b"0\n\n", b"2\r\n{}junk\r\n"])
@pytest.mark.parametrize("line", ["PUT /-/vaults/w HTTP/1.1", "POST /-/vaults/v/jobs HTTP/1.1"])
def test_a_body_that_is_framed_wrongly_is_refused_at_once_when_it_comes_later(
    bench: Bench, line: str, chunk: bytes
) -> None:
    with connected(bench) as connection:
        connection.sendall(head(line, "Host: x", "Transfer-Encoding: chunked"))
        # By this answer the head has been read, since it came before.
        ask(bench, "GET", "/-/vaults/v")
        connection.sendall(chunk + CLOSING)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert statuses(answer) == [400]
    assert b'"code":"BadRequest"' in answer
    assert ask(bench, "GET", "/-/vaults/w").status == 404


def test_a_refused_upload_leaves_the_connection_in_step(bench: Bench) -> None:
    lost = upload_head(BODY, f"Content-Length: {len(BODY)}", vault="nothing") + BODY
    good = upload_head(BODY, f"Content-Length: {len(BODY)}", "Connection: close") + BODY
    assert statuses(exchange(bench, lost + good)) == [404, 201]


def test_the_body_is_invited_only_once_the_head_is_fine(bench: Bench) -> None:
    framing = (f"Content-Length: {len(BODY)}", "Expect: 100-continue")
    good = upload_head(BODY, *framing, "Connection: close")
    assert statuses(exchange(bench, good + BODY)) == [100, 201]
    # Nobody can tell whether what comes next is the body or another request.
    refused = exchange(bench, upload_head(BODY, *framing, vault="nothing") + CLOSING)
    assert statuses(refused) == [404]
    assert b"\r\nConnection: close" in refused


def test_a_wrong_method_line_is_refused_in_json(bench: Bench) -> None:
    answer = exchange(bench, b"NONSENSE\r\n\r\n")
    assert statuses(answer) == [400]
    assert b"x-amzn-RequestId" in answer
    assert b'"code":"BadRequest"' in answer


GLACIER = "x-amz-glacier-version: 2012-06-01"
CLOSING = f"GET /-/vaults/v HTTP/1.1\r\nHost: x\r\n{GLACIER}\r\nConnection: close\r\n\r\n".encode()


def head(line: str, *fields: str) -> bytes:
    return "\r\n".join([line, *fields, GLACIER, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    "sent",
    [
        head("GET /-/vaults/v HTTP/1.1"),
        head("GET /-/vaults/v HTTP/2.0", "Host: x"),
        head("GET /-/vaults/v HTTP/1.9", "Host: x"),
        b"GET /-/vaults/v\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        bytes.fromhex("16030100c8010000c40303") + bytes(190),
        head("GET /-/vaults/v HTTP/1.1", "Host: x").replace(b"\r\n", b"\n"),
        head("GET /" + "a" * 20_000 + " HTTP/1.1", "Host: x"),
        head("GET /-/vaults/\xfc HTTP/1.1", "Host: x"),
        head("GET /-/vaults/a\0b HTTP/1.1", "Host: x"),
        head("GET /-/vaults/v x HTTP/1.1", "Host: x"),
        head("GET -/vaults/v HTTP/1.1", "Host: x"),
        head("PUT /-/vaults/w HTTP/1.1", "Host: x", "Transfer-Encoding: chunked") + b"ZZ\r\n\r\n",
        head("PUT /-/vaults/w HTTP/1.1", "Host: x", "Transfer-Encoding: chunked") + b"-1\r\n\r\n",
        head("PUT /-/vaults/w HTTP/1.1", "Host: x", "Transfer-Encoding: chunked") + b"0\n\n",
        upload_head(BODY, "Transfer-Encoding: chunked").replace(b"HTTP/1.1", b"HTTP/1.0")
        + b"5\r\n12345\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_one_refusal_and_the_end(bench: Bench, sent: bytes) -> None:
    answer = exchange(bench, sent + CLOSING)
    assert answer.count(b"HTTP/") == 1
    assert statuses(answer) == [400]
    assert b"x-amzn-RequestId" in answer
    assert ask(bench, "GET", "/-/vaults/w").status == 404


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (head("GET http://x:80/-/vaults/v HTTP/1.1", "Host: x"), 200),
        (head("GET https://x/-/vaults/v HTTP/1.1", "Host: x"), 400),
        (head("GET /-/vaults/v HTTP/1.0", "Connection: keep-alive"), 200),
        (head("GET /-/vaults/v HTTP/1.1", "Host: x", "TE: trailers", "Connection: TE"), 200),
        (head("GET /-/vaults/v HTTP/1.1", "Host: x", "Content-Length: 5") + BODY, 200),
        (head("HEAD /-/vaults/v HTTP/1.1", "Host: x"), 400),
        (head("OPTIONS * HTTP/1.1", "Host: x"), 400),
        (head("TRACE / HTTP/1.1", "Host: x"), 400),
        (head("CONNECT x:443 HTTP/1.1", "Host: x"), 400),
        (head("PUT /-/vaults/w HTTP/1.1", "Host: x"), 201),
        (
            head("PUT /-/vaults/w HTTP/1.1", "Host: x", "Transfer-Encoding: chunked")
            + b"0\r\n\r\n",
            201,
        ),
        (upload_head(BODY, "Transfer-Encoding: chunked") + b"5\r\n12345\r\n0\r\n\r\n", 400),
        (upload_head(BODY, "Content-Length: 5", "Content-Encoding: gzip") + BODY, 201),
    ],
)
def test_what_is_unusual_is_answered_and_the_next_request_too(
    bench: Bench, sent: bytes, status: int
) -> None:
    answer = exchange(bench, sent + CLOSING)
    assert statuses(answer) == [status, 200]
    assert answer.count(b"x-amzn-RequestId") == 2
    assert answer.count(b"\r\nServer: glaciercli/") == 2


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.0"])
def test_another_protocol_is_declined_and_the_connection_ends(bench: Bench, protocol: str) -> None:
    offer = ("Host: x", "Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}")
    answer = exchange(bench, head("GET /-/vaults/v HTTP/1.1", *offer))
    assert statuses(answer) == [200]
    assert b"\r\nConnection: close" in answer


def test_a_polite_close_is_obeyed(bench: Bench) -> None:
    sent = head("GET /-/vaults/v HTTP/1.1", "Host: x", "TE: trailers", "Connection: TE, close")
    answer = exchange(bench, sent, wait_s=10)
    assert statuses(answer) == [200]
    assert b"Connection: close" in answer


def test_an_answer_to_head_has_no_body(bench: Bench) -> None:
    sent = head("HEAD /-/vaults/v HTTP/1.1", "Host: x", "Connection: close")
    assert exchange(bench, sent).endswith(b"\r\n\r\n")


def test_an_old_client_is_not_invited(bench: Bench) -> None:
    sent = upload_head(BODY, "Content-Length: 5", "Expect: 100-continue") + BODY
    assert statuses(exchange(bench, sent.replace(b"HTTP/1.1", b"HTTP/1.0"))) == [201]


def names_on_disk(place: Path) -> set[str]:
    found = {str(path.relative_to(place)) for path in place.rglob("*")}
    return {name for name in found if not name.endswith("-journal")}


@pytest.mark.covers("E1")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
@pytest.mark.parametrize(
    "name",
    [
        "../../etc",
        "%2e%2e%2f%2e%2e",
        "..%2F..%2Fx",
        "%00",
        "..\\..\\x",
        "%5c..%5c",
        "%ff%fe",
        "a" * 8000,
        "%252e%252e",
        "/etc/passwd",
        "%0d%0aX:%20y",
    ],
)
def test_no_name_in_a_path_leads_anywhere_on_the_disk(bench: Bench, method: str, name: str) -> None:
    before = names_on_disk(bench.data_dir.parent)
    for path in (
        f"/-/vaults/{name}",
        f"/{name}/vaults/v",
        f"/-/vaults/v/archives/{name}",
        f"/-/vaults/v/multipart-uploads/{name}",
        f"/-/vaults/v/jobs/{name}/output",
    ):
        sent = head(f"{method} {path} HTTP/1.1", "Host: x", "Connection: close")
        answer = exchange(bench, sent)
        # Deleting a vault that does not exist is no error.
        assert statuses(answer)[0] in {204, 400, 403, 404}
        assert b"\r\nX: y" not in answer
    assert names_on_disk(bench.data_dir.parent) == before
    assert archives(bench) == 0


@pytest.mark.parametrize("name", [".", ".."])
def test_dots_are_names_like_others(bench: Bench, name: str) -> None:
    for method, status in (("PUT", 201), ("GET", 200), ("DELETE", 204)):
        sent = head(f"{method} /-/vaults/{name} HTTP/1.1", "Host: x", "Connection: close")
        assert statuses(exchange(bench, sent)) == [status]


@pytest.mark.parametrize("framing", ["Content-Length: 1048577", "Transfer-Encoding: chunked"])
def test_a_document_is_bounded(bench: Bench, framing: str) -> None:
    body = b" " * (1024 * 1024 + 1)
    if "chunked" in framing:
        body = b"100001\r\n" + body + b"\r\n0\r\n\r\n"
    sent = head("POST /-/vaults/v/jobs HTTP/1.1", "Host: x", framing, "Connection: close") + body
    answer = exchange(bench, sent, wait_s=10)
    assert statuses(answer) == [400]
    assert b"The request body is too long." in answer


def test_content_of_more_than_4_gib_is_refused_before_it_is_sent(bench: Bench) -> None:
    framing = ("Content-Length: 4294967297", "Expect: 100-continue")
    answer = exchange(bench, upload_head(BODY, *framing), until=b"}")
    assert statuses(answer) == [400]
    assert b"Invalid Content-Length: 4294967297" in answer
