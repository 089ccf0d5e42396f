"""Points in time as text: RFC 3339 in UTC, read and written.  There is no clock here.

What is no time raises `ValueError`; the caller knows whose text it was.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: What counts as a time: at each end a year less than a ``datetime`` takes, so that every place has
#: a local time for it.
FIRST = datetime(2, 1, 1, tzinfo=UTC)
LAST = datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)

#: How far the clock of a machine and that of the service may be apart: of one that is further off
#: the service refuses every request.
CLOCKS_APART = timedelta(minutes=15)

_SECOND = timedelta(seconds=1)
_NS_PER_SECOND = 10**9
_NS_DIGITS = 9


@cache
def _form() -> re.Pattern[str]:
    """Return the form of a time: whole seconds, a fraction, an offset."""
    return re.compile(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2})"
        r"(?:[.,]([0-9]+))?([Zz]|[+-][0-9]{2}:?[0-9]{2})"
    )


def parse_time(text: str) -> datetime:
    """Return the moment that a text names, in UTC, to the microsecond.

    The service writes none or three digits of a fraction; any number is read.
    """
    whole, fraction = _split(text)
    if not FIRST <= whole <= LAST:
        message = "outside the years 2 to 9998"
        raise ValueError(message)
    return whole.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else whole


def format_time(moment: datetime) -> str:
    """Return a moment as the service writes it, with milliseconds only if there are any."""
    if moment.tzinfo is None:
        message = "a time without a zone is no point in time"
        raise ValueError(message)
    moment = moment.astimezone(UTC)
    whole = moment.replace(microsecond=0, tzinfo=None).isoformat()
    milliseconds = moment.microsecond // 1000
    return f"{whole}.{milliseconds:03}Z" if milliseconds else f"{whole}Z"


def format_ns(ns: int) -> str:
    """Return a count of nanoseconds since 1970 as a time, with as many digits as it needs.

    Raise `ValueError` outside the years 1 to 9999.
    """
    seconds, fraction = divmod(ns, _NS_PER_SECOND)
    try:
        moment = EPOCH + timedelta(seconds=seconds)
    except OverflowError as error:
        message = f"outside the years 1 to 9999: {ns} ns"
        raise ValueError(message) from error
    digits = f".{fraction:09}".rstrip("0") if fraction else ""
    return f"{moment.replace(tzinfo=None).isoformat()}{digits}Z"


def parse_ns(text: str) -> int:
    """Return the nanoseconds since 1970 of the moment that a text names."""
    whole, fraction = _split(text)
    return to_ns(whole) + int(fraction[:_NS_DIGITS].ljust(_NS_DIGITS, "0"))


def to_ns(moment: datetime) -> int:
    """Return the nanoseconds since 1970 of an aware moment."""
    since = moment - EPOCH
    return (since // _SECOND) * _NS_PER_SECOND + (since % _SECOND).microseconds * 1000


def _split(text: str) -> tuple[datetime, str]:
    """Return the whole seconds in UTC, and the digits of the fraction."""
    form = _form().fullmatch(text)
    if form is None:
        message = "not a time such as 2024-05-06T07:08:09Z"
        raise ValueError(message)
    whole, fraction, offset = form.groups()
    try:
        moment = datetime.fromisoformat(whole + offset.upper()).astimezone(UTC)
    except OverflowError as error:
        message = "outside the years 1 to 9999"
        raise ValueError(message) from error
    return moment, fraction or ""
