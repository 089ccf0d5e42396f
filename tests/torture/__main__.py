"""``python -m tests.torture``: by seed and time; ends with one line that says what was tried."""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from tests.torture import kills, shim
from tests.torture.program import Program
from tests.torture.scenarios import SCENARIOS, Scenario
from tests.torture.world import World

#: How many trials a scenario gets before the next one has its turn.
_TRIALS_A_TURN = 10

#: Where nothing reaches a disk: only the order of the calls counts here.
_FAST = Path("/dev/shm")  # noqa: S108 - a directory of our own is made there


@dataclass(kw_only=True)
class Tally:
    """What was tried so far, and what was lost."""

    kill_points: int = 0
    power_cuts: int = 0
    histories: int = 0
    faults: int = 0
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the line at the end."""
        return (
            f"torture: {self.kill_points} kill points, {self.power_cuts} power cuts,"
            f" {self.histories} histories, {self.faults} faults, {len(self.lost)} lost"
        )


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a run is asked for."""

    seed: int
    #: How long it may begin something new, in seconds; for ever where there is none.
    duration_s: float | None
    #: How many kills are enough.
    most_kills: int | None
    #: Whether each change of the disk has its turn, rather than those that chance picks.
    every: bool
    scenarios: Sequence[Scenario]


def torture(wish: Wish, place: Path, tally: Tally) -> None:
    """Carry trials out until time or kills are spent."""
    chance = random.Random(wish.seed)  # noqa: S311 - no secret
    world = World(place)
    program = Program(shim.KillPoints(), world.home, place)
    ends = time.monotonic() + wish.duration_s if wish.duration_s else float("inf")
    for scenario in _turns(wish, chance):
        kept = kills.Kills(scenario, world, program)
        for trial in _trials(wish, scenario, kept.ideal.points, chance):
            _try(kept, trial, tally)
            if time.monotonic() > ends or _is_enough(wish, tally):
                return


def _turns(wish: Wish, chance: random.Random) -> Iterator[Scenario]:
    if wish.every:
        yield from wish.scenarios
        return
    while True:
        yield from chance.sample(wish.scenarios, len(wish.scenarios))


def _trials(
    wish: Wish, scenario: Scenario, points: int, chance: random.Random
) -> Iterator[kills.Trial]:
    if wish.every:
        return chain(
            kills.every(scenario, points, torn=False), kills.every(scenario, points, torn=True)
        )
    share = min(_TRIALS_A_TURN, wish.most_kills or _TRIALS_A_TURN)
    return islice(kills.some(scenario, points, chance), share)


def _is_enough(wish: Wish, tally: Tally) -> bool:
    return wish.most_kills is not None and tally.kill_points >= wish.most_kills


def _try(kept: kills.Kills, trial: kills.Trial, tally: Tally) -> None:
    try:
        tally.kill_points += kept.carry_out(trial)
    except AssertionError as error:
        tally.lost.append(str(trial))
        sys.stderr.write(f"LOST: {trial}: {error}\n")


def _wish(argv: Sequence[str]) -> Wish:
    parser = argparse.ArgumentParser(prog="tests.torture")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--duration", type=float, help="seconds")
    parser.add_argument("--kills", type=int, help="how many are enough")
    parser.add_argument("--every", action="store_true", help="each change of the disk in turn")
    parser.add_argument("--only", nargs="+", metavar="SCENARIO", help="by name")
    given = parser.parse_args(argv)
    known = {one.name: one for one in SCENARIOS}
    chosen = [known[name] for name in given.only] if given.only else SCENARIOS
    return Wish(
        seed=given.seed,
        duration_s=given.duration,
        most_kills=given.kills,
        every=given.every,
        scenarios=chosen,
    )


def _run(wish: Wish) -> int:
    tally = Tally()
    with tempfile.TemporaryDirectory(dir=_FAST if _FAST.is_dir() else None) as place:
        torture(wish, Path(place), tally)
    if tally.lost:
        sys.stdout.write(f"seed {wish.seed}: " + "; ".join(tally.lost) + "\n")
    sys.stdout.write(f"{tally}\n")
    return int(bool(tally.lost))


def main(argv: Sequence[str]) -> int:
    """Run with the library in front, which needs another process."""
    wish = _wish(argv)
    if shim.is_loaded():
        return _run(wish)
    if shim.compiler() is None:
        sys.stdout.write(f"there is no C compiler: nothing was killed\n{Tally()}\n")
        return 0
    with tempfile.TemporaryDirectory() as place:
        library = shim.build(Path(place))
        words = [sys.executable, "-m", "tests.torture", *argv]
        environment = shim.environment_with(library)
        return subprocess.run(words, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
