"""The key maps that a vault holds, brought back and united with the present one.

One repeatable line: an inventory that tells which archives they are, the job for the newest, the
archive.  That tells which of the others it, or what it was united with, has stored: nothing in them
is unknown then.  The line goes on with the newest of the rest, the last of another machine.
It works with an empty key map on a new machine.
"""

import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from glaciercli import errors
from glaciercli.core.refs import Ref, RefKind
from glaciercli.keymap import beside
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.care import MergeCounts
from glaciercli.model.jobs import Tier
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import inventory, key_map_archive, key_map_exchange, retrieve
from glaciercli.operations import retrieve_plan as plans
from glaciercli.operations.context import Context
from glaciercli.operations.inventory import InventoryWait, RefreshResult
from glaciercli.reporting import Notice
from glaciercli.transfer.files import os_errors

_DAY = timedelta(days=1)
#: An inventory of that age may not list the newest key map yet; the service makes one a day.
_YOUNG_ENOUGH = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverRequest:
    """What a command asks for."""

    vault: str
    tier: Tier
    wait: bool
    #: How long the service may take to list what was uploaded.
    lag: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverWait:
    """The service is preparing something."""

    vault: str
    #: "inventory" or "retrieval".
    waiting_for: str
    name: str | None
    job_id: str | None
    expected_at: datetime
    exit_code: int = errors.NotReady.exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverPlan:
    """Which stored key map would be brought back, as far as is known."""

    vault: str
    name: str | None
    size_bytes: int | None
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverReport:
    """A key map that was brought back."""

    vault: str
    #: That of the last one, if there were several.
    name: str
    counts: MergeCounts
    exit_code: int = 0

    def after(self, before: "RecoverReport | None") -> "RecoverReport":
        """Return what was brought back in all."""
        return self if before is None else replace(self, counts=self.counts + before.counts)


def plan(context: Context, name: str) -> RecoverPlan:
    """Return what would be brought back; nothing is asked for."""
    newest = _wanted(context, context.reach(name))
    return RecoverPlan(
        vault=name,
        name=None if newest is None else newest.name,
        size_bytes=None if newest is None else newest.size_bytes,
    )


def run(context: Context, request: RecoverRequest) -> RecoverWait | RecoverReport:
    """Go one step further, or, where it waits, all the way.

    Raises ``ArchiveNotFound`` where the vault holds no key map.
    """
    vault = context.reach(request.vault)
    done: RecoverReport | None = None
    waiting = _refresh(context, vault, request)
    while waiting is None:
        if done is not None:
            if not _others(context, vault):
                return done
            _tell_of_others(context, vault, done.name)
        wanted = _wanted(context, vault)
        if wanted is None:
            raise _without_key_map(context, vault)
        try:
            outcome = _bring(context, vault, wanted, request)
        except errors.ArchiveNotFound:
            waiting = _miss(context, vault, wanted, request)
            continue
        if isinstance(outcome, RecoverWait):
            return outcome
        done = outcome.after(done)
    return RecoverWait(
        vault=vault.name,
        waiting_for="inventory",
        name=None,
        job_id=waiting.job_id,
        expected_at=waiting.expected_at,
    )


def _wanted(context: Context, vault: KnownVault) -> Archive | None:
    """Return what is to be brought back next: something new, if there is anything."""
    others = _others(context, vault)
    return others[0] if others else _newest(context, vault)


def _others(context: Context, vault: KnownVault) -> list[Archive]:
    """Return the stored key maps that may tell what is not known here, the newest first."""
    own = key_map_archive.sent(context, vault)
    found = key_map_archive.stored(context, vault)
    return [one for one in found if one.key not in own and key_map_archive.is_there(one)]


def _tell_of_others(context: Context, vault: KnownVault, name: str) -> None:
    context.reporter.report(
        Notice(
            message=f"{name} is merged; going on with the newest that another key map stored, "
            f"{_others(context, vault)[0].label}"
        )
    )


def _miss(
    context: Context, vault: KnownVault, gone: Archive, request: RecoverRequest
) -> InventoryWait | None:
    """Look for another key map than one that was deleted since it was listed."""
    context.key_map.archives.set_state(gone.key, ArchiveState.MISSING, deleted_at=None)
    context.reporter.report(
        Notice(message=f"{gone.label} was deleted since it was listed; {_of_later(context, vault)}")
    )
    return _refresh(context, vault, request)


