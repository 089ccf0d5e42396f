"""The messages that have not arrived yet: found in the catalogue, tried, tried again.

A job is marked once all its messages have arrived, so a restart in between repeats some of them
and loses none.  What has failed is tried again after growing pauses until the job expires.  A
job that ended while nothing was delivered is told of as long as it has not expired: its output
can still be fetched.
"""

import asyncio
import logging
from dataclasses import dataclass

from glaciercli.server.catalogue import jobs
from glaciercli.server.notices import messages
from glaciercli.server.notices.messages import Notice
from glaciercli.server.notices.receivers import NotDelivered, Receiver
from glaciercli.server.service import Service

_LOG = logging.getLogger(__name__)

#: The pause after the first failure; each further one doubles it up to the longest.
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0

#: How many jobs are told of at once, so that one slow answer does not hold up all others.
_AT_ONCE = 8


@dataclass(slots=True, kw_only=True)
class _Pending:
    """What is still to be said about one job, and when it is tried next."""

    row: int
    notices: list[Notice]
    next_try_s: float
    pause_s: float = _FIRST_PAUSE_S

    def postpone(self, now_s: float) -> None:
        """Wait before the next attempt, longer each time."""
        self.next_try_s = now_s + self.pause_s
        self.pause_s = min(self.pause_s * 2, _LONGEST_PAUSE_S)


class Outbox:
    """The messages of one service on their way to one receiver; for one thread."""

    def __init__(self, service: Service, account: str, receiver: Receiver) -> None:
        self._service = service
        self._account = account
        self._receiver = receiver
        self._pending: dict[int, _Pending] = {}

    async def deliver_due(self) -> None:
        """Try once to deliver everything that is due now; return when all of it was tried."""
        self._look()
        now_s = self._service.clock.monotonic()
        due = [one for one in self._pending.values() if one.next_try_s <= now_s]
        few = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            tried = [group.create_task(self._try(one, few)) for one in due]
        failures = [reason for task in tried if (reason := task.result()) is not None]
        if failures:
            _LOG.warning(
                "notifications not delivered, to be tried again: %d (%s)",
                len(failures),
                failures[-1],
            )

    def _look(self) -> None:
        now_ms, now_s = self._service.now_ms(), self._service.clock.monotonic()
        with self._service.catalogue.reading() as tx:
            due = jobs.to_notify(tx, now_ms)
            for row in due:
                if row not in self._pending:
                    found = jobs.in_vault(tx, row)
                    notices = messages.of_job(tx, found, self._account, now_ms)
                    self._pending[row] = _Pending(row=row, notices=notices, next_try_s=now_s)
        self._give_up(set(due))
        self._settle([row for row, one in self._pending.items() if not one.notices])

    def _give_up(self, due: set[int]) -> None:
        # Expired, or deleted with their vault.
        gone = self._pending.keys() - due
        for row in gone:
            del self._pending[row]
        if gone:
            _LOG.warning("jobs gone before their notifications arrived: %d", len(gone))

    async def _try(self, pending: _Pending, few: asyncio.Semaphore) -> str | None:
        """Deliver the messages of a job; return why that failed, ``None`` where it did not."""
        async with few:
            try:
                while pending.notices:
                    await self._receiver.deliver(pending.notices[0])
                    del pending.notices[0]
            except NotDelivered as error:
                pending.postpone(self._service.clock.monotonic())
                return str(error)
        self._settle([pending.row])
        return None

    def _settle(self, rows: list[int]) -> None:
        if not rows:
            return
        with self._service.catalogue.writing() as tx:
            jobs.mark_notified(tx, rows, now_ms=self._service.now_ms())
        for row in rows:
            del self._pending[row]
