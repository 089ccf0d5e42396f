"""The removal of a vault with all that is in it: one line, repeated until the vault is gone.

``core.vault_removal`` decides what is next; here the facts are gathered and the step is taken,
until there is nothing to do but wait.  Each step can be taken again: a run that was killed
anywhere is gone on with by the same line.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from glaciercli import errors
from glaciercli.core import vault_removal
from glaciercli.core.pricing import MINIMUM_AGE, OVERHEAD_BYTES, Youth, deleting
from glaciercli.core.times import format_time
from glaciercli.core.vault_removal import Facts, Step
from glaciercli.keymap.inventories import SeenInventory
from glaciercli.keymap.journal import Milestone
from glaciercli.model.archives import ArchiveState
from glaciercli.model.questions import ArchiveFilter, Question
from glaciercli.model.sums import ArchiveSums, Span
from glaciercli.model.vault_descriptions import Vault
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import inventory, unfinished, vaults_emptying, vaults_forbidden
from glaciercli.operations.context import Context
from glaciercli.operations.deletion_fee import DeletionFee
from glaciercli.operations.inventory import InventoryWait
from glaciercli.operations.results import ItemFailure, exit_code
from glaciercli.operations.vaults_emptying import CANCELLED, CONFIRMED, EMPTIED, LIVE

DELETED = "vault deleted"

#: How far the clocks of this machine and of the service may be apart.
_CLOCKS_APART = timedelta(minutes=15)

#: An inventory's own date and that of the vault's description differ by about a second.
_DATES_APART = timedelta(seconds=5)

#: More inventories than that one run does not take in: each shows what the one before did not.
_MOST_INVENTORIES = 4

_SPAN = Span(length_ms=MINIMUM_AGE // timedelta(milliseconds=1), added_bytes=OVERHEAD_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalRequest:
    """Which vault is to be removed."""

    vault: str
    #: How long the service may take to list what was uploaded.
    lag: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """How far a removal is, and what is to be asked about."""

    vault: Vault
    known: KnownVault
    facts: Facts
    step: Step
    #: What was not asked about yet, and what it costs to delete it now.
    unasked: ArchiveSums
    uploads: unfinished.AbortPlan
    fee: DeletionFee
    #: What was asked about and is not deleted yet.
    doomed: ArchiveSums
    #: When the next step can be taken; ``None`` is now.
    at: datetime | None = None
    dry_run: bool = False
    exit_code: int = 0


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
    found = _survey(context, request.vault)
    _check_allowed(context, found)
    at = None
    if found.step is Step.VAULT and vault_removal.is_early(found.facts):
        at = vault_removal.next_useful(found.facts, now=context.clock.now())
    return replace(found, at=at, dry_run=True)


def run(context: Context, request: RemovalRequest, ask: Ask) -> RemovalReport:
    """Go as far as possible; what is not done then is in the report, with when it can be."""
    report = RemovalReport(vault=request.vault)
    if _is_gone(context, request.vault):
        return report
    going = _Run(context, request, ask, report)
    for _ in range(_MOST_INVENTORIES * len(Step)):
        if not going.goes_on():
            break
    return report


def cancel(context: Context, name: str, *, dry_run: bool) -> Cancelled:
    """Give a removal up: what is not deleted yet stays."""
    found = _survey(context, name)
    if found.facts.confirmed_at is None:
        raise errors.BadUsage(f'no removal of vault "{name}" is under way')
    kept = found.facts.doomed
    if not dry_run:
        with context.key_map.locks.whole_vault(found.known, "giving the removal up"):
            kept = vaults_emptying.cancel(context, found.known)
    return Cancelled(vault=name, kept=kept, dry_run=dry_run)


def _survey(context: Context, name: str, *, refused: bool = False) -> Removal:
    """Gather the facts, and return what follows from them."""
    vault = context.service.describe_vault(name)
    known = context.remember(vault)
    past = _history(context, vault, known)
    yes = past.yes
    unasked = _sums(context, known, LIVE)
    doomed = _sums(context, known, (ArchiveState.DELETING,))
    uploads = unfinished.plan(context, unfinished.AbortRequest(vault=name))
    if yes is not None:
        # Those that began later may be another machine's, at work right now.
        before = [one for one in uploads.uploads if one.upload.created_at <= yes.at]
        uploads = unfinished.AbortPlan(uploads=before)
    facts = Facts(
        created_at=vault.created_at,
        last_inventory_at=vault.last_inventory_at,
        listed_archives=vault.archive_count,
        knows_last=_knows_last(context, vault, known, past, unasked.with_more(doomed)),
        doomed=doomed.count,
        unasked=unasked.count,
        unasked_uploads=0 if yes else len(uploads.uploads),
        confirmed_at=None if yes is None else yes.at,
        emptied_at=past.emptied_at,
        refused=refused,
    )
    return Removal(
        vault=vault,
        known=known,
        facts=facts,
        step=vault_removal.next_step(facts),
        unasked=unasked,
        uploads=uploads,
        fee=_fee(context, vault, unasked),
        doomed=doomed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """When the user said yes to this removal, and when the vault was empty after that."""

    yes: Milestone | None = None
    emptied_at: datetime | None = None


def _history(context: Context, vault: Vault, known: KnownVault) -> _Past:
    emptied_at = None
    for one in context.key_map.journal.milestones(known.key):
        if one.event in {CANCELLED, DELETED} or one.at < vault.created_at - _CLOCKS_APART:
            break
        if one.event == CONFIRMED:
            return _Past(yes=one, emptied_at=emptied_at)
        if one.event == EMPTIED:
            emptied_at = emptied_at or one.at
    return _Past()


def _knows_last(
    context: Context, vault: Vault, known: KnownVault, past: _Past, held: ArchiveSums
) -> bool:
    """Tell whether the key map knows all that the service's last inventory lists.

    Where it knows just as many archives with as many bytes, that inventory has nothing to tell,
    and hours are saved; a stranger would show in the next one.
    """
    last = vault.last_inventory_at
    if last is None:
        return True
    whole = held.size_bytes + held.count * OVERHEAD_BYTES
    if (held.count, whole) == (vault.archive_count, vault.size_bytes):
        return True
    if past.yes is not None and past.yes.detail.startswith(f"{format_time(last)} "):
        return True
    newest = context.key_map.inventories.newest(known.key)
    return newest is not None and _is_last(context, known, newest, last)


def _is_last(context: Context, known: KnownVault, newest: SeenInventory, last: datetime) -> bool:
    """Tell whether an inventory that was taken in is the service's last one.

    A job gives the inventory that was the last when it was begun.
    """
    job = None if newest.job_id is None else context.key_map.jobs.find(known.key, newest.job_id)
    if job is not None:
        return job.created_at >= last
    return newest.inventory_date >= last - _DATES_APART


def _sums(context: Context, known: KnownVault, states: tuple[ArchiveState, ...]) -> ArchiveSums:
    wanted = ArchiveFilter(states=frozenset(states), all_versions=True)
    asked = [Question(vault=known, wanted=wanted)]
    return context.key_map.totals.of(asked, span=_SPAN, now=context.clock.now())


def _fee(context: Context, vault: Vault, unasked: ArchiveSums) -> DeletionFee:
    young = Youth(
        count=unasked.young_count,
        size_bytes=unasked.young_bytes,
        byte_seconds=unasked.young_byte_seconds,
        from_future=unasked.from_future,
    )
    billing = context.billing
    return DeletionFee(
        count=young.count,
        size_bytes=young.size_bytes,
        cost=deleting(billing.prices, vault.region, young),
        from_future=young.from_future,
        billed=billing.billed,
    )


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

    def goes_on(self) -> bool:
        """Take the next step, and tell whether there may be another now."""
        found = _survey(self._context, self._request.vault, refused=self._refused)
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


def _take_in(context: Context, request: RemovalRequest) -> datetime | None:
    """Take in an inventory; return when there will be one where there is none yet."""
    result = inventory.refresh(context, request.vault, wait=False, max_age=None, lag=request.lag)
    return result.expected_at if isinstance(result, InventoryWait) else None


def _accept(context: Context, found: Removal, report: RemovalReport) -> None:
    aborted = unfinished.run(context, found.uploads)
    report.aborted_uploads += len(aborted.aborted)
    report.failed.extend(aborted.failed)
    with context.key_map.locks.whole_vault(found.known, "removing the vault"):
        vaults_emptying.accept(context, found.known, found.facts)


def _empty(context: Context, found: Removal, report: RemovalReport) -> None:
    with context.key_map.locks.whole_vault(found.known, "removing the vault"):
        done = vaults_emptying.empty(context, found.known, size_bytes=found.doomed.size_bytes)
        report.deleted_archives += done.count
        report.deleted_bytes += done.size_bytes
        report.failed.extend(done.failed)
        if not done.failed:
            context.key_map.journal.write(
                EMPTIED, at=context.clock.now(), vault_key=found.known.key, name=found.vault.name
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
