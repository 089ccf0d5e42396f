"""Bytes a second, and requests at once."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy
from tests.fakes import MovedClock
from tests.service.misbehaving import START

MIB = 2**20


def test_without_a_limit_nothing_waits() -> None:
    clock = MovedClock(START)
    Pace(clock).take(10**15)
    assert clock.monotonic() == 0


def test_a_limit_is_kept_over_all_that_moves() -> None:
    clock = MovedClock(START)
    pace = Pace(clock, bytes_per_s=1000)
    for _ in range(30):
        pace.take(100)
    assert clock.monotonic() == pytest.approx(3)


def test_a_pause_is_not_followed_by_a_burst() -> None:
    clock = MovedClock(START)
    pace = Pace(clock, bytes_per_s=1000)
    clock.sleep(60)
    pace.take(500)
    assert clock.monotonic() == pytest.approx(60.5)


@given(st.integers(1, 10**12))
def test_pieces_are_short_enough_to_flow(bytes_per_s: int) -> None:
    piece = Pace(MovedClock(START), bytes_per_s=bytes_per_s).piece_bytes(256 * 1024)
    assert 512 <= piece <= 256 * 1024
    assert piece == 512 or piece / bytes_per_s <= 0.125


def throttled(turns: Turns, times: int = 1) -> None:
    for _ in range(times):
        with turns.one() as turn:
            turns.too_many(turn)


def test_a_service_that_asks_for_fewer_requests_gets_half_as_many() -> None:
    turns = Turns(16, MovedClock(START))
    throttled(turns, 2)
    assert turns.limit == 4
    throttled(turns, 10)
    assert turns.limit == 1


def test_requests_that_were_under_way_together_count_once() -> None:
    turns = Turns(16, MovedClock(START))
    with turns.one() as first, turns.one() as second:
        turns.too_many(first)
        turns.too_many(second)
    assert turns.limit == 8


def test_a_content_service_gets_one_more_with_each_round() -> None:
    turns = Turns(16, MovedClock(START))
    throttled(turns, 2)
    for _ in range(5):
        turns.well()
    assert turns.limit == 5
    for _ in range(1000):
        turns.well()
    assert turns.limit == 16


def test_a_service_that_counts_requests_by_time_refuses_few() -> None:
    clock = MovedClock(START)
    turns = Turns(32, clock)
    # A bucket of five requests that gets five a second, as the embedded service has it.
    filled, filled_at, refused = 5.0, clock.monotonic(), 0
    for _ in range(400):
        with turns.one() as turn:
            now = clock.monotonic()
            filled, filled_at = min(5.0, filled + 5 * (now - filled_at)), now
            if filled >= 1:
                filled -= 1
                turns.well()
            else:
                refused += 1
                turns.too_many(turn)
    assert refused < 60
    assert clock.monotonic() < 1.5 * (400 - refused) / 5


def test_requests_of_a_content_service_keep_no_distance() -> None:
    clock = MovedClock(START)
    turns = Turns(4, clock)
    throttled(turns, 3)
    for _ in range(200):
        turns.well()
    before = clock.monotonic()
    for _ in range(10):
        with turns.one():
            pass
    assert clock.monotonic() == before


def test_no_more_run_at_once_than_have_turns() -> None:
    turns, together, most = Turns(8, MovedClock(START)), 0, 0
    guard = threading.Lock()
    throttled(turns, 2)

    def work() -> None:
        nonlocal together, most
        with turns.one():
            with guard:
                together += 1
                most = max(most, together)
            time.sleep(0.01)  # noqa: TID251 - real threads need real time to overlap
            with guard:
                together -= 1

    threads = [threading.Thread(target=work) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == 2


@pytest.mark.covers("N1")
def test_a_throttled_call_lowers_the_limit_and_succeeds_in_the_end() -> None:
    clock = MovedClock(START)
    turns = Turns(8, clock)
    heard: list[float] = []
    retrier = Retrier(
        clock,
        policy=RetryPolicy(),
        turns=turns,
        random=lambda: 1.0,
        heard=lambda _, pause: heard.append(pause),
    )
    failures = [
        errors.TransientFailure("slower", throttled=True, maybe_done=False),
        errors.TransientFailure("broken", maybe_done=False),
    ]

    def call() -> str:
        if failures:
            raise failures.pop(0)
        return "done"

    assert retrier.once(call, deed="it was done") == "done"
    assert (turns.limit, len(heard)) == (4, 2)
