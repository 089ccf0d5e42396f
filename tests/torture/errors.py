"""Which calls fail: each in turn, or by chance until time or number is spent."""

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.torture import errors_trials, shim
from tests.torture.counts import Counts
from tests.torture.errors_trials import Fault, Faults
from tests.torture.program import Program
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


def run(chance: random.Random, ends: float | None, wish: Wish) -> Counts:
    """Let calls fail by chance until ``time.monotonic`` comes to an end; without one, in turn."""
    counts = Counts()
    with tempfile.TemporaryDirectory(dir=_FAST if _FAST.is_dir() else None) as place:
        world = World(Path(place))
        program = Program(shim.KillPoints(), world.home, Path(place))
        for scenario in _turns(chance, ends, wish):
            kept = Faults(scenario, world, program)
            for fault in _faults(kept, chance, ends, wish):
                counts += _tried(kept, fault)
                if _is_enough(counts, ends, wish):
                    return counts
    return counts


def _turns(chance: random.Random, ends: float | None, wish: Wish) -> Iterator[Scenario]:
    if _is_each_in_turn(ends, wish):
        yield from wish.scenarios
        return
    while True:
        yield from chance.sample(wish.scenarios, len(wish.scenarios))


def _faults(kept: Faults, chance: random.Random, ends: float | None, wish: Wish) -> Iterator[Fault]:
    if _is_each_in_turn(ends, wish):
        return errors_trials.every(kept.calls, first=chance.randrange(_MOST_ERRORS))
    share = min(_FAULTS_A_TURN, wish.most_errors or _FAULTS_A_TURN)
    return islice(errors_trials.some(kept.calls, chance), share)


def _is_each_in_turn(ends: float | None, wish: Wish) -> bool:
    return ends is None and wish.most_errors is None


def _is_enough(counts: Counts, ends: float | None, wish: Wish) -> bool:
    if wish.most_errors is not None and counts.faults + len(counts.lost) >= wish.most_errors:
        return True
    return ends is not None and time.monotonic() > ends


def _tried(kept: Faults, fault: Fault) -> Counts:
    try:
        return Counts(faults=kept.carry_out_fault(fault))
    except AssertionError as error:
        sys.stderr.write(f"LOST: {fault}: {error}\n")
        return Counts(lost=(str(fault),))
