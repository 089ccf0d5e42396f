"""Inventories: asked for, and taken in."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from glaciercli import errors
from glaciercli.core import retrieval_plan
from glaciercli.core.description import job_tag
from glaciercli.core.inventory import JsonInventory
from glaciercli.core.text import printable
from glaciercli.keymap.inventories import SeenInventory
from glaciercli.model.jobs import JobAction, JobStatus, KnownJob
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import jobs
from glaciercli.operations.context import Context
from glaciercli.operations.inventory_files import READING, begun, counted
from glaciercli.operations.key_map_progress import told_of
from glaciercli.operations.reconcile import ReconcileReport, Snapshot, reconcile
from glaciercli.ports import JobOutput
from glaciercli.transfer import flow, textfiles

#: How many finished inventories one run looks at, should the first tell nothing new.
_MOST_TAKEN_IN = 2

#: An inventory's own date and that of the vault's description differ by about a second.
_DATES_APART = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryWait:
    """An inventory that is not there yet."""

    vault: str
    #: "requested" by this run, or "pending" from before.
    status: str
    job_id: str | None
    expected_at: datetime
    dry_run: bool = False
    exit_code: int = errors.NotReady.exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryFresh:
    """An inventory that is young enough; nothing was asked for."""

    vault: str
    inventory_date: datetime
    exit_code: int = 0


RefreshResult = ReconcileReport | InventoryWait | InventoryFresh


def refresh(
    context: Context, name: str, *, wait: bool, max_age: timedelta | None, lag: timedelta
) -> RefreshResult:
    """Take in the newest finished inventory not used yet, or see to it that there will be one.

    Raises ``NotReady`` where the service makes none, or none that tells anything new.
    """
    vault = context.reach(name)
    if max_age is not None:
        newest = context.key_map.inventories.newest(vault.key)
        if newest and newest.inventory_date >= context.clock.now() - max_age:
            return InventoryFresh(vault=name, inventory_date=newest.inventory_date)
    with context.key_map.locks.one_task(vault, "inventory", "the inventory"):
        for _ in range(_MOST_TAKEN_IN):
            status, job = _see_to_it(context, vault, wait=wait)
            if job is None or job.status is not JobStatus.SUCCEEDED:
                return _waiting(context, name, status, job)
            report = _take_in(context, vault, job, lag=lag)
            if report is not None:
                return report
    raise errors.NotReady(
        f'the newest inventory of "{name}" that the service has tells nothing new',
        hint="run the same line again later: the service makes one about once a day",
    )


def preview(context: Context, name: str, *, lag: timedelta) -> RefreshResult:
    """Return what ``refresh`` would do; nothing is asked for, and nothing changes."""
    vault = context.reach(name)
    job = _best_job(context, vault)
    if job is not None and job.status is JobStatus.SUCCEEDED:
        report = _take_in(context, vault, job, lag=lag, dry_run=True)
        if report is not None:
            return report
        job = None
    waiting = _waiting(context, name, "requested" if job is None else "pending", job)
    return replace(waiting, dry_run=True, exit_code=0)


def has_last(context: Context, vault: KnownVault, last: datetime) -> bool:
    """Tell whether the service's last inventory, of that date, was taken in.

    A job gives the inventory that was the last when it was begun.
    """
    newest = context.key_map.inventories.newest(vault.key)
    if newest is None:
        return False
    job = None if newest.job_id is None else context.key_map.jobs.find(vault.key, newest.job_id)
    if job is not None:
        return job.created_at >= last
    return newest.inventory_date >= last - _DATES_APART


def _see_to_it(context: Context, vault: KnownVault, *, wait: bool) -> tuple[str, KnownJob | None]:
    """Return the job to take in or to wait for, and whether it was asked for just now."""
    status = "pending"
    job = _best_job(context, vault)
    if job is None:
        status = "requested"
        _request(context, vault)
        job = _best_job(context, vault)
    asked_again = False
    pauses = jobs.pauses()
    while wait and (job is None or job.status is JobStatus.RUNNING):
        context.clock.sleep(next(pauses))
        job = _best_job(context, vault)
        if job is None:
            if asked_again:
                raise _not_made(context, vault)
            asked_again = True
            _request(context, vault)
            job = _best_job(context, vault)
    return status, job


def _not_made(context: Context, vault: KnownVault) -> errors.NotReady:
    """Return what tells that the service was asked twice and made no inventory."""
    known = context.key_map.jobs.known(vault.key)
    last = next((job for job in known if job.action is JobAction.INVENTORY and job.whole), None)
    failed = last is not None and last.status is JobStatus.FAILED
    reason = printable(last.status_message) if last is not None and failed else ""
    return errors.NotReady(
        f'the service made no inventory of "{vault.name}": '
        f"{reason or 'its job was not started, or has failed'}",
        hint="run the same line again later",
    )


def _request(context: Context, vault: KnownVault) -> None:
    """Ask for an inventory; the intent is written down first."""
    tag = context.new_tag()
    key = context.key_map.jobs.intend(
        vault.key,
        JobAction.INVENTORY,
        archive_id=None,
        tier=None,
        tag=tag,
        at=context.clock.now(),
    )
    try:
        job_id = context.service.start_inventory(vault.name, description=job_tag(tag))
    except errors.OutcomeUnknown:
        return
    except errors.GlacierCliError:
        context.key_map.jobs.withdraw(key)
        raise
    context.key_map.jobs.started(key, job_id)


def _best_job(context: Context, vault: KnownVault) -> KnownJob | None:
    """Return the newest finished inventory job, unless it was used, or else one that runs.

    Those that are older than a used one tell nothing new.  One that runs may be an intent whose
    answer has not come.
    """
    whole = [
        job
        for job in jobs.refresh(context, vault)
        if job.action is JobAction.INVENTORY and job.whole
    ]
    ready = next((job for job in whole if retrieval_plan.is_ready(job)), None)
    if ready and not context.key_map.inventories.used(vault.key, ready.job_id or ""):
        return ready
    return next((job for job in whole if job.status is JobStatus.RUNNING), None)


def _take_in(
    context: Context,
    vault: KnownVault,
    job: KnownJob,
    *,
    lag: timedelta,
    dry_run: bool = False,
) -> ReconcileReport | None:
    """Take in the inventory of a job; return ``None`` where it has expired or tells nothing new."""
    assert job.job_id is not None
    with textfiles.scratch(context.spool_directory) as scratch:
        try:
            _download(context, vault, job.job_id, scratch)
        except errors.JobNotFound:
            context.key_map.jobs.forget(vault.key, job.job_id, gone_at=context.clock.now())
            return None
        size = scratch.size_bytes
        with told_of(context.reporter, READING, size) as heard:
            head, listed = begun(lambda: counted(scratch.chunks(), size, heard))
            date = head.inventory_date
            if not isinstance(listed, JsonInventory) or date is None:
                raise errors.Unreachable("the service sent an inventory without its date")
            if _is_old(context, vault, date):
                if not dry_run:
                    count = sum(map(len, listed.rows()))
                    _record_unused(context, vault, job.job_id, date, count)
                return None
            snapshot = Snapshot(inventory_date=date, complete=True, job_id=job.job_id, lag=lag)
            return reconcile(context, vault, snapshot, listed, dry_run=dry_run)


def _is_old(context: Context, vault: KnownVault, date: datetime) -> bool:
    newest = context.key_map.inventories.newest(vault.key)
    return newest is not None and newest.inventory_date > date


def _record_unused(
    context: Context, vault: KnownVault, job_id: str, date: datetime, count: int
) -> None:
    """Record that a job's inventory is older than one that was taken in, so that it is over."""
    seen = SeenInventory(
        inventory_date=date,
        job_id=job_id,
        complete=True,
        archive_count=count,
        reconciled_at=context.clock.now(),
    )
    context.key_map.inventories.record(vault.key, seen)


def _download(context: Context, vault: KnownVault, job_id: str, scratch: textfiles.Scratch) -> None:
    def take(output: JobOutput) -> None:
        size = scratch.fill(output.pieces)
        if size != output.span.size_bytes:
            raise errors.TransientFailure("the inventory came incomplete")

    def story() -> flow.Flow[None]:
        yield from flow.call(
            lambda: context.service.read_output(vault.name, job_id, span=None, take=take)
        )

    flow.run_all([story()], workers=1, take=lambda _: None)


def _waiting(context: Context, name: str, status: str, job: KnownJob | None) -> InventoryWait:
    return InventoryWait(
        vault=name,
        status=status,
        job_id=None if job is None else job.job_id,
        expected_at=context.clock.now() + retrieval_plan.INVENTORY_DELAY
        if job is None
        else retrieval_plan.expected_at(job),
    )
