"""How far a transfer is, counted over all of its parts."""

import threading
from itertools import count

from glaciercli.reporting import Reporter, TransferAdvanced, TransferFinished, TransferStarted

_numbers = count(1)


class Meter:
    """Reports the total so far of one transfer; parts move on from several threads."""

    def __init__(self, reporter: Reporter, name: str, total_bytes: int | None) -> None:
        self._reporter = reporter
        self._name = name
        self._number = next(_numbers)
        self._lock = threading.Lock()
        self._parts: dict[int, int] = {}
        self._done = 0
        reporter.report(TransferStarted(name=name, total_bytes=total_bytes, number=self._number))

    def advance(self, start: int, done_bytes: int) -> None:
        """Take in that the part that starts at ``start`` has moved this far.

        A part that is sent again counts from where it was before.
        """
        with self._lock:
            step = done_bytes - self._parts.get(start, 0)
            if step <= 0:
                return
            self._parts[start] = done_bytes
            self._done += step
            # Told before the lock is free, so that nobody hears of totals in another order.
            self._reporter.report(
                TransferAdvanced(name=self._name, done_bytes=self._done, number=self._number)
            )

    def finish(self) -> None:
        """Report that the transfer is over."""
        self._reporter.report(TransferFinished(name=self._name, number=self._number))
