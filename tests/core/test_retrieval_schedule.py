"""When archives are asked for: within a day's limit, and so that they can be fetched in time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.retrieval_schedule import (
    Asked,
    Backlog,
    Limits,
    Ready,
    asked_again,
    due_times,
    fetch_time,
    fits_a_day,
    jobs_to_come,
    outlives,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
NOTHING = Backlog(size_bytes=0, ready_at=NOW + 5 * HOUR)


def due(
    sizes: list[int],
    limits: Limits,
    *,
    asked: list[Asked] | None = None,
    backlog: Backlog = NOTHING,
) -> list[timedelta]:
    """How long each has to wait."""
    times = due_times(sizes, asked=asked or [], backlog=backlog, limits=limits, now=NOW)
    return [one - NOW for one in times]


def test_without_limits_everything_is_asked_for_at_once() -> None:
    assert due([10**15] * 3, Limits()) == [timedelta(0)] * 3


def test_a_day_holds_no_more_than_it_may() -> None:
    assert due([4, 4, 4, 4, 4], Limits(day_bytes=10)) == [
        timedelta(0),
        timedelta(0),
        DAY,
        DAY,
        2 * DAY,
    ]


def test_what_was_asked_for_in_the_last_24_hours_counts_until_it_is_a_day_old() -> None:
    asked = [
        Asked(at=NOW - 25 * HOUR, size_bytes=100),
        Asked(at=NOW - 20 * HOUR, size_bytes=6),
        Asked(at=NOW - 2 * HOUR, size_bytes=3),
    ]
    assert due([1, 1, 8], Limits(day_bytes=10), asked=asked) == [
        timedelta(0),
        4 * HOUR,
        # The one of two hours ago is a day old then.
        22 * HOUR,
    ]


@pytest.mark.covers("N17")
def test_a_clock_that_was_ahead_puts_nothing_off_for_longer_than_a_day() -> None:
    asked = [Asked(at=NOW + timedelta(days=400), size_bytes=10)]
    assert due([1], Limits(day_bytes=10), asked=asked) == [DAY]


@given(
    sizes=st.lists(st.integers(0, 10), max_size=30),
    asked=st.lists(st.tuples(st.integers(0, 48 * 3600), st.integers(0, 12)), max_size=20),
    most=st.integers(10, 40),
)
def test_no_24_hours_ever_hold_more_than_the_limit(
    sizes: list[int], asked: list[tuple[int, int]], most: int
) -> None:
    before = [Asked(at=NOW - timedelta(seconds=age), size_bytes=size) for age, size in asked]
    times = due_times(sizes, asked=before, backlog=NOTHING, limits=Limits(day_bytes=most), now=NOW)
    assert times == sorted(times)
    assert all(one >= NOW for one in times)
    events = [(one.at, one.size_bytes) for one in before] + list(zip(times, sizes, strict=True))
    for end, size in zip(times, sizes, strict=True):
        within = sum(other for at, other in events if end - DAY < at <= end)
        # What was too much before we came is not our doing, but then nothing is added to it.
        assert within <= most or size == 0


def test_no_more_is_asked_for_than_can_be_fetched_while_it_is_kept() -> None:
    limits = Limits(bytes_per_s=10)
    window = 10 * 18 * 3600
    assert limits.window_bytes == window
    half = window // 2
    assert due([half, half, half, half], limits) == [
        timedelta(0),
        timedelta(0),
        # Fetching begins after five hours, and half the window takes nine more.
        14 * HOUR,
        23 * HOUR,
    ]


def test_what_is_asked_for_already_takes_its_place() -> None:
    limits = Limits(bytes_per_s=10)
    ready = Backlog(size_bytes=10 * 18 * 3600, ready_at=NOW)
    assert due([36_000], limits, backlog=ready) == [HOUR]


def test_one_that_is_larger_than_the_window_goes_alone() -> None:
    limits = Limits(bytes_per_s=10)
    huge = 10 * 100 * 3600
    assert due([huge, 1], limits) == [timedelta(0), (5 + 82) * HOUR + timedelta(seconds=1)]
    assert outlives(huge, limits)
    assert not outlives(10 * 24 * 3600, limits)
    assert not outlives(huge, Limits())


@pytest.mark.parametrize(
    ("size", "left", "covered", "jobs"),
    [
        (240, 240, 0, 10),
        (240, 240, 24, 9),
        (240, 24, 24, 0),
        (240, 25, 24, 1),
        (240, 0, 0, 0),
        # One that fits an output is asked for once.
        (24, 24, 0, 0),
    ],
)
def test_one_that_outlives_its_output_takes_a_job_a_day(
    size: int, left: int, covered: int, jobs: int
) -> None:
    def found(limits: Limits) -> int:
        return jobs_to_come(
            size * 36_000, left_bytes=left * 36_000, covered=covered * HOUR, limits=limits
        )

    assert found(Limits(bytes_per_s=10)) == jobs
    assert found(Limits()) == 0


def test_the_slowest_line_puts_off_for_years_and_breaks_no_calendar() -> None:
    (first, second) = due([2**45, 2**45], Limits(bytes_per_s=1))
    assert first == timedelta(0)
    assert second > timedelta(days=3650)


@pytest.mark.parametrize(
    ("size", "most", "found"),
    [
        (10, 10, True),
        (11, 10, False),
        (1, 0, False),
        (9, None, True),
        (None, 10, False),
        (None, None, True),
    ],
)
def test_what_fits_a_day_is_known(size: int | None, most: int | None, *, found: bool) -> None:
    assert fits_a_day(size, Limits(day_bytes=most)) is found


def ready(left: int, expires_in: timedelta) -> Ready:
    return Ready(left_bytes=left, expires_at=NOW + expires_in, delay=5 * HOUR)


@pytest.mark.parametrize(
    ("outputs", "again"),
    [
        # An hour each at this speed.
        ([ready(36_000, 2 * HOUR), ready(36_000, 3 * HOUR)], [False, False]),
        ([ready(36_000, 2 * HOUR), ready(72_000, 2 * HOUR)], [False, True]),
        # It cannot be fetched in time, but there is time to ask again later.
        ([ready(720_000, 6 * HOUR)], [False]),
        ([ready(720_000, 5 * HOUR)], [True]),
        ([ready(36_000, -HOUR)], [True]),
        ([ready(0, 5 * HOUR)], [False]),
    ],
)
def test_what_expires_before_it_can_be_fetched_is_asked_for_again_in_time(
    outputs: list[Ready], again: list[bool]
) -> None:
    assert asked_again(outputs, limits=Limits(bytes_per_s=10), now=NOW) == again
    assert asked_again(outputs, limits=Limits(), now=NOW) == [False] * len(outputs)


def test_the_time_of_fetching_is_rounded_up() -> None:
    assert fetch_time(101, Limits(bytes_per_s=10)) == timedelta(seconds=11)
    assert fetch_time(101, Limits()) is None
