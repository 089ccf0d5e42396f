"""Between columns and values: times are whole milliseconds since 1970, in UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Return a time as whole milliseconds, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def to_ms_or_none(moment: datetime | None) -> int | None:
    """Return a time as whole milliseconds, where there is one."""
    return None if moment is None else to_ms(moment)


def from_ms(value: object) -> datetime:
    """Return the time that a column holds."""
    assert isinstance(value, int)
    return _EPOCH + value * _MILLISECOND


def from_ms_or_none(value: object) -> datetime | None:
    """Return the time that a column holds, if any."""
    return None if value is None else from_ms(value)


def integer(value: object) -> int:
    """Return a column that STRICT tables keep an integer."""
    assert isinstance(value, int)
    return value


def integer_or_none(value: object) -> int | None:
    """Return an integer column that may be NULL."""
    return None if value is None else integer(value)


def text(value: object) -> str:
    """Return a column that STRICT tables keep text."""
    assert isinstance(value, str)
    return value


def text_or_none(value: object) -> str | None:
    """Return a text column that may be NULL."""
    return None if value is None else text(value)


def blob(value: object) -> bytes:
    """Return a column that STRICT tables keep bytes."""
    assert isinstance(value, bytes)
    return value


def blob_or_none(value: object) -> bytes | None:
    """Return a bytes column that may be NULL."""
    return None if value is None else blob(value)
