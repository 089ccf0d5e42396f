"""Fakes that are passed in where the real thing would make a test slow or uncertain."""

from datetime import datetime, timedelta
from typing import NoReturn

from glaciercli.reporting import Event


class Deaf:
    """A reporter that tells nobody."""

    def report(self, event: Event) -> None:
        """Hear an event."""


class Listening:
    """A reporter that remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def report(self, event: Event) -> None:
        self.heard.append(event)


def unreached() -> NoReturn:
    """Stand where a test must not reach a service, or make a tag."""
    raise AssertionError("a test that needs no service asked for one")


class MovedClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def advance(self, span: timedelta) -> None:
        """Move on by a span of time."""
        self._now += span
        self._monotonic += span.total_seconds()
