"""Kills a line at each change of the disk, lets it go on, and compares what came of it."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from tests.torture.program import Ended, Program
from tests.torture.scenarios import Scenario
from tests.torture.world import VAULT, Seen, World

_HOUR_S = 3600
#: Longer than a real service takes to list an archive.
_LAG_S = 4 * 24 * _HOUR_S

_REFRESH = ("inventory", "refresh", VAULT)

_TRY_LATER = 75
_NO_VAULT = 10


class Lost(AssertionError):
    """Something is not as it must be."""


@dataclass(frozen=True, kw_only=True)
class Kill:
    """The change of the disk at which a run is killed."""

    at: int
    #: Whether it hits the inventory that is to mend what an earlier kill left, and not the line.
    refreshing: bool = False

    def __str__(self) -> str:
        """Return how it is written after ``--at``."""
        return f"refresh:{self.at}" if self.refreshing else str(self.at)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The kills of runs, one after the other."""

    scenario: Scenario
    kills: tuple[Kill, ...]
    torn: bool = False

    def __str__(self) -> str:
        """Say what has to be given to have it again."""
        half = " --torn" if self.torn else ""
        which = f'--kinds kills --only "{self.scenario.name}"'
        return f"{which} --at {' '.join(map(str, self.kills))}{half}"


@dataclass(frozen=True, kw_only=True)
class Ideal:
    """How a line goes that nothing disturbs."""

    before: Seen
    #: Right after the line, and once an inventory was taken in.
    done: Seen
    after: Seen
    points: int
    #: How many changes of the disk the inventory takes that follows.
    refresh_points: int

    @property
    def kept(self) -> Counter[tuple[str, str]]:
        """What is there before the line and after it, and so at any moment between."""
        return self.before.named & self.done.named


