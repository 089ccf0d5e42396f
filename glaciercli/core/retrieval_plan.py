"""What to do next for an archive that is wanted: fetch it, wait for it, or ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from glaciercli.model.jobs import JobAction, JobStatus, KnownJob, Tier

#: How long the service keeps a finished job's output: "at least 24 hours" in the Amazon Glacier
#: developer guide.  What the service still lists after that is fetched all the same.
OUTPUT_LIFETIME = timedelta(hours=24)

#: The longest that each tier usually takes, from the same guide.
_USUAL = {
    Tier.EXPEDITED: timedelta(minutes=5),
    Tier.STANDARD: timedelta(hours=5),
    Tier.BULK: timedelta(hours=12),
}

#: The longest that an inventory usually takes.
INVENTORY_DELAY = timedelta(hours=5)


class Step(Enum):
    """The next step."""

    FETCH = "fetch"
    WAIT = "wait"
    START = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The next step for one archive, and the job that it is about."""

    step: Step
    job: KnownJob | None


def next_step(jobs: Iterable[KnownJob], *, now: datetime) -> NextStep:
    """Return what to do, given every job for one archive, wherever each was started.

    The output that lives longest is fetched; else the job that began first is waited for.
    """
    usable = [job for job in jobs if job.action is JobAction.RETRIEVAL and job.whole]
    ready = [job for job in usable if is_ready(job)]
    if ready:
        return NextStep(step=Step.FETCH, job=max(ready, key=lambda job: expires_at(job, now=now)))
    running = [job for job in usable if job.status is JobStatus.RUNNING and job.gone_at is None]
    if running:
        return NextStep(step=Step.WAIT, job=min(running, key=expected_at))
    return NextStep(step=Step.START, job=None)


def is_ready(job: KnownJob) -> bool:
    """Tell whether a job's output can be fetched, as far as the service has said."""
    return job.status is JobStatus.SUCCEEDED and job.gone_at is None and job.job_id is not None


def may_be_fetched(job: KnownJob, *, now: datetime) -> bool:
    """Tell whether an archive's bytes may come of a job, now or later, as far as it is known here.

    Of a job that should have been finished, and its output dropped, nothing is expected.
    """
    if job.action is not JobAction.RETRIEVAL or job.status is JobStatus.FAILED:
        return False
    finished = job.completed_at or expected_at(job)
    return job.gone_at is None and now <= finished + OUTPUT_LIFETIME


def expires_at(job: KnownJob, *, now: datetime) -> datetime:
    """Return until when the output is surely kept; a running job's from when it may finish."""
    finished = job.completed_at or max(expected_at(job), now)
    return finished + OUTPUT_LIFETIME


def expected_at(job: KnownJob) -> datetime:
    """Return when a job should be finished at the latest."""
    return job.created_at + job_delay(job)


def job_delay(job: KnownJob) -> timedelta:
    """Return the longest that a job of its kind usually takes."""
    return INVENTORY_DELAY if job.tier is None else _USUAL[job.tier]


def usual_delay(tier: Tier) -> timedelta:
    """Return the longest that a tier usually takes."""
    return _USUAL[tier]
