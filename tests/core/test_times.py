"""Times as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.times import EPOCH, format_ns, format_time, parse_ns, parse_time, to_ns

SECOND_NS = 10**9
FIRST_NS = -62135596800 * SECOND_NS
LAST_NS = 253402300800 * SECOND_NS - 1
MOMENT = datetime(2013, 3, 20, 17, 3, 43, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2013-03-20T17:03:43Z", MOMENT),
        ("2013-03-20t17:03:43z", MOMENT),
        ("2013-03-20 17:03:43Z", MOMENT),
        ("2013-03-20T17:03:43.221Z", MOMENT.replace(microsecond=221000)),
        ("2013-03-20T17:03:43,5Z", MOMENT.replace(microsecond=500000)),
        ("2013-03-20T17:03:43.1234567891Z", MOMENT.replace(microsecond=123456)),
        ("2013-03-20T19:03:43+02:00", MOMENT),
        ("2013-03-20T12:33:43-0430", MOMENT),
    ],
)
def test_the_service_s_times_are_read(text: str, moment: datetime) -> None:
    parsed = parse_time(text)
    assert parsed == moment
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2013-03-20",
        "2013-03-20T17:03:43",
        "2013-02-30T17:03:43Z",
        "2013-03-20T24:03:43Z",
        "2013-03-20T17:03:43Z\n",
        "2013-03-20T17:03:43.Z",
        "2013-W12-3T17:03:43Z",
        "٢٠١٣-03-20T17:03:43Z",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "2013-03-20T17:03:43+99:00",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    for parse in (parse_time, parse_ns):
        with pytest.raises(ValueError, match=r"not a time|range|must be|outside|strictly"):
            parse(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (MOMENT, "2013-03-20T17:03:43Z"),
        (MOMENT.replace(microsecond=999), "2013-03-20T17:03:43Z"),
        (MOMENT.replace(microsecond=5000), "2013-03-20T17:03:43.005Z"),
        (MOMENT.astimezone(timezone(timedelta(hours=2))), "2013-03-20T17:03:43Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_a_moment_is_written_in_utc(moment: datetime, text: str) -> None:
    assert format_time(moment) == text


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        format_time(MOMENT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (1_500_000_000, "1970-01-01T00:00:01.5Z"),
        (FIRST_NS, "0001-01-01T00:00:00Z"),
        (LAST_NS, "9999-12-31T23:59:59.999999999Z"),
    ],
)
def test_nanoseconds_take_the_digits_they_need(ns: int, text: str) -> None:
    assert format_ns(ns) == text
    assert parse_ns(text) == ns


@pytest.mark.parametrize("ns", [FIRST_NS - 1, LAST_NS + 1, 10**40])
def test_nanoseconds_outside_the_calendar_are_refused(ns: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        format_ns(ns)


@given(st.integers(FIRST_NS, LAST_NS))
def test_nanoseconds_round_trip(ns: int) -> None:
    assert parse_ns(format_ns(ns)) == ns


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_round_trip_to_the_millisecond(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert parse_time(format_time(moment)) == moment
    assert parse_ns(format_time(moment)) == to_ns(moment)
    assert EPOCH + timedelta(microseconds=to_ns(moment) // 1000) == moment
