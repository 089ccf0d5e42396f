"""Moments as whole milliseconds since 1970, and the ways in which Glacier writes them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY_MS = 24 * 60 * 60 * 1000


def to_ms(moment: datetime) -> int:
    """Return a moment as milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND


def span_ms(span: timedelta) -> int:
    """Return a length of time in milliseconds."""
    return span // _MILLISECOND


def from_ms(moment_ms: int) -> datetime:
    """Return a moment as an aware date and time in UTC."""
    return _EPOCH + moment_ms * _MILLISECOND


def start_of_day(moment_ms: int) -> int:
    """Return the first moment of the UTC day that a moment is in."""
    return moment_ms - moment_ms % _DAY_MS


def api_date(moment_ms: int) -> str:
    """Return a moment as JSON answers write it: with milliseconds."""
    return from_ms(moment_ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment_ms % 1000:03d}Z"


def inventory_date(moment_ms: int) -> str:
    """Return a moment as the content of an inventory writes it: in whole seconds."""
    return from_ms(moment_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> int | None:
    """Return an ISO 8601 date as milliseconds; ``None`` where it is none."""
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return to_ms(aware)
    except (ValueError, OverflowError):
        return None
