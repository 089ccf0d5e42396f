"""Hostile and sloppy HTTP: a clean refusal or a right answer, never half an archive."""

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


@pytest.mark.parametrize(
    "framing",
    [
        ("Content-Length: -5",),
        ("Content-Length: +5",),
        ("Content-Length: 5, 5",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: " + "9" * 30,),
        ("Content-Length: 0x5",),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "x-long: " + "a" * 1024 * 1024),
        ("Content-Length: 5", *(f"x-{number}: a" for number in range(10_000))),
        ("Content-Length: 5", "x-amz-archive-description: nul\0byte"),
        ("Content-Length: 5\nx-bare: line feed",),
        ("Content-Length : 5",),
        ("Content-Length: 5", " folded: line"),
    ],
)
def test_bad_framing_is_refused_and_stores_nothing(bench: Bench, framing: tuple[str, ...]) -> None:
    answer = exchange(bench, upload_head(BODY, *framing) + BODY, half_close=True)
    assert statuses(answer) in ([400], [])
    assert answer == b"" or b'"code":"' in answer
    assert archives(bench) == 0
    assert stored_files(bench.data_dir) == []


def test_a_smuggled_second_request_is_not_answered(bench: Bench) -> None:
    smuggled = (
        b"DELETE /-/vaults/v HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n"
    )
    head = upload_head(BODY, "Content-Length: 5", "Transfer-Encoding: chunked")
    exchange(bench, head + b"0\r\n\r\n" + smuggled, half_close=True)
    assert ask(bench, "GET", "/-/vaults/v").status == 200


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


def test_a_refused_upload_leaves_the_connection_in_step(bench: Bench) -> None:
    lost = upload_head(BODY, f"Content-Length: {len(BODY)}", vault="nothing") + BODY
    good = upload_head(BODY, f"Content-Length: {len(BODY)}", "Connection: close") + BODY
    assert statuses(exchange(bench, lost + good)) == [404, 201]


def test_the_body_is_invited_only_once_the_head_is_fine(bench: Bench) -> None:
    framing = (f"Content-Length: {len(BODY)}", "Expect: 100-continue", "Connection: close")
    assert statuses(exchange(bench, upload_head(BODY, *framing) + BODY)) == [100, 201]
    refused = exchange(bench, upload_head(BODY, *framing, vault="nothing"), until=b"}")
    assert statuses(refused) == [404]
    assert b"Connection: close" in refused


def test_a_wrong_method_line_is_refused_in_json(bench: Bench) -> None:
    answer = exchange(bench, b"NONSENSE\r\n\r\n")
    assert statuses(answer) == [400]
    assert b"x-amzn-RequestId" in answer
    assert b'"code":"BadRequest"' in answer
