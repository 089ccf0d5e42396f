"""The day in which a vault lock can be taken back: "Vault Lock" in the Amazon Glacier guide."""

from collections.abc import Iterable
from datetime import datetime, timedelta

STARTED = "vault lock started"
COMPLETED = "vault lock completed"
ABORTED = "vault lock aborted"

#: How long a lock stays in progress before it ends by itself.
WINDOW = timedelta(hours=24)


def open_until(history: Iterable[tuple[str, datetime]], *, now: datetime) -> datetime | None:
    """Return until when the lock that was begun last can be completed or aborted.

    ``history`` is what was done to the vault and when, the newest first; ``None`` where no lock
    is in progress, as far as that tells.
    """
    for event, at in history:
        if event in {COMPLETED, ABORTED}:
            return None
        if event == STARTED:
            end = at + WINDOW
            return end if now < end else None
    return None
