"""A service that fails for a while, at random, or after the deed: everything must come through.

The real operations and boto3 talk over HTTP to the embedded service; pauses take no time, since
both have one clock, which jumps to whoever wakes next.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from glaciercli.server.faults.plan import Deed, Fault, Plan
from tests.torture.brownouts_world import Work, World
from tests.torture.counts import Counts
from tests.torture.lost_answers import Losses

#: How services fail where it is sure that nothing was done, and where it is not.
_SURE = {
    "503": Fault(deed=Deed.ANSWER, status=503),
    "429": Fault(deed=Deed.ANSWER, status=429, code="TooManyRequestsException"),
    "throttling": Fault(deed=Deed.ANSWER, status=400, code="ThrottlingException"),
    "408": Fault(deed=Deed.ANSWER, status=408, code="RequestTimeoutException"),
}
_UNSURE = {
    "500": Fault(deed=Deed.ANSWER, status=500, code="InternalServerError"),
    "a page": Fault(deed=Deed.ANSWER, status=502, body="<html>Bad gateway</html>"),
    "silence": Fault(deed=Deed.DROP),
}
WAYS = {**_SURE, **_UNSURE}

_LENGTHS_S = (1, 15, 60, 600)
_SHARE = 0.3

#: At how many places of a life a brown-out begins, where each thing has its turn.
_PLACES = 6
_WORLDS_OF_CHANCE = 6

_WITH_CONTENT = ("UploadArchive", "UploadMultipartPart", "GetJobOutput")

#: Where nothing has to reach a disk.
_FAST = Path("/dev/shm")  # noqa: S108 - a directory of our own is made there

MOST_LOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Faults of one way, in one life of files."""

    way: str
    #: How long all requests fail, in seconds, and from which one on; ``None`` is now and then.
    length_s: int | None
    after: int = 0
    seed: int = 1
    work: Work = field(default_factory=Work)

    def __str__(self) -> str:
        """Say what has to be given to have it again."""
        when = "now and then" if self.length_s is None else f"for {self.length_s} s"
        return f"{self.way} {when} after {self.after} requests, seed {self.seed}"

    @property
    def plan(self) -> Plan:
        fault, length = WAYS[self.way], self.length_s
        kept = {name: getattr(fault, name) for name in ("deed", "status", "code", "body")}
        if length is None:
            return Plan(seed=self.seed, faults=(Fault(**kept, probability=_SHARE),))
        return Plan(seed=self.seed, faults=(Fault(**kept, until=timedelta(seconds=length)),))

    def carry_out(self) -> int:
        """Return how many faults there were; raise ``AssertionError`` if something is not right."""
        calm = calm_requests(self.work)
        with tempfile.TemporaryDirectory(dir=_place()) as place, ExitStack() as stack:
            world = World(Path(place), self.seed, stack)
            world.fill(self.work)
            with world.far.failing(self.plan, after=self.after):
                world.live(at_once=self.way in _SURE)
            _check_bill(world)
            asked = self._counted(_requests(world))
            most = 1.5 * self._counted(calm) + 3 * self.work.all_parts
            assert asked <= most, f"{asked} requests, of at most {most}"
            return world.far.struck

    def _counted(self, asked: Counter[str]) -> int:
        """Return how many requests there were, but for those of lines that had to be repeated."""
        return asked.total() if self.way in _SURE else sum(asked[one] for one in _WITH_CONTENT)


@cache
def calm_requests(work: Work) -> Counter[str]:
    """Return how many requests a life takes that nothing disturbs."""
    with tempfile.TemporaryDirectory(dir=_place()) as place, ExitStack() as stack:
        world = World(Path(place), 1, stack)
        world.fill(work)
        world.live(at_once=True)
        _check_bill(world)
        return _requests(world)


def _requests(world: World) -> Counter[str]:
    # What a waiting line asks once a minute belongs to the waiting.
    return world.far.outside.requests - Counter(ListJobs=world.far.outside.requests["ListJobs"])


def _check_bill(world: World) -> None:
    """See that everything was stored and asked for once."""
    files = len(list(world.files.iterdir()))
    assert world.far.archives_ever == files, "stored twice"
    assert world.far.retrievals_ever == files, "paid twice"


def _place() -> Path | None:
    return _FAST if _FAST.is_dir() else None


def run(chance: random.Random, ends: float | None) -> Counts:
    """Let a service fail by chance until an end; without one, in each way in turn."""
    counts = Counts()
    for trial in _each() if ends is None else _some(chance):
        counts += _tried(trial)
        if ends is not None and time.monotonic() > ends:
            return counts
    return counts


def _each() -> Iterator[Trial | Losses]:
    work = Work()
    calm = calm_requests(work).total()
    for way in WAYS:
        for length_s in _LENGTHS_S:
            for place in range(_PLACES):
                yield Trial(way=way, length_s=length_s, after=place * calm // _PLACES)
        for seed in range(_WORLDS_OF_CHANCE):
            yield Trial(way=way, length_s=None, seed=seed)
    yield Losses(seed=1, most=MOST_LOST)


def _some(chance: random.Random) -> Iterator[Trial | Losses]:
    calm = calm_requests(Work()).total()
    while True:
        seed, way = chance.getrandbits(32), chance.choice(list(WAYS))
        length_s = chance.choice((*_LENGTHS_S, None, None))
        yield Trial(way=way, length_s=length_s, after=chance.randrange(calm), seed=seed)
        yield Losses(seed=seed, most=1)


def _tried(trial: Trial | Losses) -> Counts:
    try:
        return Counts(faults=trial.carry_out())
    except AssertionError as error:
        sys.stderr.write(f"LOST: {trial}: {error}\n")
        return Counts(lost=(str(trial),))
