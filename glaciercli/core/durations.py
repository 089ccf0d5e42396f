"""Spans of time as a user writes them."""

from datetime import timedelta

from glaciercli.core.text import printable
from glaciercli.errors import BadUsage

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def parse_duration(text: str) -> timedelta:
    """Return the span that a user wrote, such as 90s, 15m, 12h, 30d, 2w or 1.5h.

    A bare number is seconds.
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in _SECONDS else (text, "s")
    whole, point, fraction = number.partition(".")
    digits = whole + (fraction if point else "0")
    if not (digits.isascii() and digits.isdigit() and whole and (fraction or not point)):
        raise _bad(text)
    try:
        return timedelta(seconds=float(number) * _SECONDS[unit])
    except OverflowError as error:
        raise _bad(text) from error


def _bad(text: str) -> BadUsage:
    """Return the error for what is no span of time."""
    return BadUsage(
        f'"{printable(text)}" is no duration', hint="write for instance 90s, 15m, 12h, 30d or 2w"
    )
