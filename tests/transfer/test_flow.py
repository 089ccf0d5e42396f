"""Many stories over one pool of threads."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.transfer import flow

MAIN = threading.main_thread()


class Crowd:
    """Work that counts how many of its kind run at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0
        self.threads: set[str] = set()

    def work(self, result: int, pause_s: float = 0.002) -> int:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.threads.add(threading.current_thread().name)
        time.sleep(pause_s)  # noqa: TID251 - real threads need real time to overlap
        with self._lock:
            self._now -= 1
        return result


def fail(message: str) -> int:
    raise ValueError(message)


def double(number: int) -> flow.Flow[int]:
    got = yield from flow.call(lambda: number)
    again = yield from flow.call(lambda: got + number)
    assert threading.current_thread() is MAIN
    return again


def at_once(number: int) -> flow.Flow[int]:
    yield from ()
    return number


def test_a_flow_gets_the_results_of_its_calls_and_returns_its_own() -> None:
    assert list(flow.run([double(3)], workers=2)) == [6]


def test_no_flows_are_no_results() -> None:
    assert list(flow.run([], workers=2)) == []


def test_work_runs_on_the_threads_of_the_pool_and_no_more_of_it_than_they_are() -> None:
    crowd, heard = Crowd(), list[int]()

    def story() -> flow.Flow[None]:
        yield from flow.each((partial(crowd.work, number) for number in range(30)), heard.append)

    list(flow.run([story(), story()], workers=3))
    assert crowd.most == 3
    assert len(crowd.threads) == 3
    assert MAIN.name not in crowd.threads
    assert sorted(heard) == sorted([*range(30), *range(30)])


def test_small_flows_keep_the_pool_as_busy_as_a_large_one() -> None:
    crowd = Crowd()

    def story(number: int) -> flow.Flow[int]:
        return (yield from flow.call(partial(crowd.work, number)))

    assert sorted(flow.run(map(story, range(30)), workers=4)) == list(range(30))
    assert crowd.most == 4


def test_flows_begin_in_order() -> None:
    begun = []

    def story(number: int) -> flow.Flow[int]:
        begun.append(number)
        return (yield from flow.call(lambda: number))

    list(flow.run(map(story, range(20)), workers=3))
    assert begun == list(range(20))


def test_a_flow_that_catches_its_failure_fails_alone() -> None:
    def careful(number: int) -> flow.Flow[str]:
        try:
            yield from flow.call(partial(fail, f"{number}"))
        except ValueError as error:
            return f"failed: {error}"
        return "done"

    assert sorted(flow.run(map(careful, range(3)), workers=2)) == [
        "failed: 0",
        "failed: 1",
        "failed: 2",
    ]


def test_a_failure_that_nobody_catches_stops_the_run() -> None:
    closed = []

    def other() -> flow.Flow[int]:
        try:
            yield from flow.each((lambda: None for _ in range(10**9)), lambda _: None)
        finally:
            closed.append("other")
        return 0

    def bad() -> flow.Flow[int]:
        return (yield from flow.call(partial(fail, "no")))

    with pytest.raises(ValueError, match="no"):
        list(flow.run([bad(), other()], workers=2))
    assert closed == ["other"]


def test_a_flow_that_fails_between_its_steps_stops_the_run() -> None:
    def bad() -> flow.Flow[int]:
        yield from flow.call(lambda: None)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(flow.run([bad()], workers=2))


def test_what_was_begun_is_heard_before_the_failure_is() -> None:
    heard: list[int] = []

    def works(started: threading.Event) -> Iterator[Callable[[], int]]:
        yield lambda: int(started.wait(5)) + fast()
        yield partial(fail_after, started)
        yield lambda: 99

    def fast() -> int:
        time.sleep(0.05)  # noqa: TID251 - let the failure come first
        return 1

    def fail_after(started: threading.Event) -> int:
        started.set()
        raise ValueError

    def story() -> flow.Flow[list[int]]:
        try:
            yield from flow.each(works(threading.Event()), heard.append)
        except ValueError:
            return list(heard)
        return []

    assert list(flow.run([story()], workers=2)) in ([[2]], [[2, 99]], [[99, 2]])


def refuse(_: int) -> None:
    raise ZeroDivisionError


