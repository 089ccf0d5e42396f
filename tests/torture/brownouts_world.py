"""A life of files in a vault that must go well whatever the service does meanwhile."""

import random
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from glaciercli import errors
from glaciercli.operations.reconcile import ReconcileReport
from tests.torture.far_side import START, opened, over_http
from tests.torture.machines import Machine, service
from tests.torture.shared_clock import SharedClock

VAULT = "photos"
FILES = f"{VAULT}/file*"

_JOBS = 4
_PART_BYTES = 1024 * 1024

#: How often a line is repeated before it counts as failed.
_MOST_RUNS = 9


@dataclass(frozen=True, kw_only=True)
class Work:
    """How many files there are, and of how many parts the large ones."""

    small: int = 12
    large: int = 2
    parts: int = 8

    @property
    def files(self) -> int:
        return self.small + self.large

    @property
    def all_parts(self) -> int:
        """Whatever has content on its way up or down."""
        return 2 * (self.small + self.large * self.parts)


class World:
    """A service over HTTP, a machine and its files; pauses take no time."""

    def __init__(self, place: Path, seed: int, stack: ExitStack) -> None:
        self.clock = SharedClock(START)
        self.far = stack.enter_context(opened(place / "data", self.clock))
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        client = stack.enter_context(over_http(self.far))
        self.machine = Machine(
            place=place,
            service=service(client, self.clock, self.chance, jobs=_JOBS),
            clock=self.clock,
            chance=self.chance,
            jobs=_JOBS,
        )
        self.files = place / "files"
        self._back = place / "back"
        self._doubts = place / "doubts"
        self._doubts.mkdir()
        self.machine.create(VAULT)

    def fill(self, work: Work) -> None:
        """Put files there."""
        self.files.mkdir()
        for number in range(work.small):
            self._write(f"file-small{number:02}", 500 + number)
        for number in range(work.large):
            self._write(f"file-large{number:02}", (work.parts - 1) * _PART_BYTES + 77 + number)

    def _write(self, name: str, size: int) -> None:
        (self.files / name).write_bytes(self.chance.randbytes(size))

    def live(self, *, at_once: bool) -> None:
        """Store all files, bring them back and delete them; ``at_once`` allows no repetition."""
        most_runs = 1 if at_once else _MOST_RUNS
        self._store(most_runs)
        self.refresh(most_runs)
        self.bring_back(most_runs)
        self._delete()

    def _store(self, most_runs: int) -> None:
        for _ in range(most_runs):
            report = self.machine.upload(VAULT, self.files, part_bytes=_PART_BYTES)
            assert not report.failed, report.failed
            if not report.unsettled:
                return
            self.settle()
        raise AssertionError(f"never stored: {report.unsettled}")

    def settle(self) -> None:
        """Take in an inventory that should list whatever was stored by now.

        There is none without a change of the vault, so something is stored that counts for nothing.
        """
        self.clock.advance(timedelta(hours=1))
        for number in range(_MOST_RUNS):
            doubt = self._doubts / f"doubt{self.clock.monotonic():.0f}-{number}"
            doubt.write_bytes(self.chance.randbytes(100))
            if self.machine.upload(VAULT, doubt).uploaded:
                break
        self.refresh(_MOST_RUNS)

    def refresh(self, most_runs: int = 1) -> None:
        """Take in an inventory."""
        for left in reversed(range(most_runs)):
            try:
                report = self.machine.refresh(VAULT)
            except errors.NotReady:
                if not left:
                    raise
            else:
                assert isinstance(report, ReconcileReport), report
                return

    def bring_back(self, most_runs: int) -> None:
        """Retrieve all files, and see that they are the same."""
        for _ in range(most_runs):
            report = self.machine.retrieve(FILES, to=self._back)
            if not report.failed:
                break
        assert not report.failed, report.failed
        for path in self.files.iterdir():
            assert (self._back / path.name).read_bytes() == path.read_bytes(), path.name
        shutil.rmtree(self._back)

    def _delete(self) -> None:
        report = self.machine.delete(FILES, all_versions=True)
        assert not report.failed, report.failed
        assert self.far.archives == 0, "an archive is left"
