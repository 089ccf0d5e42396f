"""The order of the versions of a name: which one is the newest."""

from datetime import datetime, timedelta

#: The smallest step of time that the key map keeps.
_STEP = timedelta(milliseconds=1)


def stored_at(now: datetime, newest: datetime | None) -> datetime:
    """Return when a version counts as stored: after the newest one, which it follows.

    The date of that one may be of another machine, whose clock is ahead, or of this one before its
    clock was set back.
    """
    return now if newest is None else max(now, newest + _STEP)
