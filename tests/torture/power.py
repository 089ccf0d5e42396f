"""Which power cuts are made: each in turn, or by chance until time or number is spent."""

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice, product
from math import ceil
from pathlib import Path

from tests.torture import power_cuts, power_disk
from tests.torture.counts import Counts
from tests.torture.power_cuts import Cut, Cuts, DiskWorld, PoweredProgram
from tests.torture.scenarios import SCENARIOS, Scenario
from tests.torture.shim import KillPoints, Lies

#: How many cuts a scenario gets in a turn at the most.
_CUTS_A_TURN = 10

#: How many scenarios have a turn before another disk comes.
_SCENARIOS_A_DISK = 5

#: Where each has its turn, it is one of so many changes of the disk: each of them is for kills.
_STRIDE = 25

#: In memory; the file systems do not know that it is no disk.
_FAST = Path("/dev/shm")  # noqa: S108 - a directory of our own is made there

#: What shows at once whether content and names reach the disk.
_TELLING = next(one for one in SCENARIOS if one.name == "keymap backup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What of the cuts is asked for."""

    scenarios: Sequence[Scenario] = SCENARIOS
    #: The file systems, of which those are cut that this machine has.
    kinds: Sequence[str] = tuple(power_disk.MAKERS)
    #: How many cuts are enough.
    most_cuts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    """A world on a disk that can be cut, and the program."""

    kind: str
    #: Whether the service is on another machine.
    apart: bool
    world: DiskWorld
    program: PoweredProgram


def run(chance: random.Random, ends: float | None, wish: Wish) -> Counts:
    """Cut by chance until ``time.monotonic`` comes to an end; without one, in turn."""
    kinds = list(_possible(wish.kinds))
    if not kinds:
        return Counts()
    power_disk.mount_for_us_alone()
    counts = Counts(lost=tuple(_believed(kinds)))
    for cutter in _Turns(wish, chance, ends).of_disks(kinds):
        for tried in cutter:
            counts += tried
            if _is_enough(counts, wish, ends):
                return counts
    return counts


class _Turns:
    """Which disk and which scenario has its turn, and with which cuts."""

    def __init__(self, wish: Wish, chance: random.Random, ends: float | None) -> None:
        self._wish = wish
        self._chance = chance
        self._each_in_turn = ends is None and wish.most_cuts is None

    def of_disks(self, kinds: Sequence[str]) -> Iterator[Iterator[Counts]]:
        """Yield what comes of each disk, once or without end."""
        disks = list(product(kinds, (False, True)))
        for _ in range(1) if self._each_in_turn else count():
            self._chance.shuffle(disks)
            for kind, apart in disks:
                yield self._cut_on(kind, apart=apart)

    def _cut_on(self, kind: str, *, apart: bool) -> Iterator[Counts]:
        with _machine(kind, apart=apart) as machine:
            for scenario in self._scenarios():
                kept = Cuts(scenario, machine.world, machine.program)
                for cut in self._cuts(machine, scenario, kept.ideal.points):
                    yield _tried(kept, cut)

    def _scenarios(self) -> Sequence[Scenario]:
        known = self._wish.scenarios
        if self._each_in_turn:
            return known
        return self._chance.sample(known, min(_SCENARIOS_A_DISK, len(known)))

    def _cuts(self, machine: _Machine, scenario: Scenario, points: int) -> Iterator[Cut]:
        kind, apart, chance = machine.kind, machine.apart, self._chance
        if self._each_in_turn:
            first = chance.randrange(_STRIDE)
            cuts = power_cuts.every(kind, scenario, points, apart=apart)
            return islice(cuts, first, None, _STRIDE)
        cuts = power_cuts.some(kind, scenario, points, apart=apart, chance=chance)
        return islice(cuts, self._cuts_a_turn())

    def _cuts_a_turn(self) -> int:
        """Return how many cuts a scenario gets before the next one has its turn."""
        if self._wish.most_cuts is None:
            return _CUTS_A_TURN
        return min(_CUTS_A_TURN, ceil(self._wish.most_cuts / len(self._wish.scenarios)))


@contextmanager
def _machine(kind: str, *, apart: bool, lies: Lies = Lies.NOTHING) -> Iterator[_Machine]:
    """Lend a machine; one that ``lies`` loses what it said that it has."""
    points = KillPoints()
    with tempfile.TemporaryDirectory(dir=_FAST if _FAST.is_dir() else None) as name:
        place = Path(name)
        with power_disk.disk(kind, place) as disk:
            world = DiskWorld(disk, store=place / "store" if apart else None)
            program = PoweredProgram(points, world, place)
            points.set_lies(lies)
            try:
                yield _Machine(kind=kind, apart=apart, world=world, program=program)
            finally:
                points.set_lies(Lies.NOTHING)


def _believed(kinds: Sequence[str]) -> list[str]:
    """Return the disks that kept nothing of what they said, and were not found out."""
    lying = list(product(kinds, (Lies.FILES, Lies.DIRECTORIES)))
    believed = [
        f"{lies.name} on {kind} are not kept" for kind, lies in lying if _is_believed(kind, lies)
    ]
    found = len(lying) - len(believed)
    sys.stdout.write(f"{found} of {len(lying)} lying disks were found out\n")
    return believed


def _is_believed(kind: str, lies: Lies) -> bool:
    with _machine(kind, apart=False, lies=lies) as machine:
        kept = Cuts(_TELLING, machine.world, machine.program)
        try:
            kept.cut(Cut(kind=kind, apart=False, scenario=_TELLING, at=0))
        except AssertionError:
            return False
    return True


def _possible(kinds: Sequence[str]) -> Iterator[str]:
    for kind in kinds:
        missing = power_disk.what_is_missing(kind)
        if missing is None:
            yield kind
        else:
            sys.stdout.write(f"{missing}: no power cuts on {kind}\n")


def _is_enough(counts: Counts, wish: Wish, ends: float | None) -> bool:
    most = wish.most_cuts
    if most is not None and counts.power_cuts + len(counts.lost) >= most:
        return True
    return ends is not None and time.monotonic() > ends


def _tried(kept: Cuts, cut: Cut) -> Counts:
    try:
        return Counts(power_cuts=kept.cut(cut))
    except AssertionError as error:
        sys.stderr.write(f"LOST: {cut}: {error}\n")
        return Counts(lost=(str(cut),))
