"""How many requests a second are let in."""

import threading

from glaciercli.ports import Clock


class RequestRate:
    """A bucket that the clock fills with tokens, of which each request takes one.

    It holds a second's worth, and one token at least: so many requests may come at once.
    """

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._per_second = per_second
        self._most = max(per_second, 1.0)
        self._clock = clock
        self._guard = threading.Lock()
        self._tokens = self._most
        self._filled_s = clock.monotonic()

    def take(self) -> bool:
        """Take a token for a request; tell whether there was one."""
        with self._guard:
            self._fill()
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True

    def _fill(self) -> None:
        now_s = self._clock.monotonic()
        came = (now_s - self._filled_s) * self._per_second
        self._tokens = min(self._tokens + came, self._most)
        self._filled_s = now_s
