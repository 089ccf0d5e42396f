"""Between columns and values: times are whole milliseconds since 1970, in UTC.

STRICT tables and CHECKs keep the columns what they are declared to be, so a column that is not is
a sign of a damaged file.
"""

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeVar

from glaciercli import errors

Value = TypeVar("Value")
Member = TypeVar("Member", bound=Enum)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def to_ms(moment: datetime) -> int:
    """Return a time as whole milliseconds, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def to_ms_or_none(moment: datetime | None) -> int | None:
    """Return a time as whole milliseconds, where there is one."""
    return None if moment is None else to_ms(moment)


def from_ms(value: object) -> datetime:
    """Return the time that a column holds."""
    try:
        return _EPOCH + integer(value) * _MILLISECOND
    except OverflowError as error:
        raise damaged(value) from error


def from_ms_or_none(value: object) -> datetime | None:
    """Return the time that a column holds, if any."""
    return None if value is None else from_ms(value)


def nanoseconds(value: int | None) -> int | None:
    """Return a time in nanoseconds as a column can hold it: from 1677 up to 2262."""
    return None if value is None else max(_LOWEST, min(value, _HIGHEST))


def integer(value: object) -> int:
    """Return an integer column."""
    return _column(value, int)


def integer_or_none(value: object) -> int | None:
    """Return an integer column that may be NULL."""
    return None if value is None else integer(value)


def text(value: object) -> str:
    """Return a text column."""
    return _column(value, str)


def text_or_none(value: object) -> str | None:
    """Return a text column that may be NULL."""
    return None if value is None else text(value)


def blob(value: object) -> bytes:
    """Return a bytes column."""
    return _column(value, bytes)


def blob_or_none(value: object) -> bytes | None:
    """Return a bytes column that may be NULL."""
    return None if value is None else blob(value)


def member(kind: type[Member], value: object) -> Member:
    """Return the member of an enumeration whose value a column holds."""
    try:
        return kind(value)
    except ValueError as error:
        raise damaged(value) from error


def _column(value: object, kind: type[Value]) -> Value:
    if not isinstance(value, kind):
        raise damaged(value)
    return value


def damaged(value: object) -> errors.KeyMapDamaged:
    """Return the error for a column that holds what no key map does."""
    return errors.KeyMapDamaged(
        f"the key map is damaged: a column holds {str(value)[:40]!r}", hint="restore a copy of it"
    )
