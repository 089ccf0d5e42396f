"""A run in a process of its own, on a key map that another run has open."""

import multiprocessing
import random
from contextlib import suppress
from datetime import datetime
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

from glaciercli import errors
from tests.fakes import MovedClock
from tests.torture.far_side import in_process, opened
from tests.torture.machines import Machine, service

_PATIENCE_S = 60

_PART_BYTES = 1024 * 1024


@cache
def _processes() -> ForkServerContext:
    """Return what forks processes from one that has imported everything and started no thread."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([__name__])
    return made


def run_beside(place: Path, home: Path, line: tuple[str, ...], *, now: datetime, seed: int) -> None:
    """Run a line to its end; what it must not do ends it with another code than 0."""
    child = _processes().Process(target=_run, args=(place, home, line, now, seed))
    child.start()
    child.join(_PATIENCE_S)
    code = child.exitcode
    if code is None:
        child.kill()
        child.join()
    child.close()
    assert code == 0, f"a second run of {line} ends with {code}"


def _run(place: Path, home: Path, line: tuple[str, ...], now: datetime, seed: int) -> None:
    clock = MovedClock(now)
    chance = random.Random(f"second {seed}")  # noqa: S311 - no secret
    with opened(place, clock) as far, in_process(far) as client:
        machine = Machine(
            place=home,
            service=service(client, clock, chance, jobs=1),
            clock=clock,
            chance=chance,
            jobs=1,
        )
        # That the other run is in the way is one of the right ends.
        with suppress(errors.GlacierCliError):
            _carry_out(machine, *line)


def _carry_out(machine: Machine, command: str, vault: str, path: str) -> None:
    match command:
        case "upload":
            machine.upload(vault, machine.place / "file", name=path, part_bytes=_PART_BYTES)
        case "delete":
            machine.delete(f"{vault}/{path}", all_versions=True)
        case "refresh":
            machine.refresh(vault, wait=False)
        case "retrieve":
            machine.retrieve(f"{vault}/**", to=machine.place / "back", wait=False)
        case _:
            machine.sync(vault, delete=True, part_bytes=_PART_BYTES)
