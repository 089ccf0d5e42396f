"""The faults of a plan, as clients meet them over HTTP."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException, IncompleteRead
from pathlib import Path
from typing import Any

import pytest

from glaciercli.cli.clock import SystemClock
from glaciercli.server.application import GlacierApplication
from glaciercli.server.faults.application import FaultyApplication
from glaciercli.server.faults.reading import plan_of
from glaciercli.server.http.front import HttpFront
from glaciercli.server.http.limits import Limits
from glaciercli.server.settings import ServiceSettings
from tests.fakes import MovedClock
from tests.server.conftest import START
from tests.server.payloads import content, tree_hash
from tests.server.raw_http import Answer, Remote, ask, hashes

BODY = content(200_000)

LOST: tuple[type[Exception], ...] = (OSError, HTTPException)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service with faults, and its clock."""

    remote: Remote
    clock: MovedClock

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
        return ask(self.remote, method, f"/-/vaults{target}", body, **headers)

    def store(self) -> Answer:
        return self.ask("POST", "/v/archives", BODY, **hashes(BODY))

    def stored(self) -> list[Any]:
        job = self.ask("POST", "/v/jobs", b'{"Type":"inventory-retrieval"}')
        if job.status == 404:
            # Nothing was ever written to the vault.
            return []
        found: list[Any] = ask(self.remote, "GET", job.headers["location"] + "/output").json[
            "ArchiveList"
        ]
        return found

    def brought_back(self) -> Answer:
        self.store()
        (one,) = self.stored()
        wish = f'{{"Type":"archive-retrieval","ArchiveId":"{one["ArchiveId"]}"}}'
        job = self.ask("POST", "/v/jobs", wish.encode())
        return ask(self.remote, "GET", job.headers["location"] + "/output")


Open = Callable[..., Service]


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Open]:
    """Open a service with one fault."""
    with ExitStack() as stack:

        def start(**fault: Any) -> Service:
            clock = MovedClock(START)
            settings = ServiceSettings(verify_signatures=False)
            application = stack.enter_context(
                GlacierApplication.open(tmp_path / "data", clock=clock, settings=settings)
            )
            named = {word.replace("_", "-"): value for word, value in fault.items()}
            plan = plan_of({"fault": [named]})
            spoiled = FaultyApplication(application, plan, clock=clock, sleeper=SystemClock())
            front = stack.enter_context(HttpFront(spoiled, limits=Limits(stop_s=0.1)))
            service = Service(remote=Remote(front.url), clock=clock)
            service.ask("PUT", "/v")
            return service

        yield start


#: The second job's output is the archive's, the first one is the inventory's.
OUTPUT = {"operations": "GetJobOutput", "nth": 2}


def test_a_request_is_refused_before_it_is_carried_out(faulty: Open) -> None:
    service = faulty(do="answer", operations="UploadArchive", nth=1, status=503, retry_after="3s")
    refused = service.store()
    assert (refused.status, refused.headers["retry-after"]) == (503, "3")
    assert refused.json["code"] == "ServiceUnavailableException"
    assert service.stored() == []
    assert service.store().status == 201


def test_an_answer_is_lost_after_the_deed(faulty: Open) -> None:
    service = faulty(do="answer", operations="UploadArchive", nth=1, after=True)
    assert service.store().status == 500
    assert len(service.stored()) == 1


def test_a_connection_ends_without_an_answer_after_the_deed(faulty: Open) -> None:
    service = faulty(do="drop", operations="UploadArchive", nth=1, after=True)
    with pytest.raises(LOST):
        service.store()
    assert len(service.stored()) == 1


def test_a_connection_ends_before_the_deed(faulty: Open) -> None:
    service = faulty(do="drop", operations="UploadArchive", nth=1)
    with pytest.raises(LOST):
        service.store()
    assert service.stored() == []


def test_throttling_has_its_code(faulty: Open) -> None:
    service = faulty(do="answer", operations="ListVaults", status=400, code="ThrottlingException")
    refused = service.ask("GET", "")
    assert (refused.status, refused.json["code"]) == (400, "ThrottlingException")
    assert refused.json["type"] == "Client"


def test_a_page_of_html_comes_in_place_of_a_list(faulty: Open) -> None:
    service = faulty(do="answer", operations="ListVaults", status=200, body="<html>Sign in</html>")
    answer = service.ask("GET", "")
    assert (answer.status, answer.body) == (200, b"<html>Sign in</html>")
    assert answer.headers["content-type"] == "text/html"


def test_an_answer_is_cut(faulty: Open) -> None:
    with pytest.raises(IncompleteRead) as caught:
        faulty(do="cut", at=0.25, **OUTPUT).brought_back()
    assert caught.value.partial == BODY[:50_000]


def test_a_short_answer_is_cut_too(faulty: Open) -> None:
    with pytest.raises(IncompleteRead) as caught:
        faulty(do="cut", operations="ListVaults").ask("GET", "")
    assert caught.value.partial.startswith(b'{"')


def test_an_answer_that_ends_sooner_says_that_it_is_whole(faulty: Open) -> None:
    answer = faulty(do="truncate", **OUTPUT).brought_back()
    assert answer.body == BODY[:100_000]
    assert answer.headers["content-length"] == "100000"


def test_one_bit_is_another_and_the_same_one_each_time(faulty: Open) -> None:
    answer = faulty(do="flip", **OUTPUT).brought_back()
    wrong = [place for place, byte in enumerate(answer.body) if byte != BODY[place]]
    assert len(wrong) == 1
    assert (answer.body[wrong[0]] ^ BODY[wrong[0]]).bit_count() == 1
    assert wrong == [149_589]


def test_the_hash_in_the_head_is_another(faulty: Open) -> None:
    answer = faulty(do="wrong-hash", **OUTPUT).brought_back()
    assert answer.body == BODY
    assert answer.headers["x-amz-sha256-tree-hash"] not in {"", tree_hash(BODY)}


def test_fields_of_the_head_are_set_and_left_out(faulty: Open) -> None:
    changes = {"x-amz-sha256-tree-hash": "", "X-Other": "y"}
    answer = faulty(do="headers", headers=changes, **OUTPUT).brought_back()
    assert "x-amz-sha256-tree-hash" not in answer.headers
    assert answer.headers["x-other"] == "y"


def test_an_answer_pauses_and_goes_on(faulty: Open) -> None:
    begun = time.monotonic()
    answer = faulty(do="stall", pause="0.3s", **OUTPUT).brought_back()
    assert answer.body == BODY
    # A sleep ends up to a tick of the clock early.
    assert time.monotonic() - begun >= 0.29


def test_an_answer_trickles(faulty: Open) -> None:
    begun = time.monotonic()
    answer = faulty(do="trickle", bytes_per_second=600_000, **OUTPUT).brought_back()
    assert answer.body == BODY
    # A sleep ends up to a tick of the clock early.
    assert time.monotonic() - begun >= 0.29


def test_a_fault_has_its_time_by_the_clock_of_the_service(faulty: Open) -> None:
    service = faulty(do="answer", operations="ListVaults", between=["1h", "2h"])
    statuses = []
    for _ in range(3):
        statuses.append(service.ask("GET", "").status)
        service.clock.advance(timedelta(hours=1))
    assert statuses == [200, 500, 200]
