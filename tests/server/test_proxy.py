"""The line of the tests goes wrong as it says; a tool that did not would prove nothing."""

import time
from http.client import IncompleteRead

import pytest

from tests.proxy import Fate, Proxy, Trouble, proxied
from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import content
from tests.server.raw_http import Answer, Remote, ask, exchange, hashes, open_anonymous

BODY = content(300_000)
#: Behind the head of an answer.
IN_THE_BODY = 100_000


@pytest.fixture
def bench(open_bench: OpenBench) -> Bench:
    bench = open_anonymous(open_bench)
    ask(bench, "PUT", "/-/vaults/v")
    return bench


def output_of(bench: Bench) -> str:
    """Store an archive and return where the output of its job is."""
    sent = ask(bench, "POST", "/-/vaults/v/archives", BODY, **hashes(BODY))
    wish = f'{{"Type":"archive-retrieval","ArchiveId":"{sent.headers["x-amz-archive-id"]}"}}'
    job = ask(bench, "POST", "/-/vaults/v/jobs", wish.encode())
    return job.headers["location"] + "/output"


def through(bench: Bench, fate: Fate | None) -> Answer:
    target = output_of(bench)
    with proxied(bench.url) as proxy:
        proxy.fates.append(fate)
        return ask(Remote(proxy.url), "GET", target)


def test_a_line_without_trouble_hands_everything_on(bench: Bench) -> None:
    assert through(bench, None).body == BODY


def test_a_line_is_cut(bench: Bench) -> None:
    with pytest.raises(IncompleteRead) as caught:
        through(bench, Fate(trouble=Trouble.CUT, after_bytes=IN_THE_BODY))
    assert BODY.startswith(caught.value.partial)


def test_a_line_is_reset(bench: Bench) -> None:
    with pytest.raises(ConnectionResetError):
        through(bench, Fate(trouble=Trouble.RESET, after_bytes=IN_THE_BODY))


def test_a_bit_is_flipped(bench: Bench) -> None:
    got = through(bench, Fate(trouble=Trouble.FLIP, after_bytes=IN_THE_BODY)).body
    assert sum(a != b for a, b in zip(got, BODY, strict=True)) == 1


def test_a_line_is_slow(bench: Bench) -> None:
    begun = time.monotonic()
    slow = Fate(trouble=Trouble.SLOW, after_bytes=0, bytes_per_s=1_000_000)
    assert through(bench, slow).body == BODY
    assert time.monotonic() - begun > 0.25


def test_a_line_stalls_and_the_next_one_does_not(bench: Bench) -> None:
    with proxied(bench.url) as proxy:
        proxy.fates.append(Fate(trouble=Trouble.STALL, after_bytes=10))
        assert len(asked(proxy)) <= 10
        assert asked(proxy).startswith(b"HTTP/1.1 200")
        assert proxy.connections == 2


def asked(proxy: Proxy) -> bytes:
    line = b"GET /-/vaults HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n"
    return exchange(Remote(proxy.url), line, wait_s=0.5)
