"""Which calls fail: each in turn, or by chance until time or number is spent."""

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from tests.torture import errors_trials, shim
from tests.torture.counts import Counts
from tests.torture.errors_trials import Calls, Fault, Faults
from tests.torture.lasting import lasting
from tests.torture.scenarios import SCENARIOS, Scenario
from tests.torture.world import World

#: How many faults a scenario gets before the next one has its turn.
_FAULTS_A_TURN = 10

#: Enough for each error to be the first.
_MOST_ERRORS = max(map(len, errors_trials.ERRORS.values()))

#: Where nothing reaches a disk: only the order of the calls counts here.
_FAST = Path("/dev/shm")  # noqa: S108 - a directory of our own is made there


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What of the errors is asked for."""

    scenarios: Sequence[Scenario] = SCENARIOS
    #: How many are enough.
    most_errors: int | None = None
    #: Whether each call fails with every error, and not with that whose turn it is.
    with_every_error: bool = False
    #: The faults that are asked for, as a failure shows them, in place of others.
    failing: Sequence[str] = ()


def run(chance: random.Random, ends: float | None, wish: Wish) -> Counts:
    """Let calls fail by chance until ``time.monotonic`` comes to an end; without one, in turn."""
    turns = _Turns(wish, chance, ends)
    counts = Counts()
    with tempfile.TemporaryDirectory(dir=_FAST if _FAST.is_dir() else None) as place:
        world = World(Path(place))
        with lasting(shim.KillPoints(), world.home, Path(place)) as program:
            for scenario in turns.scenarios():
                counts += turns.turn(Faults(scenario, world, program), counts)
                if turns.is_enough(counts):
                    break
    return counts


class _Turns:
    """Which scenario has its turn, and with which faults."""

    def __init__(self, wish: Wish, chance: random.Random, ends: float | None) -> None:
        self._wish = wish
        self._chance = chance
        self._ends = ends
        self._goes_on = ends is not None or wish.most_errors is not None

    def scenarios(self) -> Iterator[Scenario]:
        """Yield each once, or without end."""
        scenarios = self._wish.scenarios
        if not self._goes_on:
            yield from scenarios
        while self._goes_on:
            yield from self._chance.sample(scenarios, len(scenarios))

    def turn(self, kept: Faults, before: Counts) -> Counts:
        """Carry out what a scenario has in one turn, and say how far that came."""
        counts, began = Counts(), time.monotonic()
        for fault in self._faults(kept.calls):
            counts += _tried(kept, fault)
            if self.is_enough(before + counts):
                break
        seconds = time.monotonic() - began
        sys.stderr.write(
            f"{kept.calls.scenario.name}: {counts.faults} faults left {kept.states} states,"
            f" {len(counts.lost)} lost, {seconds:.0f} s\n"
        )
        return counts

    def is_enough(self, counts: Counts) -> bool:
        """Tell whether time or number is spent."""
        most = self._wish.most_errors
        if most is not None and counts.faults + len(counts.lost) >= most:
            return True
        return self._ends is not None and time.monotonic() > self._ends

    def _faults(self, calls: Calls) -> Iterator[Fault]:
        if self._wish.failing:
            return chain.from_iterable(
                errors_trials.read(calls, words) for words in self._wish.failing
            )
        if self._goes_on:
            share = min(_FAULTS_A_TURN, self._wish.most_errors or _FAULTS_A_TURN)
            return islice(errors_trials.some(calls, self._chance), share)
        if self._wish.with_every_error:
            return errors_trials.every_error(calls)
        return errors_trials.every(calls, first=self._chance.randrange(_MOST_ERRORS))


def _tried(kept: Faults, fault: Fault) -> Counts:
    try:
        return Counts(faults=kept.carry_out_fault(fault))
    except AssertionError as error:
        sys.stderr.write(f"LOST: {fault}: {error}\n")
        return Counts(lost=(str(fault),))
