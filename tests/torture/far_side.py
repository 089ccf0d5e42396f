"""The embedded service under a clock that is moved, with faults that come and go.

What reaches it is counted twice: as its clients see it, and as the service itself does.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from glaciercli.ports import Clock, WireApplication, WireRequest, WireResponse
from glaciercli.server.application import GlacierApplication
from glaciercli.server.faults.application import FaultyApplication
from glaciercli.server.faults.plan import Plan
from glaciercli.server.http.front import HttpFront
from glaciercli.server.settings import ServiceSettings
from glaciercli.service import session
from tests.cli.wire import operation_of

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

#: botocore signs with the real time.
SETTINGS = ServiceSettings(clock_skew=None)


class Counted:
    """Hands requests on, and counts them and the good answers by operation."""

    def __init__(self, inner: WireApplication) -> None:
        self.inner = inner
        self.requests: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self._guard = threading.Lock()

    def handle(self, request: WireRequest) -> WireResponse:
        operation = operation_of(request)
        with self._guard:
            self.requests[operation] += 1
        answer = self.inner.handle(request)
        with self._guard:
            self.answers[operation] += answer.status < 300
        return answer


class _Sudden:
    """Hands requests on until faults begin: their times count from there."""

    def __init__(self, far: "FarSide", plan: Plan, after: int) -> None:
        self._far = far
        self._plan = plan
        self._left = after
        self._faulty: WireApplication | None = None
        self._guard = threading.Lock()

    def handle(self, request: WireRequest) -> WireResponse:
        return self._next().handle(request)

    def _next(self) -> WireApplication:
        with self._guard:
            self._left -= 1
            if self._left >= 0:
                return self._far.within
            if self._faulty is None:
                clock = self._far.clock
                self._faulty = FaultyApplication(
                    self._far.within, self._plan, clock=clock, sleeper=clock
                )
            return self._faulty


@dataclass(kw_only=True)
class FarSide:
    """A service and its clock."""

    application: GlacierApplication
    place: Path
    clock: Clock
    #: What the service itself is asked and answers.
    within: Counted = field(init=False)
    #: What its clients ask and hear.
    outside: Counted = field(init=False)

    def __post_init__(self) -> None:
        self.within = Counted(self.application)
        self.outside = Counted(self.within)

    @contextmanager
    def failing(self, plan: Plan, *, after: int = 0) -> Iterator[None]:
        """Let a plan of faults begin after some requests, and end with the block."""
        self.outside.inner = _Sudden(self, plan, after)
        try:
            yield
        finally:
            self.outside.inner = self.within

    @property
    def lost(self) -> int:
        """How many answers to what was done got lost."""
        return (self.within.answers - self.outside.answers).total()

    @property
    def struck(self) -> int:
        """How many requests had a fault."""
        return self.lost + (self.outside.requests - self.within.requests).total()

    def rows(self, question: str) -> list[tuple[object, ...]]:
        """Return rows out of the service's catalogue."""
        with closing(sqlite3.connect(self.place / "catalogue.sqlite3")) as catalogue:
            return catalogue.execute(question).fetchall()

    def number(self, question: str) -> int:
        """Return a number out of the service's catalogue."""
        ((found,),) = self.rows(question)
        assert found is None or isinstance(found, int)
        return found or 0

    @property
    def archives(self) -> int:
        """How many archives it has of the files that count."""
        return self.number(
            "SELECT count(*) FROM archives WHERE deleted_at IS NULL AND description LIKE '%file%'"
        )

    @property
    def archives_ever(self) -> int:
        """How many archives it ever took of the files that count."""
        return self.number("SELECT count(*) FROM archives WHERE description LIKE '%file%'")

    @property
    def retrievals_ever(self) -> int:
        """How many retrievals were asked for, and paid for."""
        return self.number("SELECT count(*) FROM jobs WHERE archive IS NOT NULL")


@contextmanager
def opened(place: Path, clock: Clock, *, settings: ServiceSettings = SETTINGS) -> Iterator[FarSide]:
    """Give a service on a directory."""
    with GlacierApplication.open(place, clock=clock, settings=settings) as application:
        yield FarSide(application=application, place=place, clock=clock)


@contextmanager
def over_http(far: FarSide) -> Iterator["GlacierClient"]:
    """Give a client of a service that is asked over HTTP."""
    with ExitStack() as stack:
        front = stack.enter_context(HttpFront(far.outside))
        client = session.connect(_endpoint(far, front.url))
        stack.callback(client.close)
        yield client


@contextmanager
def in_process(far: FarSide) -> Iterator["GlacierClient"]:
    """Give a client of a service that is asked without a socket."""
    client = session.connect_in_process(far.outside, _endpoint(far, "http://local.invalid"))
    with closing(client):
        yield client


def _endpoint(far: FarSide, url: str) -> session.Endpoint:
    account = far.application.credentials
    return session.Endpoint(
        region="us-east-1",
        url=url,
        access_key=account.access_key_id,
        secret_key=account.secret_access_key,
    )
