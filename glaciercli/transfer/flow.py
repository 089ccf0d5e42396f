"""Runs many pieces of work at once, while their story is told in one place.

A *flow* is a generator that tells the story of one item: what it does between two ``yield from``
runs on the caller's thread, where the key map may be written; what it hands to ``call`` and
``each`` runs on worker threads.  ``run`` drives many flows over one pool, so that ten thousand
small files keep it as busy as one large file does.

The caller's thread works in *rounds*: it hears every result there is, lets the flows go on, and
only then hands their work to the pool.  What a round writes down can so reach the disk together,
and is there before any work that depends on it begins: see ``together``.  Without it each change
reaches the disk by itself, and work begins at once: a flow that waits for its own source, a pipe,
holds up nothing that was found before.

A flow that fails fails alone only if it catches its own errors; what it lets through stops the
whole run.  Work that was begun is waited for before a flow hears of a failure, so that what was
achieved is recorded.  After an interrupt a flow whose step finished within the grace time goes on
to its next step, where it is closed; the others are closed where they are.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass
from itertools import chain
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")

Work = Callable[[], Any]

#: What a round is wrapped in.
Together = Callable[[], AbstractContextManager[None]]

#: How long work under way may go on after an interrupt, in seconds.
GRACE_S = 1.5

#: How many flows may end in one round before their results are told.
_MOST_FINISHED = 100


@dataclass(slots=True)
class Step:
    """Work for the pool, taken as places become free, and who hears of each result."""

    works: Iterator[Work]
    done: Callable[[Any], None]
    #: Whether there is one work only, so that nobody need ask for another.
    single: bool = False


Flow = Generator[Step, None, Result]


def call(work: Callable[[], Result]) -> Generator[Step, None, Result]:
    """Carry out one piece of work on the pool and return its result."""
    results: list[Result] = []
    yield Step(iter((work,)), results.append, single=True)
    return results[0]


def each(
    works: Iterable[Callable[[], Result]], done: Callable[[Result], None]
) -> Generator[Step, None, None]:
    """Carry out pieces of work in parallel; ``done`` hears of each result on the flow's thread."""
    yield Step(iter(works), done)


def run(
    flows: Iterable[Flow[Result]], *, workers: int, together: Together | None = None
) -> Generator[Result, None, None]:
    """Drive flows over a pool of threads and yield what they return, as they finish.

    ``together`` wraps each round on the caller's thread; its end comes before the round's work
    begins and before its results are yielded.
    """
    driver: _Driver[Result] = _Driver(iter(flows), _Pool(workers), together)
    try:
        yield from driver.results()
    except BaseException:
        driver.wind_up()
        raise
    finally:
        driver.stop()


def run_all(
    flows: Iterable[Flow[Result]],
    *,
    workers: int,
    take: Callable[[Result], object],
    together: Together | None = None,
) -> None:
    """Drive flows to their ends; ``take`` hears what each returns.

    Whatever interrupts it, the flows are wound up before the caller goes on.
    """
    with closing(run(flows, workers=workers, together=together)) as results:
        for result in results:
            take(result)


@dataclass(slots=True)
class _Running(Generic[Result]):
    """A flow between two of its steps."""

    flow: Flow[Result]
    step: Step | None = None
    exhausted: bool = False
    outstanding: int = 0
    failure: BaseException | None = None


@dataclass(slots=True)
class _Outcome:
    ticket: object
    result: Any = None
    failure: BaseException | None = None


