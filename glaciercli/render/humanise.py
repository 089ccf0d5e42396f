"""Sizes, times and counts in the form that people read; machines get exact values elsewhere."""

from datetime import datetime, timedelta

from glaciercli.core.sizes import format_size
from glaciercli.core.text import counted


def size(size_bytes: int) -> str:
    """Return a size such as ``1.5 GiB``."""
    return format_size(size_bytes)


def moment(when: datetime | None) -> str:
    """Return a time such as ``2026-11-22 05:20Z``, or a dash."""
    return "-" if when is None else f"{when:%Y-%m-%d %H:%MZ}"


def span(length: timedelta) -> str:
    """Return a span of time in its two largest units, such as ``2 d 4 h`` or ``5 min``."""
    minutes = -(-length // timedelta(minutes=1))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    while len(parts) > 1 and not parts[0][0]:
        del parts[0]
    said = [f"{number:,} {unit}" for number, unit in parts[:2] if number]
    return " ".join(said) or "0 min"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun, such as ``1 archive`` and ``12,000 archives``."""
    return counted(number, singular, plural)


def left(span: timedelta) -> str:
    """Return how long something still is, such as ``3 h 20 min``; never less than nothing."""
    minutes = max(0, int(span.total_seconds()) // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days > 1:
        return f"{days} days"
    if days or hours:
        return f"{24 * days + hours} h {minutes % 60} min"
    return f"{minutes} min"