def test_a_failure_while_a_result_is_recorded_is_the_flows_own() -> None:
    def story() -> flow.Flow[str]:
        try:
            yield from flow.each([lambda: 1, lambda: 2], refuse)
        except ZeroDivisionError:
            return "heard"
        return "not heard"

    assert list(flow.run([story()], workers=1)) == ["heard"]


def test_a_failure_while_work_is_looked_for_is_the_flows_own() -> None:
    def works() -> Iterator[Callable[[], int]]:
        yield lambda: 1
        raise LookupError

    def story() -> flow.Flow[list[int]]:
        heard: list[int] = []
        with pytest.raises(LookupError):
            yield from flow.each(works(), heard.append)
        return heard

    assert list(flow.run([story()], workers=4)) == [[1]]


def test_work_is_pulled_only_as_places_become_free() -> None:
    pulled, done = list[int](), list[int]()

    def works() -> Iterator[Callable[[], int]]:
        for number in range(20):
            pulled.append(number)
            assert len(pulled) - len(done) <= 4
            yield partial(int, number)

    def story() -> flow.Flow[None]:
        yield from flow.each(works(), done.append)

    list(flow.run([story()], workers=2))
    assert sorted(done) == list(range(20))


def test_work_begins_while_its_flow_waits_for_more() -> None:
    begun = threading.Event()
    in_time = list[bool]()

    def works() -> Iterator[Callable[[], None]]:
        yield begun.set
        # As a pipe whose writer dawdles.
        in_time.append(begun.wait(5))

    def story() -> flow.Flow[None]:
        yield from flow.each(works(), lambda _: None)

    list(flow.run([story()], workers=4))
    assert in_time == [True]


def test_flows_are_pulled_only_as_places_become_free() -> None:
    pulled = []

    def stories() -> Iterator[flow.Flow[int]]:
        for number in range(1000):
            pulled.append(number)
            yield at_once(number) if number % 2 else double(number)

    run = flow.run(stories(), workers=2)
    for _ in range(10):
        next(run)
    assert len(pulled) < 20
    run.close()  # an iterator to callers, a generator inside


def test_results_that_need_no_work_come_before_those_that_do() -> None:
    gate = threading.Event()

    def slow() -> flow.Flow[int]:
        return (yield from flow.call(lambda: int(gate.wait(5))))

    run = flow.run([slow(), at_once(7), at_once(8)], workers=1)
    assert [next(run), next(run)] == [7, 8]
    gate.set()
    assert list(run) == [1]


def test_a_very_long_chain_of_steps_is_no_deeper_than_a_short_one() -> None:
    def story() -> flow.Flow[int]:
        for _ in range(3000):
            yield from flow.each([], lambda _: None)
        return 1

    assert list(flow.run([story()], workers=1)) == [1]


class Interrupted(BaseException):
    """Stands for a signal that arrives between two results."""


def interrupt(*begun: threading.Event) -> flow.Flow[int]:
    """Interrupt the run once work elsewhere has begun; needs a worker of its own."""

    def wait() -> None:
        for one in begun:
            assert one.wait(5)
        raise Interrupted

    yield from flow.call(wait)
    return 0


class Slow:
    """Work that says when it begins, and ends a while after that."""

    def __init__(self, result: int = 0) -> None:
        self.begun = threading.Event()
        self._result = result

    def __call__(self) -> int:
        self.begun.set()
        time.sleep(0.1)  # noqa: TID251 - it has to be under way when the interrupt comes
        return self._result


def test_what_finishes_within_the_grace_time_is_recorded() -> None:
    heard, told = list[int](), list[str]()
    work = Slow(5)

    def story() -> flow.Flow[int]:
        try:
            heard.append((yield from flow.call(work)))
            yield from flow.call(lambda: told.append("begun"))
        finally:
            told.append("closed")
        return 0

    with pytest.raises(Interrupted):
        list(flow.run([story(), interrupt(work.begun)], workers=2))
    assert (heard, told) == ([5], ["closed"])


def test_parts_that_finish_within_the_grace_time_are_recorded_and_no_more_are_sent() -> None:
    heard, works = list[int](), [Slow(number) for number in range(20)]

    def story() -> flow.Flow[int]:
        yield from flow.each(works, heard.append)
        heard.append(99)
        return 0

    begun = [one.begun for one in works[:2]]
    with pytest.raises(Interrupted):
        list(flow.run([interrupt(*begun), story()], workers=3))
    # The worker that was free to interrupt may have taken one more by then.
    assert sorted(heard) in ([0, 1], [0, 1, 2])


