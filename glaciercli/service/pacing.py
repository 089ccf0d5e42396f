"""How fast this program may go: bytes a second, and requests at once.

One pace and one set of turns serve all threads that talk to one service.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from glaciercli.ports import Clock

#: A service that counts requests by time refuses them however few run at once where each takes but
#: a moment.  So requests also keep a distance: what the first refusal makes of none, how much each
#: further one makes of it, up to what, and how much an answer leaves of it; below the least it is
#: none again.  Times are in seconds.
_FIRST_GAP_S = 0.02
_GAP_GROWTH = 1.5
_WIDEST_GAP_S = 0.5
_GAP_DECAY = 0.96
_LEAST_GAP_S = 0.001

#: A limited transfer moves in pieces of about this long, so that it flows and never seems to
#: stall, which the service would end it for.
_PIECE_S = 0.125
_SMALLEST_PIECE_BYTES = 512


class Pace:
    """A limit on the bytes that are moved in a second, over all transfers together."""

    def __init__(self, clock: Clock, *, bytes_per_s: int | None = None) -> None:
        self._clock = clock
        self._bytes_per_s = bytes_per_s
        self._lock = threading.Lock()
        #: When what was let through so far is through, by the monotonic clock.
        self._free_at = clock.monotonic()

    def piece_bytes(self, most: int) -> int:
        """Return how much should be moved at a time, where ``most`` is best without a limit."""
        if self._bytes_per_s is None:
            return most
        return max(_SMALLEST_PIECE_BYTES, min(most, int(self._bytes_per_s * _PIECE_S)))

    def take(self, size_bytes: int) -> None:
        """Wait until so many bytes more may have been moved."""
        if self._bytes_per_s is None:
            return
        with self._lock:
            now = self._clock.monotonic()
            # Time that nobody used is lost: a pause is not followed by a burst.
            self._free_at = max(self._free_at, now) + size_bytes / self._bytes_per_s
            wait_s = self._free_at - now
        self._clock.sleep(wait_s)


@dataclass(frozen=True, slots=True)
class Turn:
    """A request that may be under way."""

    #: How often the limit had been lowered when the request began.
    lowered: int


class Turns:
    """How many requests may be under way at once, and how close they follow each other.

    Both are learnt from the service.  The number starts at the most there may be.  A service that
    asks for fewer requests halves it, once for all requests that were under way then; while it is
    content, each round of requests adds one (additive increase, multiplicative decrease, as TCP
    does: RFC 5681, section 3.1).  The distance starts at none, grows with the same refusals, and
    shrinks with each answer.
    """

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._limit = float(most)
        self._under_way = 0
        self._lowered = 0
        self._gap_s = 0.0
        #: When the next request may begin, by the monotonic clock.
        self._next_at = clock.monotonic()
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """How many requests may be under way now."""
        return int(self._limit)

    @contextmanager
    def one(self) -> Iterator[Turn]:
        """Wait for a turn and hold it."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self.limit)
            self._under_way += 1
        try:
            self._keep_distance()
            yield Turn(self._lowered)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify()

    def too_many(self, turn: Turn) -> None:
        """Hear that the service asked for fewer requests."""
        with self._changed:
            if turn.lowered == self._lowered:
                self._limit = max(1.0, self._limit / 2)
                self._gap_s = min(_WIDEST_GAP_S, max(_FIRST_GAP_S, self._gap_s * _GAP_GROWTH))
                self._lowered += 1

    def well(self) -> None:
        """Hear that a request was answered."""
        if self._limit >= self._most and not self._gap_s:
            return
        with self._changed:
            self._limit = min(float(self._most), self._limit + 1 / self._limit)
            gap_s = self._gap_s * _GAP_DECAY
            self._gap_s = gap_s if gap_s >= _LEAST_GAP_S else 0.0
            self._changed.notify()

    def _keep_distance(self) -> None:
        """Wait until the request before is far enough away."""
        if not self._gap_s:
            return
        with self._changed:
            now = self._clock.monotonic()
            begin_at = max(now, self._next_at)
            self._next_at = begin_at + self._gap_s
        self._clock.sleep(begin_at - now)
