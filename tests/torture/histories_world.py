"""A service and two machines, in one process, whose runs can be disturbed at any request."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from glaciercli import errors
from glaciercli.ports import Clock, WireApplication, WireRequest, WireResponse
from glaciercli.server.faults.answers import instead, severed
from glaciercli.server.faults.plan import Deed, Fault
from glaciercli.server.settings import ServiceSettings
from tests.fakes import MovedClock
from tests.torture.far_side import START, in_process, opened
from tests.torture.histories_model import Stored
from tests.torture.machines import Machine, service
from tests.torture.second_run import run_beside

Result = TypeVar("Result")

MACHINES = ("here", "there")

#: Late inventories, once a day, and jobs that take hours.
_SETTINGS = ServiceSettings(
    clock_skew=None,
    inventory_interval=timedelta(hours=24),
    inventory_delay=timedelta(hours=4),
    bulk_delay=timedelta(hours=5),
)

#: What the inventories of a real service may lack.
_LAG = timedelta(days=3)

#: What is answered in place of the service.
_REFUSALS = {
    "failed": Fault(deed=Deed.ANSWER, status=500, code="InternalServerError"),
    "busy": Fault(deed=Deed.ANSWER, status=503),
    "throttled": Fault(deed=Deed.ANSWER, status=400, code="ThrottlingException"),
}
#: What a refusal does is soon seen: the others come more often.
DEEDS = (*_REFUSALS, *("lost", "killed before", "killed after") * 2)


@dataclass(frozen=True, kw_only=True)
class Disturbance:
    """What happens at a request of a run, counted from 1."""

    deed: str
    at: int

    @property
    def kills(self) -> bool:
        return self.deed.startswith("killed")


class Killed(BaseException):
    """Ends a run where a signal would; nothing of the program catches it."""


class Disturber:
    """Stands before a service, and spoils one request of a run."""

    def __init__(self, inner: WireApplication) -> None:
        self._inner = inner
        self._left = 0
        self._strike: Callable[[WireRequest], WireResponse] | None = None

    def arm(self, at: int, strike: Callable[[WireRequest], WireResponse]) -> None:
        """Let the request with that number be answered in another way."""
        self._left, self._strike = at, strike

    def disarm(self) -> None:
        self._strike = None

    def carry_out(self, request: WireRequest) -> None:
        """Let the service do what is asked, and lose its answer."""
        answer = self._inner.handle(request)
        b"".join(answer.body)
        answer.close()

    def handle(self, request: WireRequest) -> WireResponse:
        self._left -= 1
        strike = self._strike
        if strike is None or self._left:
            return self._inner.handle(request)
        self._strike = None
        return strike(request)


class SteppedClock:
    """A machine's own clock, which may be wrong by a few hours."""

    def __init__(self, true: Clock) -> None:
        self._true = true
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return self._true.now() + self.ahead

    def monotonic(self) -> float:
        return self._true.monotonic()

    def sleep(self, seconds: float) -> None:
        self._true.sleep(seconds)


class World:
    """Everything there is; ``place`` is an empty directory."""

    def __init__(self, place: Path, seed: int, stack: ExitStack) -> None:
        self.place = place
        self.clock = MovedClock(START)
        self.far = stack.enter_context(opened(place / "data", self.clock, settings=_SETTINGS))
        self._disturber = Disturber(self.far.within)
        self.far.outside.inner = self._disturber
        client = stack.enter_context(in_process(self.far))
        self._runs_beside = 0
        self.machines: dict[str, Machine] = {}
        self.clocks: dict[str, SteppedClock] = {}
        for name in MACHINES:
            home, clock = place / name, SteppedClock(self.clock)
            (home / "tree").mkdir(parents=True)
            chance = random.Random(f"{seed} {name}")  # noqa: S311 - no secret
            self.clocks[name] = clock
            self.machines[name] = Machine(
                place=home,
                # Each its own turns: one may have to wait for the other.
                service=service(client, clock, chance, jobs=1),
                clock=clock,
                chance=chance,
                jobs=1,
                lag=_LAG,
            )

    def stored(self) -> Iterator[Stored]:
        """Yield every archive that the service has, and those that were deleted."""
        rows = self.far.rows(
            "SELECT archives.archive_id, vaults.name, archives.description, archives.tree_hash,"
            " archives.deleted_at FROM archives JOIN vaults ON vaults.id = archives.vault"
        )
        for archive_id, vault, description, tree, deleted_at in rows:
            assert isinstance(tree, bytes)
            yield Stored(
                archive_id=str(archive_id),
                vault=str(vault),
                description=str(description),
                tree=tree,
                gone=deleted_at is not None,
            )

    def jobs(self) -> Iterator[tuple[object, ...]]:
        """Yield which archive was asked for, when, and until when it can be fetched."""
        yield from self.far.rows(
            "SELECT archive, created_at, expires_at FROM jobs WHERE archive IS NOT NULL"
        )

    def advance(self, hours: float) -> None:
        self.clock.advance(timedelta(hours=hours))

    def write(self, name: str, path: str, content: bytes) -> Path:
        """Write a file into the tree of a machine."""
        found = self.machines[name].tree / path
        found.parent.mkdir(parents=True, exist_ok=True)
        found.write_bytes(content)
        return found

    def attempt(
        self, name: str, run: Callable[[Machine], Result], disturbance: Disturbance | None
    ) -> Result | errors.GlacierCliError | None:
        """Let a machine do something; ``None`` where it was killed."""
        machine = self.machines[name]
        saved = machine.place / "killed"
        if disturbance is not None:
            self._disturber.arm(disturbance.at, self._strike(disturbance, machine, saved))
        try:
            return run(machine)
        except errors.GlacierCliError as error:
            return error
        except Killed:
            # Whatever the dying run wrote on its way out a killed one would not have written.
            shutil.move(saved, machine.key_map)
            return None
        finally:
            self._disturber.disarm()

    def interleaved(
        self, name: str, run: Callable[[Machine], Result], *, at: int, meanwhile: Callable[[], None]
    ) -> Result | errors.GlacierCliError | None:
        """Let a machine do something, and something else happen before one of its requests."""

        def strike(request: WireRequest) -> WireResponse:
            meanwhile()
            return self.far.within.handle(request)

        self._disturber.arm(at, strike)
        try:
            return run(self.machines[name])
        except errors.GlacierCliError as error:
            return error
        finally:
            self._disturber.disarm()

    def run_beside(self, name: str, *line: str) -> None:
        """Let another process run a line on a machine's key map."""
        self._runs_beside += 1
        home, now = self.machines[name].place, self.clocks[name].now()
        run_beside(self.place / "data", home, line, now=now, seed=self._runs_beside)

    def _strike(
        self, disturbance: Disturbance, machine: Machine, saved: Path
    ) -> Callable[[WireRequest], WireResponse]:
        def strike(request: WireRequest) -> WireResponse:
            if disturbance.deed in _REFUSALS:
                return instead(_REFUSALS[disturbance.deed])
            if disturbance.deed != "killed before":
                self._disturber.carry_out(request)
            if disturbance.kills:
                shutil.copy(machine.key_map, saved)
                raise Killed
            return severed()

        return strike
