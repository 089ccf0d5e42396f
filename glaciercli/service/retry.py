"""How long a failing call is repeated.

botocore gives up after a fraction of a second and repeats calls that create things twice; so its
client is made with one attempt, and this stands around it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import ClientError

from glaciercli import errors
from glaciercli.ports import Clock
from glaciercli.service.pacing import Turns

Result = TypeVar("Result")

#: Enough for any ceiling, and no number too large.
_MOST_DOUBLINGS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Full jitter under a doubling ceiling, inside a budget of time."""

    budget_s: float = 900.0
    first_ceiling_s: float = 0.5
    highest_ceiling_s: float = 30.0
    #: The budget until something has answered for the first time, if only with an error: a wrong
    #: endpoint or no network should be told at once.
    first_contact_budget_s: float = 3.0
    #: The budget where answers come, but not to what was asked: what stands in between for a
    #: moment may do that, and a service that does it for longer goes on with it.
    unasked_budget_s: float = 60.0


class Retrier:
    """Repeats calls against one service; used by several threads at once."""

    def __init__(
        self,
        clock: Clock,
        *,
        policy: RetryPolicy,
        turns: Turns,
        random: Callable[[], float],
        heard: Callable[[errors.TransientFailure, float], None],
    ) -> None:
        self._clock = clock
        self._turns = turns
        self._policy = policy
        self._random = random
        self._heard = heard
        self._answered = False

    def repeat(self, call: Callable[[], Result]) -> Result:
        """Carry out a call that may be repeated, until it succeeds or the budget is spent.

        Raises ``ChecksumMismatch`` where the answers are not to what was asked.
        """
        try:
            return self._until(call, may_repeat=lambda _: True)
        except errors.TransientFailure as failure:
            if not failure.unasked:
                raise
            # No trouble of the line or of the service: others may get what they ask for.
            raise errors.ChecksumMismatch(
                failure.message, hint="run the same line again; what arrived well is kept"
            ) from failure

    def once(self, call: Callable[[], Result], *, deed: str) -> Result:
        """Carry out a call that must not be carried out twice.

        It is repeated while it is sure that the service did nothing.  Raises ``OutcomeUnknown``
        where the answer was lost; ``deed`` says what may have been done.
        """
        try:
            return self._until(call, may_repeat=lambda failure: not failure.maybe_done)
        except errors.TransientFailure as failure:
            if not failure.maybe_done:
                raise
            raise errors.OutcomeUnknown(
                f"{deed}, but the answer was lost: {failure.message}"
            ) from failure

    def _until(
        self, call: Callable[[], Result], *, may_repeat: Callable[[errors.TransientFailure], bool]
    ) -> Result:
        failing_since: dict[bool, float] = {}
        attempt = 0
        while True:
            try:
                result = self._in_turn(call)
            except errors.TransientFailure as failure:
                self._answered = self._answered or isinstance(failure.__cause__, ClientError)
                pause = self._pause(attempt, failure)
                now = self._clock.monotonic()
                # From the first failure on: a long request that fails once is not given up.
                spent = now - failing_since.setdefault(failure.unasked, now)
                if not may_repeat(failure) or spent + pause > self._budget(failure):
                    raise
                self._heard(failure, pause)
                self._clock.sleep(pause)
                attempt += 1
            else:
                self._answered = True
                return result

    def _in_turn(self, call: Callable[[], Result]) -> Result:
        with self._turns.one() as turn:
            try:
                result = call()
            except errors.TransientFailure as failure:
                if failure.throttled:
                    self._turns.too_many(turn)
                raise
        self._turns.well()
        return result

    def _budget(self, failure: errors.TransientFailure) -> float:
        if failure.unasked:
            return self._policy.unasked_budget_s
        if self._answered:
            return self._policy.budget_s
        return self._policy.first_contact_budget_s

    def _pause(self, attempt: int, failure: errors.TransientFailure) -> float:
        ceiling = self._policy.first_ceiling_s * 2.0 ** min(attempt, _MOST_DOUBLINGS)
        pause = self._random() * min(ceiling, self._policy.highest_ceiling_s)
        return max(pause, failure.retry_after_s or 0.0)
