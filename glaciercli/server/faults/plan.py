"""Which request has which fault: pure, and the same for the same seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum


class Deed(Enum):
    """What happens to a request or to its answer; the value is its word in a plan."""

    #: Another answer in place of the service's own.
    ANSWER = "answer"
    #: No answer: the connection is closed.
    DROP = "drop"
    #: The connection is closed in the middle of the answer's body.
    CUT = "cut"
    #: A pause in the middle of the answer's body.
    STALL = "stall"
    #: The answer's body comes slowly.
    TRICKLE = "trickle"
    #: The hash in the answer's head is another one.
    WRONG_HASH = "wrong-hash"
    #: Fields of the answer's head are set, or left out.
    HEADERS = "headers"
    #: Only the start of the body, as if that were all.
    TRUNCATE = "truncate"
    #: One bit of the body is another one.
    FLIP = "flip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a plan: when it strikes, and what it does."""

    deed: Deed
    #: The operations that it is about; none stands for all.
    operations: frozenset[str] = frozenset()
    #: Which of the requests that fit, counted from 1; none stands for each.
    nth: frozenset[int] = frozenset()
    #: How likely it is for each of those.
    probability: float = 1.0
    #: From when on, and until when, since the service started.
    since: timedelta = timedelta(0)
    until: timedelta = timedelta.max
    #: Whether the request is carried out before its answer gets lost.
    after: bool = False
    status: int = 500
    code: str = "ServiceUnavailableException"
    message: str = "Service unavailable."
    retry_after_s: float | None = None
    #: A body in place of an error document, such as a page of HTML, and its type.
    body: str | None = None
    content_type: str = "text/html"
    #: Header fields to be set; an empty value leaves a field out.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: How much of the body comes through before something happens, as a share of it.
    at: float = 0.5
    #: How long a pause is.
    pause: timedelta = timedelta(seconds=60)
    bytes_per_s: int = 1024

    def fits(self, operation: str, elapsed: timedelta) -> bool:
        """Tell whether a request counts for this fault."""
        named = not self.operations or operation in self.operations
        return named and self.since <= elapsed < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The faults of a service; the first one that strikes counts."""

    seed: int = 0
    faults: tuple[Fault, ...] = ()

    def strikes(self, index: int, count: int) -> bool:
        """Tell whether a fault strikes the ``count``-th request that fits it.

        It depends on nothing else, so that threads which overtake each other change nothing.
        """
        fault = self.faults[index]
        if fault.nth and count not in fault.nth:
            return False
        return self.chance(index, count).random() < fault.probability

    def chance(self, index: int, count: int) -> random.Random:
        """Return the chance that belongs to one request under one fault."""
        return random.Random(f"{self.seed}/{index}/{count}")  # noqa: S311 - no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A fault that strikes a request."""

    fault: Fault
    #: Decides what the plan leaves open.
    chance: random.Random


@dataclass(slots=True, kw_only=True)
class Course:
    """How far a plan has come; for one thread at a time."""

    plan: Plan
    _counts: dict[int, int] = field(default_factory=dict)

    def next(self, operation: str, elapsed: timedelta) -> Strike | None:
        """Count a request, and return what strikes it."""
        found: Strike | None = None
        for index, fault in enumerate(self.plan.faults):
            if not fault.fits(operation, elapsed):
                continue
            count = self._counts.get(index, 0) + 1
            self._counts[index] = count
            if found is None and self.plan.strikes(index, count):
                found = Strike(fault=fault, chance=self.plan.chance(index, -count))
        return found