def test_a_failure_while_flows_are_closed_hides_neither_the_interrupt_nor_other_flows() -> None:
    closed, works = list[str](), [Slow(), Slow()]

    def story(name: str, work: Slow) -> flow.Flow[int]:
        try:
            yield from flow.call(work)
            yield from flow.call(work)
        finally:
            closed.append(name)
            fail(name)
        return 0

    stories = [story("first", works[0]), story("second", works[1])]
    with pytest.raises(Interrupted):
        list(flow.run([*stories, interrupt(*(one.begun for one in works))], workers=3))
    assert closed == ["first", "second"]


HANG = """
import os, signal, sys, threading, time
from glaciercli.transfer import flow

def story():
    yield from flow.call(lambda: time.sleep(60))

threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
begun = time.monotonic()
try:
    list(flow.run([story() for _ in range(20)], workers=4))
except KeyboardInterrupt:
    print(time.monotonic() - begun)
"""


@pytest.mark.covers("P4")
def test_an_interrupt_ends_the_process_within_two_seconds_whatever_hangs() -> None:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", HANG], stdout=subprocess.PIPE, text=True, check=True, timeout=30
    )
    assert 1.5 < float(done.stdout) < 2.3
    assert time.monotonic() - begun < 10


def test_what_a_round_writes_ends_before_its_work_begins() -> None:
    """Twenty stories that each write, work and write again, and what came in which order."""
    told, open_rounds = list[str](), list[None]()

    @contextmanager
    def together() -> Iterator[None]:
        open_rounds.append(None)
        try:
            yield
        finally:
            open_rounds.pop()
            told.append("kept")

    def work(number: int) -> None:
        assert told.index(f"intent {number}") < len(told) - told[::-1].index("kept")

    def story(number: int) -> flow.Flow[int]:
        assert open_rounds
        told.append(f"intent {number}")
        yield from flow.call(partial(work, number))
        assert open_rounds
        told.append(f"result {number}")
        return number

    for number in flow.run(map(story, range(20)), workers=4, together=together):
        assert not open_rounds
        assert "kept" in told[told.index(f"result {number}") :]
    assert told.count("kept") < 30


def test_what_a_round_wrote_is_kept_when_a_story_in_it_fails() -> None:
    kept = []

    @contextmanager
    def together() -> Iterator[None]:
        try:
            yield
        finally:
            kept.append("round")

    def bad() -> flow.Flow[int]:
        yield from ()
        fail("no")
        return 0

    with pytest.raises(ValueError, match="no"):
        list(flow.run([double(1), bad()], workers=2, together=together))
    assert kept == ["round", "round"]


def test_threads_end_with_the_run() -> None:
    before = threading.active_count()
    list(flow.run(map(double, range(10)), workers=5))
    for _ in range(100):
        if threading.active_count() <= before:
            return
        time.sleep(0.01)  # noqa: TID251 - real threads need real time to end
    raise AssertionError("threads are left")


@settings(deadline=None, max_examples=60)
@given(
    shapes=st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=12),
    workers=st.integers(1, 5),
    failing=st.sets(st.integers(0, 11)),
)
def test_every_result_is_heard_once_whatever_the_flows_are(
    shapes: list[list[int]], workers: int, failing: set[int]
) -> None:
    heard: list[tuple[int, int, int]] = []

    def place(number: int, step: int, one: int) -> tuple[int, int, int]:
        return number, step, one

    def story(number: int, steps: list[int]) -> flow.Flow[tuple[int, bool]]:
        for step, count in enumerate(steps):
            yield from flow.each(
                (partial(place, number, step, one) for one in range(count)), heard.append
            )
        try:
            if number in failing:
                yield from flow.call(partial(fail, "x"))
        except ValueError:
            return number, False
        return number, True

    flows = (story(number, steps) for number, steps in enumerate(shapes))
    found = sorted(flow.run(flows, workers=workers))
    assert found == [(number, number not in failing) for number in range(len(shapes))]
    assert sorted(heard) == [
        (number, step, one)
        for number, steps in enumerate(shapes)
        for step, count in enumerate(steps)
        for one in range(count)
    ]