class Kills:
    """Carries out the trials of one scenario, the world being put back for each."""

    def __init__(self, scenario: Scenario, world: World, program: Program) -> None:
        self._scenario = scenario
        self._world = world
        self._program = program
        #: From which states the line was seen to end well, and after how many kills.
        self._mended: set[tuple[str, int, int]] = set()
        world.begin()
        program.begin()
        scenario.prepare(world, program)
        world.keep()
        program.keep()
        before = world.look(program)
        self._put_back()
        ended = program.run(*scenario.line, stdin=scenario.stdin)
        _demand(ended.code == 0, "the line fails undisturbed", ended)
        done = world.look(program)
        refresh_points = self._refresh().points
        self.ideal = Ideal(
            before=before,
            done=done,
            after=world.look(program),
            points=ended.points,
            refresh_points=refresh_points,
        )

    def carry_out(self, trial: Trial) -> int:
        """Return how many kills there were; raise ``Lost`` where something is not right."""
        self._put_back()
        killed, beyond = 0, False
        for kill in trial.kills:
            ended = self._run_into(kill, torn=trial.torn)
            _demand("Traceback" not in ended.err, "a traceback", ended)
            if not ended.was_killed:
                # It is done, and what follows begins anew as it may after a kill.
                beyond = self._scenario.begins_anew and not kill.refreshing
                break
            killed += 1
            # To look mends as well, and a run that is killed too is to find what the kill left.
            is_last = killed == len(trial.kills)
            with nullcontext() if is_last else self._world.untouched():
                if not any(one.refreshing for one in trial.kills[:killed]):
                    self._scenario.stands(self._world)
                self._check_what_stands()
        self._check_mending(killed + beyond)
        return killed

    @property
    def states(self) -> int:
        """From how many states the line was seen to end well."""
        return len(self._mended)

    def _put_back(self) -> None:
        self._world.put_back()
        self._program.put_back()

    def _check_mending(self, killed: int) -> None:
        """Repeat the line until it is done, and compare what came of it."""
        left = (self._world.state(), killed, self._program.ahead_s)
        if left in self._mended:
            return
        self._go_on()
        # What was cut off between a request and its answer is settled by an inventory: the next,
        # if the first is one that a killed run asked for before.
        self._refresh()
        if any(row.state == "unsettled" for row in self._world.look(self._program).rows):
            self._refresh()
        self._check_end(killed)
        self._mended.add(left)

    def _run_into(self, kill: Kill, *, torn: bool) -> Ended:
        if kill.refreshing:
            return self._program.run(*_REFRESH, kill_at=kill.at, torn=torn)
        return self._line(kill_at=kill.at, torn=torn)

    def _line(self, *, kill_at: int = 0, torn: bool = False) -> Ended:
        scenario = self._scenario
        return self._program.run(*scenario.line, stdin=scenario.stdin, kill_at=kill_at, torn=torn)

    def _check_what_stands(self) -> Seen:
        """Look at what a kill has left, before anything is mended, and return it."""
        seen = self._world.look(self._program)
        _demand(not self.ideal.kept - seen.named, "an archive is lost", seen)
        whole = {*self.ideal.before.files.items(), *self.ideal.after.files.items()}
        for name, digest in seen.files.items():
            if name in self._scenario.proofs:
                proof = self._program.run(*self._scenario.proofs[name], name)
                _demand(proof.code == 0, f"{name} is not whole", proof)
            elif not _is_temporary(name):
                _demand((name, digest) in whole, f"{name} is neither old nor new", seen)
        return seen

    def _go_on(self) -> None:
        """Repeat the line, with time and inventories between, until it is done."""
        codes = []
        for wait in self._waits():
            wait()
            ended = self._line()
            _demand("Traceback" not in ended.err, "a traceback", ended)
            if ended.code in self._scenario.done:
                return
            codes.append((ended.code, ended.err))
        raise Lost(f"the line does not come to its end: {codes}")

    def _waits(self) -> Iterator[Callable[[], object]]:
        yield lambda: None
        yield self._refresh
        yield lambda: self._program.wait(_HOUR_S)
        yield self._outlast_doubt

    def _refresh(self) -> Ended:
        ended = self._program.run(*_REFRESH)
        if ended.code == _TRY_LATER:
            # A job that was asked for, and may never have begun, is given up after a while.
            self._program.wait(_HOUR_S)
            ended = self._program.run(*_REFRESH)
        _demand(ended.code in {0, _TRY_LATER, _NO_VAULT}, "no inventory", ended)
        return ended

    def _outlast_doubt(self) -> None:
        """Let so much time go by that what no inventory lists was never stored."""
        self._program.wait(_LAG_S)
        self._program.run("upload", "-", VAULT, "--name", ".doubt", stdin=b"x")
        self._refresh()
        self._program.run("delete", f"{VAULT}/.doubt", "--yes")

    def _check_end(self, killed: int) -> None:
        seen, ideal = self._world.look(self._program), self.ideal
        checked = self._program.run("keymap", "check")
        _demand(checked.code == 0, "the key map is damaged", checked)
        _demand(sorted(seen.known_ids) == sorted(seen.stored), "rows and archives differ", seen)
        self._check_names(seen)
        _demand(set(seen.files) == set(ideal.after.files), "other files", seen)
        changing = self._scenario.proofs
        for name in seen.files.keys() - changing.keys():
            _demand(seen.files[name] == ideal.after.files[name], f"{name} differs", seen)
        self._check_price(seen, killed)

    def _check_names(self, seen: Seen) -> None:
        if not self._scenario.begins_anew:
            _demand(seen.named == self.ideal.after.named, "other names or contents", seen)

    def _check_price(self, seen: Seen, killed: int) -> None:
        """Nothing is stored or asked for twice; of what is sent, one part a kill."""
        ideal = self.ideal.after
        again = killed if self._scenario.begins_anew else 0
        doubt = self._doubts
        _demand(seen.archives_ever <= ideal.archives_ever + again + doubt, "stored twice", seen)
        before = self.ideal.before.retrievals_ever
        once = max(ideal.retrievals_ever - before, self._scenario.draws)
        _demand(seen.retrievals_ever <= before + once * (1 + again), "paid twice", seen)
        sent = killed * self._scenario.sent_again + again + doubt
        _demand(seen.blobs_ever <= ideal.blobs_ever + sent, "sent twice", seen)
        _demand(seen.units <= ideal.units + again, "bought twice", seen)
        _demand(seen.open_uploads == ideal.open_uploads, "an upload is left", seen)
        _demand(seen.settings == ideal.settings, "other settings", seen)

    @property
    def _doubts(self) -> int:
        """One archive more where doubt had to be outlasted."""
        return int(self._program.ahead_s >= _LAG_S)


def _is_temporary(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last.endswith(".partial") or last.startswith(".key-map-")


def every(scenario: Scenario, points: int, *, torn: bool) -> Iterator[Trial]:
    """Yield a trial for each change of the disk."""
    for number in range(1, points + 1):
        yield Trial(scenario=scenario, kills=(Kill(at=number),), torn=torn)


def some(scenario: Scenario, ideal: Ideal, chance: random.Random) -> Iterator[Trial]:
    """Yield trials of one to nine kills, without end: the later ones hit the recovery."""
    while True:
        kills = [Kill(at=_somewhere(ideal.points, chance))]
        for _ in range(chance.choice((0, 1, 1, 2, 3, 5, 8))):
            refreshing = chance.random() < 1 / 3
            # What goes on comes to its end sooner.
            points = ideal.refresh_points if refreshing else ideal.points // 2
            at = _somewhere(points, chance)
            kills.append(Kill(at=at, refreshing=refreshing))
        yield Trial(scenario=scenario, kills=tuple(kills), torn=chance.random() < 1 / 4)


def _somewhere(points: int, chance: random.Random) -> int:
    # Takes the same from chance for any number: threads may make it a few more or less.
    return 1 + int(chance.random() * points)


def _demand(is_so: object, words: str, shown: object) -> None:
    if not is_so:
        raise Lost(f"{words}: {shown}")
