"""A clock that is ahead of another by what a file says."""

import logging
import os
import threading
from datetime import datetime, timedelta

from glaciercli.core.durations import parse_duration
from glaciercli.errors import BadUsage
from glaciercli.ports import Clock

_LOG = logging.getLogger(__name__)

#: Nobody writes a longer duration.
_MOST_BYTES = 100


class MovedClock:
    """Time as another clock tells it, and a duration such as ``25h`` later.

    The file is looked at whenever somebody asks.  Time never runs backwards: what would make it
    do so, and what is no duration, changes nothing.  A file that is not there stands for 0.
    """

    def __init__(self, inner: Clock, path: str) -> None:
        self._inner = inner
        self._path = path
        self._guard = threading.Lock()
        self._ahead = timedelta(0)
        self._read: tuple[int, int, int] | None = None
        self._ahead = self._wanted() or self._ahead

    def now(self) -> datetime:
        """Return the time of day."""
        return self._inner.now() + self._moved()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return self._inner.monotonic() + self._moved().total_seconds()

    def sleep(self, seconds: float) -> None:
        """Wait as the inner clock does."""
        self._inner.sleep(seconds)

    def _moved(self) -> timedelta:
        with self._guard:
            try:
                wanted = self._wanted()
            except BadUsage as error:
                _LOG.warning("the clock stays as it is: %s", error.message)
            else:
                self._ahead = max(self._ahead, wanted or self._ahead)
            return self._ahead

    def _wanted(self) -> timedelta | None:
        """Return what the file says, ``None`` where it says nothing new."""
        try:
            found = os.stat(self._path)
            state = (found.st_mtime_ns, found.st_ino, found.st_size)
            if state == self._read:
                return None
            self._read = state
            with open(self._path, encoding="utf-8") as file:
                text = file.read(_MOST_BYTES).strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise BadUsage(f'"{self._path}" cannot be read: {error}') from error
        return parse_duration(text) if text else None