def _newest(context: Context, vault: KnownVault) -> Archive | None:
    """Return the newest stored key map that can be asked for."""
    found = key_map_archive.stored(context, vault)
    return next((one for one in found if key_map_archive.is_there(one)), None)


def _without_key_map(context: Context, vault: KnownVault) -> errors.ArchiveNotFound:
    newest = context.key_map.inventories.newest(vault.key)
    date = "" if newest is None else f" of {newest.inventory_date:%Y-%m-%d %H:%MZ}"
    return errors.ArchiveNotFound(
        f'vault "{vault.name}" holds no key map, as far as its inventory{date} tells',
        hint=f"glaciercli keymap store {vault.name} puts one there; {_of_later(context, vault)}",
    )


def _of_later(context: Context, vault: KnownVault) -> str:
    """Return what there is to say of a key map that no inventory lists yet."""
    newest = context.key_map.inventories.newest(vault.key)
    due = "" if newest is None else f", after about {newest.inventory_date + _DAY:%Y-%m-%d %H:%MZ}"
    return f"one that was stored since is in the service's next inventory{due}"


def _refresh(context: Context, vault: KnownVault, request: RecoverRequest) -> InventoryWait | None:
    """See to a young inventory; one that cannot be had stops nothing if a key map is known."""
    try:
        result = _taken_in(context, vault, request, max_age=_YOUNG_ENOUGH)
        if not isinstance(result, InventoryWait) and _may_be_newer(context, vault):
            # What was ready may be of a job that somebody began before the key map was stored.
            result = _taken_in(context, vault, request, max_age=None)
    except errors.NotReady as error:
        if _newest(context, vault) is None:
            raise
        context.reporter.report(Notice(message=f"{error.message}; going on with what is known"))
        return None
    return result if isinstance(result, InventoryWait) else None


def _taken_in(
    context: Context, vault: KnownVault, request: RecoverRequest, *, max_age: timedelta | None
) -> RefreshResult:
    return inventory.refresh(
        context, vault.name, wait=request.wait, max_age=max_age, lag=request.lag
    )


def _may_be_newer(context: Context, vault: KnownVault) -> bool:
    """Tell whether the service has an inventory that was not read, and that may tell more.

    So it is where no key map is known, and where the newest one is not there any more.
    """
    known = [one for one in key_map_archive.stored(context, vault) if one.archive_id]
    if known and known[0].state is not ArchiveState.MISSING:
        return False
    last = context.service.describe_vault(vault.name).last_inventory_at
    return last is not None and not inventory.has_last(context, vault, last)


def _bring(
    context: Context, vault: KnownVault, newest: Archive, request: RecoverRequest
) -> RecoverWait | RecoverReport:
    name = newest.name or ""
    directory = beside.recovery(context.key_map.path)
    with os_errors(directory):
        os.makedirs(directory, mode=0o700, exist_ok=True)
    path = os.path.join(directory, f"archive-{newest.key}{os.path.basename(name)}")
    wanted = plans.RetrieveRequest(
        refs=[_ref(vault, newest)],
        to=path,
        tier=request.tier,
        overwrite=True,
        wait=request.wait,
    )
    report = retrieve.run(context, wanted, plans.plan(context, wanted))
    for failure in report.failed:
        raise failure.error
    for one in report.pending:
        return RecoverWait(
            vault=vault.name,
            waiting_for="retrieval",
            name=name,
            job_id=one.job_id,
            expected_at=one.expected_at,
        )
    counts = key_map_exchange.merge(context, path, dry_run=False).counts
    # All that is in it is known now, as in one that was stored from here.
    context.key_map.archives.claim(newest.key)
    with os_errors(path):
        os.unlink(path)
    return RecoverReport(vault=vault.name, name=name, counts=counts)


def _ref(vault: KnownVault, archive: Archive) -> Ref:
    return Ref(store=None, vault=vault.name, kind=RefKind.ARCHIVE_ID, selector=archive.archive_id)
