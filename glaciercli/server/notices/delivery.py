"""The thread in which messages are delivered."""

import asyncio
import logging
import threading
from contextlib import suppress
from typing import Self

from glaciercli.server.notices.outbox import Outbox

_LOG = logging.getLogger(__name__)

#: How often the catalogue is asked: other processes enter jobs too.
_POLL_S = 1.0


class NoticeDelivery:
    """A thread that empties an outbox, from entering to leaving the context.

    It never holds up a request or a job, and leaving does not wait for an endpoint: what has not
    arrived by then is sent after the next start.
    """

    def __init__(self, outbox: Outbox, *, poll_s: float = _POLL_S) -> None:
        self._outbox = outbox
        self._poll_s = poll_s
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._deliver())
        self._thread = threading.Thread(target=self._run, name="notices", daemon=True)

    def __enter__(self) -> Self:
        """Start to deliver."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop at once."""
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _deliver(self) -> None:
        while True:
            try:
                await self._outbox.deliver_due()
            except Exception:  # noqa: BLE001 - told to the log; later attempts may succeed
                _LOG.exception("notifications could not be delivered, and are tried again")
            await asyncio.sleep(self._poll_s)
