"""Which kills are carried out: each in turn, or by chance until time or number is spent."""

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from glaciercli.cli.main import main
from tests.torture import kills, shim
from tests.torture.counts import Counts
from tests.torture.lasting import LastingProgram, lasting
from tests.torture.program import Entry
from tests.torture.scenarios import SCENARIOS, Scenario
from tests.torture.world import World

#: How many trials a scenario gets before the next one has its turn.
_TRIALS_A_TURN = 10

#: Where nothing reaches a disk: only the order of the calls counts here.
_FAST = Path("/dev/shm")  # noqa: S108 - a directory of our own is made there


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What of the kills is asked for."""

    scenarios: Sequence[Scenario] = SCENARIOS
    #: How many kills are enough.
    most_kills: int | None = None
    #: How many trials by chance each scenario has, in place of every change of the disk.
    trials_each: int | None = None
    #: The one trial that is asked for, in place of others.
    trial: kills.Trial | None = None
    #: What is killed: another than the real program is to be found out.
    entry: Entry = main


def run(chance: random.Random, ends: float | None, wish: Wish) -> Counts:
    """Kill by chance until ``time.monotonic`` comes to an end; without one, each in turn."""
    counts = Counts()
    with tempfile.TemporaryDirectory(dir=_FAST if _FAST.is_dir() else None) as place:
        world = World(Path(place))
        points = shim.KillPoints()
        with lasting(points, world.home, Path(place), entry=wish.entry) as program:
            for kept, trial in _trials(_Turns(wish, chance, ends), world, program):
                counts += _tried(kept, trial)
                if _is_enough(counts, wish, ends):
                    break
    return counts


class _Turns:
    """Which scenario has its turn, and with which kills."""

    def __init__(self, wish: Wish, chance: random.Random, ends: float | None) -> None:
        self._wish = wish
        self._chance = chance
        self._goes_on = wish.trial is None and (ends is not None or wish.most_kills is not None)
        # Each scenario has a chance of its own, so that it has the same kills without the others.
        seed = chance.getrandbits(64)
        self._chances = {
            one.name: random.Random(f"{seed} {one.name}")  # noqa: S311 - no secret
            for one in wish.scenarios
        }

    def scenarios(self) -> Iterator[Scenario]:
        """Yield each once, or without end."""
        scenarios = self._wish.scenarios
        if not self._goes_on:
            yield from scenarios
        while self._goes_on:
            yield from self._chance.sample(scenarios, len(scenarios))

    def trials(self, scenario: Scenario, ideal: kills.Ideal) -> Iterator[kills.Trial]:
        """Yield what a scenario has in one turn."""
        if self._wish.trial is not None:
            yield self._wish.trial
        elif self._goes_on or self._wish.trials_each is not None:
            count = self._wish.trials_each or _TRIALS_A_TURN
            yield from islice(kills.some(scenario, ideal, self._chances[scenario.name]), count)
        else:
            yield from kills.every(scenario, ideal.points, torn=False)
            yield from kills.every(scenario, ideal.points, torn=True)


def _trials(
    turns: _Turns, world: World, program: LastingProgram
) -> Iterator[tuple[kills.Kills, kills.Trial]]:
    for scenario in turns.scenarios():
        kept = kills.Kills(scenario, world, program)
        for trial in turns.trials(scenario, kept.ideal):
            yield kept, trial


def _is_enough(counts: Counts, wish: Wish, ends: float | None) -> bool:
    if wish.most_kills is not None and counts.kill_points >= wish.most_kills:
        return True
    return ends is not None and time.monotonic() > ends


def _tried(kept: kills.Kills, trial: kills.Trial) -> Counts:
    try:
        killed = kept.carry_out(trial)
    except AssertionError as error:
        sys.stderr.write(f"LOST: {trial}: {error}\n")
        return Counts(lost=(str(trial),))
    sys.stderr.write(f"{trial}: {killed} kills\n")
    return Counts(kill_points=killed, compound=max(0, killed - 1))
