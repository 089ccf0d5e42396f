"""When each archive is asked for: what one day may hold, and what can be fetched in time.

A job's output is kept for 24 hours only.  What is asked for and cannot be fetched by then is paid
for in vain, so no more is asked for than can be fetched at the measured speed; the rest is put
off, and the same line asks for it later.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from glaciercli.core.retrieval_plan import OUTPUT_LIFETIME

#: The span that a limit of bytes a day is about: any 24 hours.
DAY = timedelta(hours=24)

#: How much of the time that an output is kept is counted on: a line may have a bad hour.
_USED = timedelta(hours=18)

_SECOND = timedelta(seconds=1)

#: Nothing is estimated further ahead than that: dates have an end.
_LONGEST_S = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something that was asked for, and when."""

    at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What bounds how much may be asked for; ``None`` is no bound."""

    #: In any 24 hours.
    day_bytes: int | None = None
    #: The measured speed of downloads, in bytes a second.
    bytes_per_s: int | None = None

    @property
    def window_bytes(self) -> int | None:
        """How much may be asked for and not fetched yet."""
        if self.bytes_per_s is None:
            return None
        return self.bytes_per_s * (_USED // _SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What was asked for and has not been fetched."""

    size_bytes: int
    #: From when on something of it, or of what is asked for now, can be fetched.
    ready_at: datetime


def fits_a_day(size_bytes: int | None, limits: Limits) -> bool:
    """Tell whether an archive surely exceeds no day; of an unknown size nobody can tell."""
    if limits.day_bytes is None:
        return True
    return size_bytes is not None and size_bytes <= limits.day_bytes


def due_times(
    sizes: Sequence[int],
    *,
    asked: Iterable[Asked],
    backlog: Backlog,
    limits: Limits,
    now: datetime,
) -> list[datetime]:
    """Return when each of some archives may be asked for, in their order; ``now`` is at once.

    Each of them fits a day.  Later times are estimates: they suppose that what is
    ready is fetched without a pause.
    """
    day = _Day(limits.day_bytes, asked, now=now)
    window = _Window(limits, backlog)
    due, times = now, []
    for size in sizes:
        due = max(due, day.room_at(size, due), window.room_at(size, due))
        day.take(size, due)
        window.take(size)
        times.append(due)
    return times


class _Day:
    """What is asked for in any 24 hours."""

    def __init__(self, most: int | None, asked: Iterable[Asked], *, now: datetime) -> None:
        self._most = most
        # What seems to come from the future counts as of now: a clock was wrong.
        known = (Asked(at=min(one.at, now), size_bytes=one.size_bytes) for one in asked)
        recent = [one for one in known if now - one.at < DAY]
        self._recent = deque(sorted(recent, key=lambda one: one.at))
        self._sum = sum(one.size_bytes for one in recent)

    def room_at(self, size: int, due: datetime) -> datetime:
        """Return the first moment from a time on at which there is room."""
        if self._most is None:
            return due
        while self._recent and (self._recent[0].at + DAY <= due or self._sum + size > self._most):
            oldest = self._recent.popleft()
            self._sum -= oldest.size_bytes
            due = max(due, oldest.at + DAY)
        return due

    def take(self, size: int, at: datetime) -> None:
        """Count something as asked for."""
        self._recent.append(Asked(at=at, size_bytes=size))
        self._sum += size


class _Window:
    """What is asked for and not fetched yet."""

    def __init__(self, limits: Limits, backlog: Backlog) -> None:
        self._most = limits.window_bytes
        self._bytes_per_s = limits.bytes_per_s
        self._ready_at = backlog.ready_at
        self._waiting = backlog.size_bytes

    def room_at(self, size: int, due: datetime) -> datetime:
        """Return the first moment from a time on at which there is room; an empty one has some."""
        if self._most is None or not self._bytes_per_s or not self._waiting:
            return due
        # One that is larger than the window goes alone.
        excess = min(self._waiting + size - self._most, self._waiting)
        if excess <= 0:
            return due
        return max(due, self._ready_at + _time_for(excess, self._bytes_per_s))

    def take(self, size: int) -> None:
        """Count something as asked for."""
        self._waiting += size


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An output that can be fetched."""

    #: How much of it is still to be fetched.
    left_bytes: int
    expires_at: datetime
    #: How long the service takes to prepare it once more.
    delay: timedelta


def asked_again(ready: Sequence[Ready], *, limits: Limits, now: datetime) -> list[bool]:
    """Tell of each output, in order of expiry, whether it has to be prepared once more now.

    That is so where it expires before it can be fetched, and so soon that the next one is ready
    about then.  Without a measured speed nobody knows, and nothing is asked for again.
    """
    if not limits.bytes_per_s:
        return [False for _ in ready]
    again, ahead = [], 0
    for one in ready:
        ahead += one.left_bytes
        fetched_at = now + _time_for(ahead, limits.bytes_per_s)
        again.append(one.expires_at < fetched_at and one.expires_at - now <= one.delay)
    return again


def fetch_time(size_bytes: int, limits: Limits) -> timedelta | None:
    """Return how long it takes to fetch bytes; ``None`` where no speed was measured."""
    if not limits.bytes_per_s:
        return None
    return _time_for(size_bytes, limits.bytes_per_s)


def outlives(size_bytes: int, limits: Limits) -> bool:
    """Tell whether fetching an archive takes longer than its output is kept."""
    needed = fetch_time(size_bytes, limits)
    return needed is not None and needed > OUTPUT_LIFETIME


def jobs_to_come(size_bytes: int, *, left_bytes: int, covered: timedelta, limits: Limits) -> int:
    """Return how many jobs more it takes to fetch what is left of an archive that outlives one.

    ``covered`` is for how long outputs that there are, or are on their way, can be fetched.  One
    that can be fetched in time needs no second job by itself.
    """
    if not limits.bytes_per_s or not outlives(size_bytes, limits):
        return 0
    left = left_bytes - limits.bytes_per_s * (covered // _SECOND)
    return max(0, -(-left // (limits.bytes_per_s * (OUTPUT_LIFETIME // _SECOND))))


def _time_for(size_bytes: int, bytes_per_s: int) -> timedelta:
    return _SECOND * min(-(-size_bytes // bytes_per_s), _LONGEST_S)
