"""The notifications of a vault, shown and changed."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.model.vault_settings import JobEvent, Notifications
from glaciercli.operations.vaults_notify import EVENTS, NotificationChange, ShownNotifications

Result = ShownNotifications | NotificationChange

_WORDS: dict[JobEvent, str] = {event: word for word, event in EVENTS.items()}


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    found = {"vault": result.vault, **notifications_document(result.notifications)}
    if isinstance(result, NotificationChange):
        found["dry_run"] = result.dry_run
    return found


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(document(result))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the one object; in a row the events are a list."""
    yield document(result)


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    told = "no topic hears of its jobs"
    if result.notifications is not None:
        told = sentence(result.notifications)
    if isinstance(result, ShownNotifications):
        yield f"vault {result.vault}: {told}"
        return
    would = "would be " if result.dry_run else ""
    yield f"notifications of vault {result.vault} {would}set: {told}"


def notifications_document(found: Notifications | None) -> dict[str, Any]:
    """Return notifications as documents have them."""
    return {
        "topic": None if found is None else found.topic,
        "events": [] if found is None else [_WORDS[event] for event in found.events],
    }


def sentence(found: Notifications) -> str:
    """Return who hears of what."""
    events = " and ".join(_WORDS[event] for event in found.events)
    return f"{printable(found.topic)} hears of finished {events} jobs"
