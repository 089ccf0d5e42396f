"""The order of the versions of a name."""

from datetime import UTC, datetime, timedelta

import pytest

from glaciercli.core.versions import stored_at
from glaciercli.keymap.values import to_ms

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_version_is_dated_by_the_clock() -> None:
    assert stored_at(NOW, None) == NOW


def test_a_version_that_follows_an_earlier_one_is_dated_by_the_clock() -> None:
    assert stored_at(NOW, NOW - HOUR) == NOW


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(microseconds=999), HOUR])
def test_no_version_is_dated_before_the_one_that_it_follows(ahead: timedelta) -> None:
    newest = NOW + ahead
    assert to_ms(stored_at(NOW, newest)) == to_ms(newest) + 1
