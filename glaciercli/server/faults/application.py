"""A service in front of which a fault plan stands."""

import threading
from datetime import datetime

from glaciercli.ports import Clock, WireApplication, WireRequest, WireResponse
from glaciercli.server import routes
from glaciercli.server.faults import answers
from glaciercli.server.faults.plan import Course, Deed, Plan, Strike
from glaciercli.server.wire import WireError, parse_target

#: What stands for a request that asks for no operation.
_NO_OPERATION = ""

#: The deeds that need no answer of the service.
_INSTEAD = frozenset({Deed.ANSWER, Deed.DROP})


class FaultyApplication:
    """Hands requests on, and spoils those that a plan names.

    Times of the plan go by the clock of the service; pauses are real.
    """

    def __init__(self, inner: WireApplication, plan: Plan, *, clock: Clock, sleeper: Clock) -> None:
        self._inner = inner
        self._course = Course(plan=plan)
        self._clock = clock
        self._sleeper = sleeper
        self._started: datetime = clock.now()
        self._guard = threading.Lock()

    def handle(self, request: WireRequest) -> WireResponse:
        """Answer one request, well or badly; nothing is raised.

        The body of an answer raises ``ConnectionAbortedError`` where the connection is to end.
        """
        elapsed = self._clock.now() - self._started
        with self._guard:
            strike = self._course.next(_operation(request), elapsed)
        if strike is None:
            return self._inner.handle(request)
        if strike.fault.deed in _INSTEAD:
            return self._instead(request, strike)
        return answers.spoiled(self._inner.handle(request), strike, self._sleeper.sleep)

    def _instead(self, request: WireRequest, strike: Strike) -> WireResponse:
        if strike.fault.after:
            lost = self._inner.handle(request)
            lost.close()
        if strike.fault.deed is Deed.DROP:
            return answers.severed()
        return answers.instead(strike.fault)


def _operation(request: WireRequest) -> str:
    try:
        return routes.find(request.method, parse_target(request.target)).route.operation
    except WireError:
        return _NO_OPERATION
