"""Jobs: what the service prepares, and what became of what was asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from glaciercli import errors
from glaciercli.core.description import parse_job_tag
from glaciercli.core.retrieval_plan import expected_at, expires_at
from glaciercli.model.jobs import Job, JobAction, JobStatus, KnownJob
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context

#: How soon a waiting command asks the service again, in seconds: an embedded one may be done at
#: once, a real one takes hours.
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0

#: How long an intent without an answer is kept: another run may be asking at this moment, and the
#: service may take a while to list what it has begun.
_INTENT_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownJob:
    """A job, and what it is for."""

    vault: str
    job: KnownJob
    #: The name of the archive, where the key map knows it.
    name: str | None
    expected_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobList:
    """The jobs of some vaults."""

    jobs: list[ShownJob] = field(default_factory=list)
    exit_code: int = 0


def pauses(*, longest_s: float = _LONGEST_PAUSE_S) -> Iterator[float]:
    """Yield how long to wait between one look at the service and the next, in seconds."""
    pause = _FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(2 * pause, longest_s)


def refresh(context: Context, vault: KnownVault) -> list[KnownJob]:
    """Bring what is known of a vault's jobs in line with the service, and return it.

    A job that the service no longer lists is gone; an intent that it has not listed for a while
    was never carried out.
    """
    known = context.key_map.jobs
    # What another run starts while the service is asked is not gone: it came later.
    before = list(known.known(vault.key))
    listed = list(context.service.list_jobs(vault.name))
    now = context.clock.now()
    with context.key_map.transaction():
        for job in listed:
            meet(context, vault, job)
        there = {job.job_id for job in listed}
        for one in before:
            if one.job_id is not None and one.job_id not in there:
                known.forget(vault.key, one.job_id, gone_at=now)
            elif one.job_id is None and now - one.created_at >= _INTENT_LIFETIME:
                known.withdraw(one.key)
    return list(known.known(vault.key))


def meet(context: Context, vault: KnownVault, job: Job) -> None:
    """Remember what the service says of one job."""
    context.key_map.jobs.meet(vault.key, job, tag=parse_job_tag(job.description))


def show_all(context: Context, vaults: Sequence[str]) -> JobList:
    """Return the jobs of some vaults, or of every vault, newest first within each."""
    if not vaults:
        vaults = [vault.name for vault in context.service.list_vaults()]
    shown = JobList()
    for name in vaults:
        vault = context.reach(name)
        shown.jobs.extend(_shown(context, vault, refresh(context, vault)))
    return shown


def show_one(context: Context, vault_name: str, job_id: str) -> JobList:
    """Return one job, asked of the service; the ID may be a unique prefix."""
    vault = context.reach(vault_name)
    known = refresh(context, vault)
    found = [job for job in known if job.job_id is not None and job.job_id.startswith(job_id)]
    if len(found) > 1:
        raise errors.BadUsage(f'{len(found)} jobs have IDs starting "{job_id}"')
    if not found:
        raise errors.JobNotFound(
            f'vault "{vault_name}" has no job "{job_id}"',
            hint="jobs are kept for about a day after they finish: glaciercli job list",
        )
    return JobList(jobs=list(_shown(context, vault, found)))


def _shown(context: Context, vault: KnownVault, jobs: Sequence[KnownJob]) -> Iterator[ShownJob]:
    now = context.clock.now()
    for job in jobs:
        archive = None
        if job.action is JobAction.RETRIEVAL and job.archive_id is not None:
            archive = context.key_map.archives.by_id(vault, job.archive_id)
        running = job.status is JobStatus.RUNNING
        yield ShownJob(
            vault=vault.name,
            job=job,
            name=None if archive is None else archive.name,
            expected_at=expected_at(job) if running else None,
            expires_at=expires_at(job, now=now) if job.status is JobStatus.SUCCEEDED else None,
        )
