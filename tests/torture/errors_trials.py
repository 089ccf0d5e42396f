"""Lets a call of a line fail, once or from then on, and looks at what the line says and leaves."""

import errno
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from tests.torture.kills import Kills, Lost
from tests.torture.program import Ended, Program
from tests.torture.scenarios import Scenario
from tests.torture.shim import Failure, Of
from tests.torture.world import Seen, World

#: What a disk answers that is full, over a quota, broken, or read-only of a sudden; what is
#: answered where a process has too many files open; and what is, where a file cannot be read.
ERRORS = {
    Of.CHANGES: (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS),
    Of.OPENS: (errno.EMFILE,),
    Of.READS: (errno.EIO,),
    Of.SYNCS: (errno.EIO,),
}

#: Those of which each call has its turn; a sync is a change too.
_IN_TURN = (Of.CHANGES, Of.OPENS, Of.READS)

#: What a line may end with whose disk fails it: failed, or in part; and where it is the disk of
#: the service, not answered as it should be, or in doubt until the next inventory.
_FAILED = frozenset({1, 3, 17, 75})

#: How it is written that all calls after one fail too, and that half of a write is done.
_LASTING = "on"
_TORN = "torn"

#: And that each call of a kind has its turn, in place of a number.
_EACH = "each"

#: A disk that cannot read what it holds has damaged it, and SQLite says so.
_DAMAGED = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What there is to fail in a line that nothing disturbs."""

    scenario: Scenario
    #: How many there are of a kind.
    count: Callable[[Of], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Which call of a line fails, and how."""

    calls: Calls
    at: int
    failure: Failure
    #: Whether half of the call is done, if it is a write.
    torn: bool = False

    def __str__(self) -> str:
        """Say what has to be given to have it again."""
        failure = self.failure
        words = [failure.of.name, str(self.at), errno.errorcode[failure.error]]
        words += [_LASTING] * failure.lasts + [_TORN] * self.torn
        return f'--kinds errors --only "{self.calls.scenario.name}" --failing {":".join(words)}'


def read(calls: Calls, words: str) -> Iterator[Fault]:
    """Yield what a failure shows after ``--failing``, or that at each call of its kind."""
    of, at, error, *more = words.split(":")
    failure = Failure(error=getattr(errno, error), lasts=_LASTING in more, of=Of[of])
    numbers = range(1, calls.count(failure.of) + 1) if at == _EACH else (int(at),)
    for number in numbers:
        yield Fault(calls=calls, at=number, failure=failure, torn=_TORN in more)


class Faults(Kills):
    """Carries out the faults of one scenario, the world being put back for each."""

    def __init__(self, scenario: Scenario, world: World, program: Program) -> None:
        super().__init__(scenario, world, program)
        self.calls = Calls(scenario=scenario, count=cache(self._count))

    def carry_out_fault(self, fault: Fault) -> int:
        """Return how many calls failed; raise ``Lost`` where something is not right."""
        self._put_back()
        ended = self._program.run(
            *self._scenario.line,
            stdin=self._scenario.stdin,
            kill_at=fault.at,
            torn=fault.torn,
            failure=fault.failure,
        )
        self._check_words(ended, fault)
        seen = self._check_what_stands()
        if ended.code == 0:
            self._check_promise(ended, seen)
        self._check_mending(killed=1)
        return int(ended.points >= fault.at)

    def _count(self, of: Of) -> int:
        """Return how many calls of a kind the line makes that nothing disturbs."""
        self._put_back()
        scenario, counted = self._scenario, Failure(error=errno.EIO, lasts=False, of=of)
        ended = self._program.run(*scenario.line, stdin=scenario.stdin, failure=counted)
        return ended.points

    def _check_words(self, ended: Ended, fault: Fault) -> None:
        failed = _FAILED | ({_DAMAGED} if fault.failure.of is Of.READS else set())
        told = ended.err + ended.out.decode(errors="replace")
        if "Traceback" in told or "fault of the program" in told:
            raise Lost(f"a traceback: {ended}")
        if ended.code not in {0, *failed}:
            raise Lost(f"exit code {ended.code}: {ended}")
        if ended.code and not ended.err.strip():
            raise Lost(f"it fails without a word: {ended}")

    def _check_price(self, seen: Seen, killed: int) -> None:
        # An upload that the service opened, and whose answer it could not give, holds nothing,
        # costs nothing, and is forgotten by the service in a day.
        known = min(seen.open_uploads, self.ideal.after.open_uploads)
        # A part that the service took, and could not say so, is sent again at once; a stream that
        # is repeated has to be sent as a whole besides.
        blobs = seen.blobs_ever - bool(self._scenario.stdin)
        super()._check_price(replace(seen, open_uploads=known, blobs_ever=blobs), killed)

    def _check_promise(self, ended: Ended, seen: Seen) -> None:
        """A line that says that it is done has done it."""
        done = self.ideal.done
        if not self._scenario.begins_anew and seen.named != done.named:
            raise Lost(f"a false done: {ended}, {seen}, and was {done}")
        if seen.files.keys() - done.files.keys() or done.files.keys() - seen.files.keys():
            raise Lost(f"a false done, of files: {ended}, {seen}, and were {done}")


def every(calls: Calls, *, first: int) -> Iterator[Fault]:
    """Yield an error at each call, once and from then on; the errors take turns."""
    for of, lasts in product(_IN_TURN, (False, True)):
        errors = ERRORS[of]
        for at in range(1, calls.count(of) + 1):
            failure = Failure(error=errors[(at + first + lasts) % len(errors)], lasts=lasts, of=of)
            yield Fault(calls=calls, at=at, failure=failure)


def every_error(calls: Calls) -> Iterator[Fault]:
    """Yield every error at each call, once and from then on."""
    for of, lasts in product(_IN_TURN, (False, True)):
        for at, error in product(range(1, calls.count(of) + 1), ERRORS[of]):
            yield Fault(calls=calls, at=at, failure=Failure(error=error, lasts=lasts, of=of))


def some(calls: Calls, chance: random.Random) -> Iterator[Fault]:
    """Yield errors by chance, without end."""
    while True:
        of = chance.choice((Of.CHANGES, Of.CHANGES, Of.OPENS, Of.READS))
        failure = Failure(error=chance.choice(ERRORS[of]), lasts=chance.random() < 1 / 2, of=of)
        at = chance.randint(1, max(calls.count(of), 1))
        yield Fault(calls=calls, at=at, failure=failure, torn=chance.random() < 1 / 4)
