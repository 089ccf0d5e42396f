"""A clock for several threads: time goes by only while all of them wait."""

import heapq
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from glaciercli.service.pacing import Turn, Turns


class SharedClock:
    """Lets the threads that sleep wake in their order, as soon as nobody is busy.

    So ten minutes of pauses take no time, and four threads that pause at once do not make time
    run four times as fast.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._busy = 0
        self._wakings: list[float] = []
        self._changed = threading.Condition()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        return self._elapsed_s

    def advance(self, span: timedelta) -> None:
        """Let time go by; nobody may be asleep."""
        self._elapsed_s += span.total_seconds()

    def sleep(self, seconds: float) -> None:
        with self._changed:
            wakes_at = self._elapsed_s + max(0.0, seconds)
            heapq.heappush(self._wakings, wakes_at)
            self._changed.wait_for(lambda: not self._busy and self._wakings[0] == wakes_at)
            heapq.heappop(self._wakings)
            self._elapsed_s = max(self._elapsed_s, wakes_at)
            self._changed.notify_all()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Let no time go by for those who sleep."""
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()


class BusyTurns(Turns):
    """The turns of a client, in which a request that is under way holds its clock."""

    def __init__(self, most: int, clock: SharedClock) -> None:
        super().__init__(most, clock)
        self._shared = clock

    @contextmanager
    def one(self) -> Iterator[Turn]:
        with super().one() as turn, self._shared.busy():
            yield turn
