"""Every answer to what creates, deletes or costs gets lost, once it was done."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from glaciercli.server.faults.plan import Deed, Fault, Plan
from tests.torture.brownouts_world import FILES, VAULT, Work, World

#: How many files are stored by runs of their own, and how many by one run.
_ALONE = 12
_TOGETHER = 24

#: A unit of capacity is bought in each round, and lasts a month.
_MONTH = timedelta(days=32)

#: What must not be repeated: all answers may get lost.  The rest is repeated until it is heard.
_ONCE = frozenset({"UploadArchive", "InitiateJob", "PurchaseProvisionedCapacity"})
_REPEATED = ("InitiateMultipartUpload", "CompleteMultipartUpload", "DeleteArchive")
_EVERY_OTHER = frozenset(range(1, 100_000, 2))


def _plan(deed: Deed) -> Plan:
    fault = Fault(deed=deed, after=True, status=500)
    repeated = (replace(fault, operations=frozenset({one}), nth=_EVERY_OTHER) for one in _REPEATED)
    return Plan(faults=(replace(fault, operations=_ONCE), *repeated))


@dataclass(frozen=True, kw_only=True)
class Losses:
    """Rounds in one world until so many answers are lost."""

    seed: int
    most: int

    def __str__(self) -> str:
        """Say what has to be given to have it again."""
        return f"{self.most} answers lost, seed {self.seed}"

    def carry_out(self) -> int:
        """Return how many answers were lost; raise ``AssertionError`` where that did harm."""
        fast = Path("/dev/shm")  # noqa: S108 - a directory of our own is made there
        place = fast if fast.is_dir() else None
        with tempfile.TemporaryDirectory(dir=place) as made, ExitStack() as stack:
            world = World(Path(made), self.seed, stack)
            world.fill(Work(small=_ALONE + _TOGETHER, large=0))
            rounds = 0
            while world.far.lost < self.most:
                rounds += 1
                # A word that says nothing of the deed, or no word at all.
                deed = (Deed.ANSWER, Deed.DROP)[rounds % 2]
                with world.far.failing(_plan(deed)):
                    _live(world)
                _check(world, rounds)
            return world.far.lost


def _live(world: World) -> None:
    paths = sorted(world.files.iterdir())
    for path in paths[:_ALONE]:
        for _ in range(2):
            # What was probably stored is not sent again.
            report = world.machine.upload(VAULT, path)
            assert len(report.unsettled) == 1, report
    report = world.machine.upload(VAULT, *paths[_ALONE:])
    assert not report.failed, report
    world.refresh()
    again = world.machine.upload(VAULT, *paths)
    assert len(again.skipped) == len(paths), again
    world.bring_back(1)
    world.machine.buy_capacity()
    deleted = world.machine.delete(FILES, all_versions=True)
    assert len(deleted.deleted) == len(paths), deleted


def _check(world: World, rounds: int) -> None:
    """See that each thing was done once."""
    done = rounds * (_ALONE + _TOGETHER)
    assert world.far.archives_ever == done, "stored twice"
    assert world.far.archives == 0, "not deleted"
    bought = world.far.within.answers["PurchaseProvisionedCapacity"]
    assert bought == rounds, "bought twice"
    assert world.far.within.answers["InitiateJob"] == done + rounds, "paid twice"
    world.clock.advance(_MONTH)
