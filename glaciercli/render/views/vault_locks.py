"""The lock of a vault: shown, started, completed and aborted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from glaciercli.model.vault_settings import LockState, VaultLock
from glaciercli.operations.vaults_lock import LockEnd, LockStart, ShownLock
from glaciercli.render import values
from glaciercli.render.humanise import left, moment
from glaciercli.render.views.vault_policies import as_json, document_lines, told

Result = ShownLock | LockStart | LockEnd

_STATES = {LockState.IN_PROGRESS: "in_progress", LockState.LOCKED: "locked"}


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    match result:
        case ShownLock():
            return {"vault": result.vault, **lock_document(result.lock), "lock_id": result.lock_id}
        case LockStart():
            return {
                "vault": result.vault,
                "deed": "started",
                "lock_id": result.lock_id,
                "policy": as_json(result.policy),
                "expires_at": values.time(result.expires_at),
                "dry_run": result.dry_run,
            }
        case LockEnd():
            return {
                "vault": result.vault,
                "deed": "completed" if result.completed else "aborted",
                "dry_run": result.dry_run,
            }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(document(result))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the one object."""
    yield document(result)


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    match result:
        case ShownLock():
            yield from _shown(result)
        case LockStart():
            yield from _started(result)
        case LockEnd() if result.completed:
            yield from _completed(result)
        case LockEnd():
            would = "would be " if result.dry_run else ""
            aborted = f"lock of vault {result.vault} {would}aborted"
            yield aborted if result.lock else f"vault {result.vault} has no lock"


def lock_document(lock: VaultLock | None) -> dict[str, Any]:
    """Return a lock as documents have it; every member is null where there is none."""
    return {
        "state": None if lock is None else _STATES[lock.state],
        "policy": None if lock is None else as_json(lock.policy),
        "created_at": None if lock is None else values.time(lock.created_at),
        "expires_at": None if lock is None else values.time(lock.expires_at),
    }


def state(lock: VaultLock, now: datetime) -> str:
    """Return how far a lock is, in a sentence."""
    if lock.expires_at is None:
        return "locked for ever"
    return f"in progress until {moment(lock.expires_at)}, {left(lock.expires_at - now)} left"


def _shown(result: ShownLock) -> Iterator[str]:
    if result.lock is None:
        yield f"vault {result.vault} has no lock"
        return
    yield f"lock of vault {result.vault}: {state(result.lock, result.at)}"
    yield from told(result.lock.policy)
    if result.lock.expires_at is not None:
        yield from _window(result.vault)
        yield f"lock ID: {result.lock_id or 'not known here; `vault lock start` printed it'}"
    yield ""
    yield from document_lines(result.lock.policy)


def _started(result: LockStart) -> Iterator[str]:
    would = "would be " if result.dry_run else ""
    yield f"lock of vault {result.vault} {would}started"
    yield from told(result.policy)
    if result.lock_id is not None:
        yield f"lock ID: {result.lock_id}"
        yield f"it is in force now, and ends by itself at {moment(result.expires_at)}"
        yield from _window(result.vault)


def _completed(result: LockEnd) -> Iterator[str]:
    if result.lock_id is None:
        yield f"vault {result.vault} is locked already"
        return
    would = "would be " if result.dry_run else ""
    yield f"lock of vault {result.vault} {would}completed: this can never be taken back"
    if result.lock is not None:
        yield from told(result.lock.policy)


def _window(vault: str) -> Iterator[str]:
    yield "try now that it forbids what it should and nothing else, then"
    yield f"  glaciercli vault lock complete {vault}    makes it final, for ever"
    yield f"  glaciercli vault lock abort {vault}       takes it back"
