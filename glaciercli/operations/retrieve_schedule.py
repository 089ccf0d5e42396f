"""Which archives of a retrieval are asked for now, which later, and which once more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from glaciercli.core import retrieval_plan, retrieval_schedule
from glaciercli.core.retrieval_plan import OUTPUT_LIFETIME, NextStep, Step
from glaciercli.core.retrieval_schedule import Asked, Backlog, Limits, Ready
from glaciercli.model.jobs import JobStatus, KnownJob
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import download_speed
from glaciercli.operations.context import Context
from glaciercli.operations.retrieve_plan import RetrieveRequest, Wanted

Steps = Sequence[tuple[Wanted, NextStep | None]]


@dataclass(slots=True, kw_only=True)
class Schedule:
    """What a run asks for, and what it leaves for later runs."""

    #: What may be asked for at once.
    now: list[Wanted] = field(default_factory=list)
    #: What is put off, and until when; an estimate.
    later: list[tuple[Wanted, datetime]] = field(default_factory=list)
    #: What is ready and cannot be fetched before it expires, so that it is asked for once more.
    again: list[Wanted] = field(default_factory=list)
    #: What no day may hold, or nobody can tell of whether one does.
    refused: list[Wanted] = field(default_factory=list)
    #: What bounds it, with the measured speed.
    limits: Limits
    #: What was asked for in the last 24 hours, where a limit is about it.
    asked_bytes: int = 0

    @property
    def to_ask(self) -> list[Wanted]:
        """Everything that is still to be asked for."""
        return [*self.again, *self.now, *(one for one, _ in self.later)]


def schedule(context: Context, request: RetrieveRequest, steps: Steps) -> Schedule:
    """Return what is asked for when, given the next step of each archive."""
    now = context.clock.now()
    limits = _limits(context, request)
    asked = [] if limits.day_bytes is None else asked_last_day(context)
    found = Schedule(limits=limits, asked_bytes=sum(one.size_bytes for one in asked))
    found.again = _within_a_day(_again(context, steps, limits, now=now), found)
    missing = _with_step(steps, Step.START)
    found.refused = [one for one, _ in missing if not _fits_a_day(one, limits)]
    chosen = [one for one, _ in missing if _fits_a_day(one, limits)]
    asked.extend(Asked(at=now, size_bytes=one.archive.size_bytes) for one in found.again)
    times = retrieval_schedule.due_times(
        [one.archive.size_bytes for one in chosen],
        asked=asked,
        backlog=_backlog(context, request, steps),
        limits=limits,
        now=now,
    )
    for one, due in zip(chosen, times, strict=True):
        if due <= now:
            found.now.append(one)
        else:
            found.later.append((one, due))
    return found


def asked_jobs(context: Context, since: datetime) -> list[tuple[KnownVault, KnownJob]]:
    """Return the retrievals asked for in this store since a moment, each with its vault."""
    return [
        (vault, job)
        for vault in context.key_map.vaults.in_store(context.store)
        for job in context.key_map.jobs.asked_since(vault.key, since)
    ]


def asked_last_day(context: Context) -> list[Asked]:
    """Return what was asked for in this store in the last 24 hours."""
    since = context.clock.now() - retrieval_schedule.DAY
    return [
        Asked(at=job.created_at, size_bytes=_job_bytes(context, vault, job))
        for vault, job in asked_jobs(context, since)
        if job.created_at > since
    ]


def _limits(context: Context, request: RetrieveRequest) -> Limits:
    speeds = [download_speed.bytes_per_s(context), request.max_bytes_per_s]
    known = [one for one in speeds if one is not None]
    return Limits(day_bytes=request.max_day_bytes, bytes_per_s=min(known, default=None))


def _within_a_day(again: list[Wanted], found: Schedule) -> list[Wanted]:
    """Return the first of what is needed again that today has room for."""
    if found.limits.day_bytes is None:
        return again
    room, kept = found.limits.day_bytes - found.asked_bytes, []
    for one in again:
        room -= one.archive.size_bytes
        if room < 0:
            break
        kept.append(one)
    return kept


def _fits_a_day(one: Wanted, limits: Limits) -> bool:
    return retrieval_schedule.fits_a_day(one.archive.known_size_bytes, limits)


def _with_step(steps: Steps, wanted: Step) -> list[tuple[Wanted, NextStep]]:
    return [(one, step) for one, step in steps if step is not None and step.step is wanted]


def _job_bytes(context: Context, vault: KnownVault, job: KnownJob) -> int:
    """Return how much was asked for; where the service has not told yet, the key map does."""
    if job.size_bytes is not None or job.archive_id is None:
        return job.size_bytes or 0
    archive = context.key_map.archives.by_id(vault, job.archive_id)
    return 0 if archive is None else archive.size_bytes


def _backlog(context: Context, request: RetrieveRequest, steps: Steps) -> Backlog:
    now = context.clock.now()
    ready, running = _with_step(steps, Step.FETCH), _with_step(steps, Step.WAIT)
    ready_at = now + retrieval_plan.usual_delay(request.tier)
    if ready:
        ready_at = now
    elif running:
        jobs = (step.job for _, step in running)
        ready_at = max(now, min(retrieval_plan.expected_at(job) for job in jobs if job))
    return Backlog(
        size_bytes=sum(one.archive.size_bytes for one, _ in running)
        + sum(left_bytes(context, one) for one, _ in ready),
        ready_at=ready_at,
    )


def left_bytes(context: Context, one: Wanted) -> int:
    """Return how much of an archive is not on the disk yet."""
    held = context.key_map.downloads.held_bytes(one.archive.key)
    return max(one.archive.size_bytes - held, 0)


def _again(context: Context, steps: Steps, limits: Limits, *, now: datetime) -> list[Wanted]:
    """Return what is ready, cannot be fetched in time, and nobody has asked for once more."""
    if limits.bytes_per_s is None:
        return []
    ready = [
        (one, step.job, retrieval_plan.expires_at(step.job, now=now))
        for one, step in _with_step(steps, Step.FETCH)
        if step.job is not None
    ]
    ready.sort(key=lambda three: three[2])
    outputs = [
        Ready(
            left_bytes=left_bytes(context, one),
            expires_at=expires_at,
            delay=retrieval_plan.job_delay(job),
        )
        for one, job, expires_at in ready
    ]
    again = retrieval_schedule.asked_again(outputs, limits=limits, now=now)
    return [
        one
        for (one, _, _), needed in zip(ready, again, strict=True)
        if needed and not is_prepared_already(context, one)
    ]


def jobs_to_come(context: Context, found: Schedule, steps: Steps) -> Iterator[tuple[Wanted, int]]:
    """Yield each archive with how many jobs it takes from now on, most likely.

    One that takes longer to fetch than an output is kept takes several, each for all of it.
    """
    refused = {one.archive.key for one in found.refused}
    asked = {one.archive.key for one in found.to_ask}
    for one, step in steps:
        if step is not None and one.archive.key not in refused:
            further = retrieval_schedule.jobs_to_come(
                one.archive.size_bytes,
                left_bytes=left_bytes(context, one),
                covered=_covered(context, one, step),
                limits=found.limits,
            )
            yield one, max(further, int(one.archive.key in asked))


def _covered(context: Context, one: Wanted, step: NextStep) -> timedelta:
    """Return for how long what was asked for can be fetched, from when it is ready on."""
    if step.step is not Step.FETCH or step.job is None:
        return OUTPUT_LIFETIME * (step.step is Step.WAIT)
    now = context.clock.now()
    next_one = OUTPUT_LIFETIME * is_prepared_already(context, one)
    return next_one + max(retrieval_plan.expires_at(step.job, now=now) - now, timedelta(0))


def is_prepared_already(context: Context, one: Wanted) -> bool:
    """Tell whether a job for an archive is running, beside one that is ready."""
    found = context.key_map.jobs.of_archive(one.vault.key, one.archive.archive_id or "")
    return any(job.whole and job.status is JobStatus.RUNNING for job in found)
