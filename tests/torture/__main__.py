"""``python -m tests.torture``: by seed and time; ends with one line that says what was tried."""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.torture import (
    broken,
    brownouts,
    errors,
    exploring,
    fuzzing,
    history_runs,
    kill_runs,
    power,
    power_disk,
    shim,
    sized_tests,
)
from tests.torture.counts import Counts
from tests.torture.kills import Kill, Trial
from tests.torture.scenarios import SCENARIOS, Scenario

#: Try until the clock of ``time.monotonic`` says so; without an end, each thing in turn.
Run = Callable[[random.Random, float | None], Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of torture."""

    name: str
    run: Run
    #: Whether it can do nothing without the library that stands in front of the C library.
    needs_library: bool = True


def _kinds(given: argparse.Namespace) -> list[Kind]:
    """Return what there is to try; ``--kinds`` picks from it by name."""
    known = {one.name: one for one in SCENARIOS}
    chosen = [known[name] for name in given.only] if given.only else SCENARIOS
    wish = kill_runs.Wish(
        scenarios=chosen,
        most_kills=given.kills,
        trials_each=given.trials,
        trial=_trial(chosen[0], given) if given.at else None,
        entry=broken.PROGRAMS[given.program],
    )
    failing = errors.Wish(
        scenarios=chosen,
        most_errors=given.errors,
        with_every_error=given.every_error,
        failing=given.failing or (),
    )
    kinds = given.disks or tuple(power_disk.MAKERS)
    cuts = power.Wish(scenarios=chosen, kinds=kinds, most_cuts=given.cuts)
    return [
        Kind(name="kills", run=partial(kill_runs.run, wish=wish)),
        Kind(name="errors", run=partial(errors.run, wish=failing)),
        Kind(name="power", run=partial(power.run, wish=cuts)),
        Kind(name="faults", run=brownouts.run, needs_library=False),
        Kind(name="histories", run=history_runs.run, needs_library=False),
        Kind(name="states", run=exploring.run, needs_library=False),
        Kind(name="fuzz", run=fuzzing.run, needs_library=False),
        Kind(name="names", run=sized_tests.NAMES.run, needs_library=False),
        Kind(name="secrets", run=sized_tests.SECRETS.run, needs_library=False),
    ]


def _trial(scenario: Scenario, given: argparse.Namespace) -> Trial:
    hits = [Kill(at=int(at), refreshing=bool(of)) for of, _, at in map(_parted, given.at)]
    return Trial(scenario=scenario, kills=tuple(hits), torn=given.torn)


def _parted(text: str) -> tuple[str, str, str]:
    return text.rpartition(":")


def torture(kinds: Sequence[Kind], *, seed: int, duration_s: float | None) -> Counts:
    """Let each kind have the same part of the time, and a chance of its own."""
    counts = Counts()
    for kind, ends in zip(kinds, _ends(len(kinds), duration_s), strict=True):
        # Not from one chance in turn: a kind has the same trials without the others.
        chance = random.Random(f"{seed} {kind.name}")  # noqa: S311 - no secret
        counts += kind.run(chance, ends)
    return counts


def _ends(number: int, duration_s: float | None) -> Iterator[float | None]:
    """Yield when each kind has to end; what one leaves of its time is the others'."""
    last = None if duration_s is None else time.monotonic() + duration_s
    for left in range(number, 0, -1):
        now = time.monotonic()
        yield None if last is None else now + (last - now) / left


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.torture")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--duration", type=float, help="seconds; without, each thing in turn")
    parser.add_argument("--kinds", nargs="+", metavar="KIND", help="by name; all without")
    parser.add_argument("--only", nargs="+", metavar="SCENARIO", help="by name; not of all kinds")
    parser.add_argument("--trials", type=int, help="how many kills by chance each line has")
    parser.add_argument("--at", nargs="+", metavar="K", help="one trial, as a failure shows it")
    parser.add_argument("--torn", action="store_true", help="half of a write is done")
    parser.add_argument("--program", choices=broken.PROGRAMS, default="sound", help="what is tried")
    parser.add_argument("--kills", type=int, help="how many are enough; they are by chance")
    parser.add_argument("--errors", type=int, help="how many are enough; they are by chance")
    parser.add_argument("--every-error", action="store_true", help="at each call, not in turn")
    parser.add_argument("--failing", nargs="+", metavar="K", help="as a failure shows it")
    parser.add_argument("--cuts", type=int, help="how many are enough; they are by chance")
    parser.add_argument("--disks", nargs="+", choices=power_disk.MAKERS, help="of the cuts")
    return parser


def _run(given: argparse.Namespace) -> int:
    kinds = [one for one in _kinds(given) if not given.kinds or one.name in given.kinds]
    possible = [one for one in kinds if shim.is_loaded() or not one.needs_library]
    for kind in kinds:
        if kind not in possible:
            sys.stdout.write(f"there is no C compiler: no {kind.name}\n")
    counts = torture(possible, seed=given.seed, duration_s=given.duration)
    if counts.lost:
        sys.stdout.write(f"seed {given.seed}: " + "; ".join(counts.lost) + "\n")
    for words in counts.besides():
        sys.stdout.write(f"{words}\n")
    sys.stdout.write(f"{counts}\n")
    return int(bool(counts.lost))


def main(argv: Sequence[str]) -> int:
    """Run with the library in front, which needs another process."""
    given = _parser().parse_args(argv)
    if shim.is_loaded() or shim.compiler() is None:
        return _run(given)
    with tempfile.TemporaryDirectory() as place:
        library = shim.build(Path(place))
        words = [sys.executable, "-m", "tests.torture", *argv]
        environment = shim.environment_with(library)
        return subprocess.run(words, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
