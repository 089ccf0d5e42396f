"""The removal of a vault with all that is in it: one line, repeated until the vault is gone.

``core.vault_removal`` decides what is next; here the facts are gathered and the step is taken,
until there is nothing to do but wait.  Each step can be taken again: a run that was killed
anywhere is gone on with by the same line.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from glaciercli import errors
from glaciercli.core import vault_removal
from glaciercli.core.doom import CONFIRMED
from glaciercli.core.vault_removal import Step
from glaciercli.model.archives import ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import inventory, jobs, unfinished, vaults_emptying, vaults_forbidden
from glaciercli.operations.context import Context
from glaciercli.operations.inventory import InventoryWait
from glaciercli.operations.results import ItemFailure, exit_code
from glaciercli.operations.vaults_emptying import EMPTIED, LIVE
from glaciercli.operations.vaults_survey import DELETED, Removal, said_yes_at, survey
from glaciercli.reporting import Notice

#: More inventories than that one run does not take in: each shows what the one before did not.
_MOST_INVENTORIES = 4

#: How long a run that waits leaves the service alone at the most, in seconds.
_LONGEST_PAUSE_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalRequest:
    """Which vault is to be removed."""

    vault: str
    #: How long the service may take to list what was uploaded.
    lag: timedelta
    #: Whether to wait, for days, until the vault is gone.
    wait: bool = False


@dataclass(slots=True, kw_only=True)
class RemovalReport:
    """What one run did, and what is left."""

    vault: str
    deleted_archives: int = 0
    deleted_bytes: int = 0
    aborted_uploads: int = 0
    failed: list[ItemFailure] = field(default_factory=list)
    #: What is next, and when; both ``None`` once the vault is gone.
    step: Step | None = None
    at: datetime | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 75 while there is something to wait for."""
        return exit_code(self.failed, done=self.deleted_archives, waiting=self.step is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """A removal that was given up."""

    vault: str
    #: How many archives are kept that were to be deleted.
    kept: int
    dry_run: bool = False
    exit_code: int = 0


#: Asks the user; raises where the answer is no.
Ask = Callable[[Removal], None]


def look(context: Context, request: RemovalRequest) -> Removal:
    """Return what is next and do nothing; raise ``RefusedByService`` where it is forbidden."""
    found = survey(context, request.vault)
    _check_allowed(context, found)
    at = None
    if found.step is Step.VAULT and vault_removal.is_early(found.facts):
        at = vault_removal.next_useful(found.facts, now=context.clock.now())
    return replace(found, at=at, dry_run=True)


def run(context: Context, request: RemovalRequest, ask: Ask) -> RemovalReport:
    """Go as far as possible; what is not done then is in the report, with when it can be.

    A request that waits goes on until the vault is gone, or something failed.
    """
    report = RemovalReport(vault=request.vault)
    if _is_gone(context, request.vault):
        return report
    going = _Run(context, request, ask, report)
    pauses = jobs.pauses(longest_s=_LONGEST_PAUSE_S)
    going.as_far_as_possible()
    while request.wait and report.step is not None and not report.failed:
        going.rest(pauses)
        going.as_far_as_possible()
    return report


def cancel(context: Context, name: str, *, dry_run: bool) -> Cancelled:
    """Give a removal up: what is not deleted yet stays."""
    found = survey(context, name)
    if found.facts.confirmed_at is None:
        raise errors.BadUsage(f'no removal of vault "{name}" is under way')
    vault, known = found.vault, found.known
    if dry_run:
        said = said_yes_at(context, vault, known)
        kept = vaults_emptying.count_doomed(context, known, said_yes_at=said)
    else:
        with context.key_map.locks.whole_vault(known, "giving the removal up"):
            # Looked at again under the lock: another run may have been said yes to.
            said = said_yes_at(context, vault, known)
            kept = vaults_emptying.cancel(context, known, said_yes_at=said)
    return Cancelled(vault=name, kept=kept, dry_run=dry_run)


def _check_allowed(context: Context, found: Removal) -> None:
    def youngest() -> datetime | None:
        states = (*LIVE, ArchiveState.DELETING)
        there = context.key_map.archives.in_state(found.known, *states)
        return max((one.uploaded_at for one in there), default=None)

    facts = found.facts
    # A vault that the service does not remove holds something, though nobody knows what yet.
    held = facts.doomed or facts.unasked or facts.listed_archives or facts.refused
    vaults_forbidden.check(context, found.vault, deletes_archives=bool(held), youngest=youngest)


class _Run:
    """One run of a removal."""

    def __init__(
        self, context: Context, request: RemovalRequest, ask: Ask, report: RemovalReport
    ) -> None:
        self._context = context
        self._request = request
        self._ask = ask
        self._report = report
        self._refused = False
        #: What was told of the wait.
        self._told: tuple[Step | None, datetime | None] = (None, None)

    def as_far_as_possible(self) -> None:
        """Take steps until there is nothing to do but wait."""
        self._refused, self._report.at = False, None
        for _ in range(_MOST_INVENTORIES * len(Step)):
            if not self._goes_on():
                break

    def rest(self, pauses: Iterator[float]) -> None:
        """Wait for a while, and say so where it is for something else than before."""
        waits = (self._report.step, self._report.at)
        if waits != self._told and self._report.at is not None:
            self._context.reporter.report(Notice(message=_waiting(self._request, self._report.at)))
        self._told = waits
        pause = next(pauses)
        if self._report.at is not None:
            left = (self._report.at - self._context.clock.now()).total_seconds()
            pause = min(pause, max(left, 1.0))
        self._context.clock.sleep(pause)

    def _goes_on(self) -> bool:
        """Take the next step, and tell whether there may be another now."""
        found = survey(self._context, self._request.vault, refused=self._refused)
        _check_allowed(self._context, found)
        self._report.step = found.step
        self._take(found)
        report = self._report
        return report.at is None and report.step is not None and not report.failed

    def _take(self, found: Removal) -> None:
        context, report = self._context, self._report
        match found.step:
            case Step.INVENTORY:
                report.at = _take_in(context, self._request)
            case Step.CONFIRM:
                self._ask(found)
                _accept(context, found, report)
            case Step.DELETE:
                _empty(context, found, report)
            case Step.VAULT:
                self._refused = not _remove(context, found)
                report.step = Step.WAIT if self._refused else None
            case Step.WAIT:
                report.at = vault_removal.next_useful(found.facts, now=context.clock.now())


def _waiting(request: RemovalRequest, at: datetime) -> str:
    return (
        f"waiting for the service's inventory of vault {request.vault}, until about "
        f"{at:%Y-%m-%d %H:%MZ}"
    )


def _take_in(context: Context, request: RemovalRequest) -> datetime | None:
    """Take in an inventory; return when there will be one where there is none yet."""
    result = inventory.refresh(context, request.vault, wait=False, max_age=None, lag=request.lag)
    return result.expected_at if isinstance(result, InventoryWait) else None


def _accept(context: Context, found: Removal, report: RemovalReport) -> None:
    aborted = unfinished.run(context, found.uploads)
    report.aborted_uploads += len(aborted.aborted)
    report.failed.extend(aborted.failed)
    with context.key_map.locks.whole_vault(found.known, "removing the vault"):
        vaults_emptying.accept(context, found.known, found.facts, last_key=found.last_key)


def _empty(context: Context, found: Removal, report: RemovalReport) -> None:
    with context.key_map.locks.whole_vault(found.known, "removing the vault"):
        if found.facts.relisted:
            _doom_again(context, found)
        done = vaults_emptying.empty(context, found.known, size_bytes=found.doomed.size_bytes)
        report.deleted_archives += done.count
        report.deleted_bytes += done.size_bytes
        report.failed.extend(done.failed)
        if not done.failed:
            context.key_map.journal.write(
                EMPTIED, at=context.clock.now(), vault_key=found.known.key, name=found.vault.name
            )


def _doom_again(context: Context, found: Removal) -> None:
    """Mark what was deleted and is still listed, so that it is deleted once more.

    Nothing else would bring an end: the service makes no new inventory where nothing is written.
    """
    count = context.key_map.archives.doom_relisted(found.known, now=context.clock.now())
    context.reporter.report(
        Notice(
            message=f"an inventory made after {count:,} archives of vault {found.vault.name} were "
            "deleted still lists them: they are deleted once more"
        )
    )


def _remove(context: Context, found: Removal) -> bool:
    """Remove the vault itself; tell whether the service agreed that it is empty."""
    with context.key_map.locks.whole_vault(found.known, "removing the vault"):
        try:
            context.service.delete_vault(found.vault.name)
        except errors.RefusedByService:
            return False
        _forget(context, found.known)
    return True


def _is_gone(context: Context, name: str) -> bool:
    """Tell whether the vault went before this run could write it down."""
    try:
        context.service.describe_vault(name)
    except errors.VaultNotFound:
        known = context.recall(name)
        if not any(one.event == CONFIRMED for one in context.key_map.journal.milestones(known.key)):
            raise
        _forget(context, known)
        return True
    return False


def _forget(context: Context, known: KnownVault) -> None:
    now = context.clock.now()
    with context.key_map.transaction():
        context.key_map.vaults.forget(known.key, gone_at=now)
        context.key_map.journal.write(DELETED, at=now, vault_key=known.key, name=known.name)