class _Driver(Generic[Result]):
    def __init__(
        self, waiting: Iterator[Flow[Result]], pool: "_Pool", together: Together | None
    ) -> None:
        self._waiting = waiting
        self._pool = pool
        self._together = together or nullcontext
        self._at_once = together is None
        self._more_waiting = True
        self._running: list[_Running[Result]] = []
        self._ready: list[tuple[Work, _Running[Result]]] = []
        self._finished: deque[Result] = deque()

    def results(self) -> Iterator[Result]:
        heard: list[_Outcome] = []
        while self._running or self._more_waiting:
            self._round(heard)
            heard = []
            if self._finished:
                # Told at once: the flows behind may be very many, and need no work either.
                yield from self._take_finished()
            elif self._pool.outstanding:
                heard = [self._pool.wait()]

    def wind_up(self) -> None:
        """Let work under way finish within the grace time, and keep what it achieved."""
        outcomes = list(self._pool.drain(GRACE_S))
        with self._together():
            for outcome in outcomes:
                self._take(outcome)
            for running in tuple(self._running):
                # The run is over already for a better reason than what a flow may raise now.
                with suppress(Exception):
                    if running.exhausted and not running.outstanding:
                        self._advance(running)
                with suppress(Exception):
                    running.flow.close()

    def stop(self) -> None:
        """Let the threads end."""
        self._pool.stop()

    def _round(self, heard: Iterable[_Outcome]) -> None:
        """Hear results, let the flows go on, and give the pool what they ask for."""
        with self._together():
            for outcome in chain(heard, self._pool.finished()):
                self._hear(outcome)
            self._fill()
        ready, self._ready = self._ready, []
        for work, running in ready:
            self._pool.submit(work, running)

    def _take_finished(self) -> Iterator[Result]:
        while self._finished:
            yield self._finished.popleft()

    def _has_room(self) -> bool:
        # One more than there are workers, so that none idles while the caller commits.
        return self._pool.outstanding + len(self._ready) <= self._pool.workers

    def _fill(self) -> None:
        while self._has_room() and len(self._finished) < _MOST_FINISHED:
            if not self._feed_one() and not self._start_one():
                return

    def _feed_one(self) -> bool:
        for running in tuple(self._running):
            if running.step is not None and not running.exhausted and self._feed(running):
                return True
        return False

    def _feed(self, running: _Running[Result]) -> bool:
        """Hand the pool the next work of a flow, if there is any."""
        assert running.step is not None
        try:
            work = next(running.step.works, None)
        except Exception as failure:  # noqa: BLE001 - the flow hears of it and decides
            running.failure = failure
            work = None
        if work is not None:
            running.outstanding += 1
            running.exhausted = running.step.single
            if self._at_once:
                self._pool.submit(work, running)
            else:
                self._ready.append((work, running))
            return True
        running.exhausted = True
        self._go_on_if_idle(running)
        return False

    def _start_one(self) -> bool:
        flow = next(self._waiting, None)
        if flow is None:
            self._more_waiting = False
            return False
        running = _Running(flow)
        self._running.append(running)
        self._advance(running)
        return True

    def _hear(self, outcome: _Outcome) -> None:
        self._go_on_if_idle(self._take(outcome))

    def _take(self, outcome: _Outcome) -> _Running[Result]:
        running = outcome.ticket
        assert isinstance(running, _Running)
        running.outstanding -= 1
        failure = outcome.failure
        if failure is None and running.step is not None:
            try:
                running.step.done(outcome.result)
            except Exception as error:  # noqa: BLE001 - the flow hears of it and decides
                failure = error
        if failure is not None:
            running.exhausted = True
            running.failure = running.failure or failure
        return running

    def _go_on_if_idle(self, running: _Running[Result]) -> None:
        if running.exhausted and not running.outstanding:
            self._advance(running)

    def _advance(self, running: _Running[Result]) -> None:
        failure, running.failure = running.failure, None
        running.step = None
        try:
            step = next(running.flow) if failure is None else running.flow.throw(failure)
            running.step, running.exhausted = step, False
        except StopIteration as stop:
            self._running.remove(running)
            self._finished.append(stop.value)
        except BaseException:
            self._running.remove(running)
            raise


class _Pool:
    """A few threads that take work and give back outcomes."""

    def __init__(self, workers: int) -> None:
        self._work: SimpleQueue[tuple[Work, object] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[_Outcome] = SimpleQueue()
        self.workers = workers
        self._threads: list[threading.Thread] = []
        self.outstanding = 0

    def submit(self, work: Work, ticket: object) -> None:
        self.outstanding += 1
        if len(self._threads) < self.workers:
            # Daemon threads: a request that hangs must not keep the process from ending.
            thread = threading.Thread(target=self._serve, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._work.put((work, ticket))

    def wait(self) -> _Outcome:
        outcome = self._outcomes.get()
        self.outstanding -= 1
        return outcome

    def finished(self) -> Iterator[_Outcome]:
        """Yield the outcomes that need no waiting for."""
        while not self._outcomes.empty():
            self.outstanding -= 1
            yield self._outcomes.get()

    def drain(self, seconds: float) -> Iterator[_Outcome]:
        """Yield the outcomes of what is being worked on; what no thread took is dropped."""
        while not self._work.empty():
            try:
                self._work.get_nowait()
            except Empty:
                break
            self.outstanding -= 1
        end = time.monotonic() + seconds
        while self.outstanding:
            try:
                outcome = self._outcomes.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                return
            self.outstanding -= 1
            yield outcome

    def stop(self) -> None:
        for _ in self._threads:
            self._work.put(None)

    def _serve(self) -> None:
        while self._serve_one():
            pass

    def _serve_one(self) -> bool:
        """Carry out one work, of which an idle thread keeps nothing, and tell whether to go on."""
        item = self._work.get()
        if item is None:
            return False
        work, ticket = item
        try:
            outcome = _Outcome(ticket, result=work())
        except BaseException as failure:  # noqa: BLE001 - handed to the flow's thread
            outcome = _Outcome(ticket, failure=failure)
        self._outcomes.put(outcome)
        return True
