"""The lock of a vault: shown, started, completed and aborted.

A lock is in force from the moment it is started.  For 24 hours it can be taken back, or completed
with the ID that only the answer to its start tells; then it ends by itself.  The ID is kept in the
journal, so that nobody has to.
"""

from dataclasses import dataclass
from datetime import datetime

from glaciercli import errors
from glaciercli.core.lock_window import ABORTED, COMPLETED, STARTED
from glaciercli.core.text import printable
from glaciercli.model.vault_settings import LockState, VaultLock
from glaciercli.operations import vaults_policy
from glaciercli.operations.context import Context
from glaciercli.operations.vaults_policy import PolicySource


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLock:
    """The lock of a vault, ``None`` where it has none."""

    vault: str
    lock: VaultLock | None
    #: The ID that completes it, where this key map heard it.
    lock_id: str | None
    #: When this was found out.
    at: datetime
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LockStart:
    """A lock that was started, or would be."""

    vault: str
    policy: str
    lock_id: str | None
    #: When it ends by itself.
    expires_at: datetime | None
    dry_run: bool = False
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LockEnd:
    """A lock that was completed or aborted, or would be; ``lock`` is what it was before."""

    vault: str
    lock: VaultLock | None
    lock_id: str | None
    completed: bool
    dry_run: bool = False
    exit_code: int = 0


def show(context: Context, vault: str) -> ShownLock:
    """Return the lock of a vault."""
    lock = context.service.settings.lock(vault)
    known = _known_id(context, vault) if lock is not None else None
    return ShownLock(vault=vault, lock=lock, lock_id=known, at=context.clock.now())


def start(context: Context, vault: str, source: PolicySource, *, dry_run: bool) -> LockStart:
    """Put a lock policy in force for a day; raise ``RefusedByService`` where there is a lock."""
    policy = vaults_policy.given(context, vault, source, for_lock=True)
    _check_free(vault, context.service.settings.lock(vault))
    if dry_run:
        return LockStart(vault=vault, policy=policy, lock_id=None, expires_at=None, dry_run=True)
    try:
        lock_id = context.service.settings.start_lock(vault, policy)
    except errors.OutcomeUnknown as error:
        raise errors.OutcomeUnknown(
            error.message, hint=f"its ID is lost: glaciercli vault lock abort {vault}, start again"
        ) from error
    vaults_policy.note(context, vault, STARTED, lock_id)
    lock = context.service.settings.lock(vault)
    expires = None if lock is None else lock.expires_at
    return LockStart(vault=vault, policy=policy, lock_id=lock_id, expires_at=expires)


def plan_completion(context: Context, vault: str, lock_id: str | None) -> LockEnd:
    """Return what would be completed; raise ``RefusedByService`` where there is nothing to."""
    lock = context.service.settings.lock(vault)
    if lock is None:
        raise errors.RefusedByService(
            f'vault "{vault}" has no lock in progress: it was not started, was aborted, '
            "or its 24 hours are over",
            hint=f"glaciercli vault lock start {vault} begins a new one",
        )
    if lock.state is LockState.LOCKED:
        return LockEnd(vault=vault, lock=lock, lock_id=None, completed=True)
    known = lock_id or _known_id(context, vault)
    if known is None:
        raise errors.BadUsage(
            f'this key map does not know the ID of the lock of vault "{vault}"',
            hint="--lock-id says it; without it: glaciercli vault lock abort, and start again",
        )
    return LockEnd(vault=vault, lock=lock, lock_id=known, completed=True)


def complete(context: Context, planned: LockEnd) -> LockEnd:
    """Make the planned lock final; one that is final already stays so."""
    if planned.lock_id is not None:
        context.service.settings.complete_lock(planned.vault, planned.lock_id)
        vaults_policy.note(context, planned.vault, COMPLETED)
    return planned


def abort(context: Context, vault: str, *, dry_run: bool) -> LockEnd:
    """Take a lock in progress back; raise ``RefusedByService`` where it is final."""
    lock = context.service.settings.lock(vault)
    if lock is not None and lock.state is LockState.LOCKED:
        raise errors.RefusedByService(
            f'vault "{vault}" is locked: nobody can take that back, Amazon neither',
            hint=f"glaciercli vault lock show {vault} tells what it forbids",
        )
    if lock is not None and not dry_run:
        context.service.settings.abort_lock(vault)
        vaults_policy.note(context, vault, ABORTED)
    return LockEnd(vault=vault, lock=lock, lock_id=None, completed=False, dry_run=dry_run)


def _check_free(vault: str, lock: VaultLock | None) -> None:
    if lock is None:
        return
    if lock.state is LockState.LOCKED:
        raise errors.RefusedByService(
            f'vault "{vault}" is locked already: its lock cannot be replaced',
            hint=f"glaciercli vault lock show {vault} tells what it forbids",
        )
    raise errors.RefusedByService(
        f'vault "{vault}" has a lock in progress until {lock.expires_at:%Y-%m-%d %H:%MZ}',
        hint=f"glaciercli vault lock complete {vault} makes it final, "
        f"glaciercli vault lock abort {vault} takes it back",
    )


def _known_id(context: Context, name: str) -> str | None:
    """Return the ID of the lock that this key map saw begin last, unless it saw the end too."""
    vault = context.remember(context.service.describe_vault(name))
    for one in context.key_map.journal.milestones(vault.key):
        if one.event == STARTED:
            return printable(one.detail)
        if one.event in {COMPLETED, ABORTED}:
            return None
    return None
