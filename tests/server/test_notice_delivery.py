"""The thread that delivers: it goes on whatever happens, and stops when it is told to."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from glaciercli.server.notices.delivery import NoticeDelivery
from glaciercli.server.notices.messages import Notice
from glaciercli.server.notices.outbox import Outbox
from glaciercli.server.notices.receivers import Receiver, UrlReceiver
from tests.server.conftest import Bench
from tests.server.endpoint import Endpoint, listening
from tests.server.payloads import VAULT, retrieve, upload

TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with listening() as found:
        yield found


def delivery(bench: Bench, receiver: Receiver) -> NoticeDelivery:
    return NoticeDelivery(Outbox(bench.application.service, "0" * 12, receiver), poll_s=0.01)


def wait_until(come: Callable[[], bool]) -> None:
    """Return once something has come about; fail after a while."""
    pause = threading.Event()
    for _ in range(1000):
        if come():
            return
        pause.wait(0.01)
    raise AssertionError


def job(bench: Bench) -> str:
    bench.client.create_vault(vaultName=VAULT)
    return retrieve(bench.client, upload(bench.client, b"x"), SNSTopic=TOPIC)


def test_jobs_are_told_of_while_requests_are_served(http: Bench, endpoint: Endpoint) -> None:
    with delivery(http, UrlReceiver(endpoint.url)):
        for number in range(1, 4):
            job(http)
            wait_until(lambda count=number: len(endpoint.received) == count)  # type: ignore[misc]
    job(http)
    assert len(endpoint.received) == 3


def test_an_endpoint_that_does_not_answer_holds_up_nobody(http: Bench, endpoint: Endpoint) -> None:
    endpoint.answering.clear()
    with delivery(http, UrlReceiver(endpoint.url)):
        job(http)
        wait_until(lambda: len(endpoint.received) == 1)
        for _ in range(3):
            job(http)
        begun = time.monotonic()
    # Not even who stops the server waits for its answer.
    assert time.monotonic() - begun < 5
    endpoint.answering.set()
    with delivery(http, UrlReceiver(endpoint.url)):
        wait_until(lambda: len({one.body for one in endpoint.received}) == 4)


class _BreaksOnce:
    """A receiver with a fault that nobody thought of."""

    def __init__(self) -> None:
        self.broken = False
        self.taken: list[Notice] = []

    async def deliver(self, notice: Notice) -> None:
        if not self.broken:
            self.broken = True
            raise RuntimeError("nobody thought of this")
        self.taken.append(notice)


def test_a_fault_in_one_round_does_not_end_the_thread(
    http: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = _BreaksOnce()
    with delivery(http, receiver):
        job(http)
        wait_until(lambda: len(receiver.taken) == 1)
    assert "nobody thought of this" in caplog.text
