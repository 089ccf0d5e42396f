"""Takes the power away from a line, and compares what the disk kept with what was told.

A cut at a change of the disk is a kill whose memory is lost too, so it is the same each time.  One
of a line that runs on has its moment in the midst of what the file system does.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.torture import power_disk
from tests.torture.kills import Kill, Kills, Lost, Trial
from tests.torture.power_disk import Disk
from tests.torture.program import Ended, Program
from tests.torture.scenarios import Scenario
from tests.torture.shim import KillPoints
from tests.torture.world import Seen, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """When the power goes."""

    kind: str
    #: Whether the service is on another machine, whose power stays.
    apart: bool
    scenario: Scenario
    #: At which change of the disk; 0 is right after the end of the line.
    at: int
    #: Whether the line runs on beyond that, while the disk is copied.
    runs_on: bool = False

    def __str__(self) -> str:
        """Say what has to be given to have it again."""
        moment = f"at {self.at}{' or later' if self.runs_on else ''}" if self.at else "at its end"
        where = "the client's alone" if self.apart else "all"
        return f"{self.scenario.name} cut {moment}, {self.kind}, {where}"


class DiskWorld(World):
    """A world on a disk; the service's store may be on another one."""

    def __init__(self, disk: Disk, *, store: Path | None) -> None:
        super().__init__(disk.place)
        self._disk = disk
        self._store = store

    def begin(self) -> None:
        """Make an empty home."""
        self._disk.begin()
        super().begin()
        if self._store is not None:
            shutil.rmtree(self._store, ignore_errors=True)
            self._store.mkdir()
            self._place_of_store.mkdir(parents=True)
            self._bind()

    def keep(self) -> None:
        """Remember the home as it is."""
        self._disk.keep()
        if self._store is not None:
            shutil.rmtree(self._kept_store, ignore_errors=True)
            shutil.copytree(self._store, self._kept_store)
            self._bind()

    def put_back(self) -> None:
        """Make the home what was kept."""
        self._disk.put_back()
        if self._store is not None:
            shutil.rmtree(self._store)
            shutil.copytree(self._kept_store, self._store)
            self._bind()

    def lose_power(self) -> None:
        """Lose what the disk has not; the service's own disk is another one."""
        self._disk.lose_power()
        self._bind()

    def copy_as_it_is(self) -> None:
        """Keep what a cut at this moment would leave."""
        self._disk.copy_as_it_is()

    def become_the_copy(self) -> None:
        """Come back after the cut of which the copy was kept."""
        self._disk.become_the_copy()
        self._bind()

    @property
    def _place_of_store(self) -> Path:
        return self.home / "data" / "glaciercli" / "local-store"

    @property
    def _kept_store(self) -> Path:
        assert self._store is not None
        return self._store.with_name("kept-store")

    def _bind(self) -> None:
        if self._store is not None:
            power_disk.bind(self._store, self._place_of_store)


class PoweredProgram(Program):
    """The program on a machine that goes dark where it would have been killed."""

    def __init__(self, points: KillPoints, world: DiskWorld, scratch: Path) -> None:
        super().__init__(points, world.home, scratch)
        self._lose_power: Callable[[], None] = world.lose_power
        self._has_spare_power = False

    def finish(self, child: int) -> Ended:
        """Wait until a line has ended, and take the power away where it was ended."""
        ended = super().finish(child)
        if ended.was_killed and not self._has_spare_power:
            self._lose_power()
        return ended

    @contextmanager
    def spare_power(self) -> Iterator[None]:
        """Let a run that is ended lose nothing: what a world is made of is no trial."""
        self._has_spare_power = True
        try:
            yield
        finally:
            self._has_spare_power = False


class Cuts(Kills):
    """Carries out the cuts of one scenario."""

    def __init__(self, scenario: Scenario, world: DiskWorld, program: PoweredProgram) -> None:
        with program.spare_power():
            super().__init__(scenario, world, program)
        self._disk_world = world

    def cut(self, cut: Cut) -> int:
        """Return how many images were looked at; raise ``Lost`` where something is not right."""
        if cut.at and not cut.runs_on:
            return self.carry_out(Trial(scenario=cut.scenario, kills=(Kill(at=cut.at),)))
        self._world.put_back()
        self._program.put_back()
        told = self._cut_running(cut.at) if cut.runs_on else self._cut_at_the_end()
        if told:
            self._check_what_was_told()
        self._check_what_stands()
        self._go_on()
        self._refresh()
        self._check_end(killed=1)
        return 1

    def _cut_at_the_end(self) -> bool:
        ended = self._line()
        _demand_success(ended)
        self._disk_world.lose_power()
        return True

    def _cut_running(self, number: int) -> bool:
        """Copy the disk while the line runs; tell whether its result was out before that."""
        child = self._program.start(*self._scenario.line, stdin=self._scenario.stdin)
        self._program.wait_for_change(number, child)
        told = self._program.output()
        self._disk_world.copy_as_it_is()
        ended = self._program.finish(child)
        _demand_success(ended)
        self._disk_world.become_the_copy()
        return bool(told) and told == ended.out

    def _check_what_stands(self) -> Seen:
        seen = super()._check_what_stands()
        unknown = set(seen.known_ids) - set(seen.stored)
        if unknown:
            raise Lost(f"recorded and not stored: {sorted(unknown)}: {seen}")
        return seen

    def _check_what_was_told(self) -> None:
        """All that the line has done and told stays done."""
        seen, done = self._world.look(self._program), self.ideal.done
        if not self._scenario.begins_anew and seen.named != done.named:
            raise Lost(f"what was told as done is not there: {seen}, and was {done}")
        if seen.files.keys() != done.files.keys():
            raise Lost(f"files that were told of are not there: {seen}, and were {done}")


def _demand_success(ended: Ended) -> None:
    if ended.code != 0:
        raise Lost(f"the line fails undisturbed: {ended}")


def every(kind: str, scenario: Scenario, points: int, *, apart: bool) -> Iterator[Cut]:
    """Yield a cut at each change of the disk, and one after the end."""
    for number in range(points + 1):
        yield Cut(kind=kind, apart=apart, scenario=scenario, at=number)


def some(
    kind: str, scenario: Scenario, points: int, *, apart: bool, chance: random.Random
) -> Iterator[Cut]:
    """Yield a cut after the end, and then others without end."""
    yield Cut(kind=kind, apart=apart, scenario=scenario, at=0)
    while True:
        yield Cut(
            kind=kind,
            apart=apart,
            scenario=scenario,
            at=chance.randint(1, points),
            # A service apart would come further than the image of the client.
            runs_on=not apart and chance.random() < 1 / 3,
        )
