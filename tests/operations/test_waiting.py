"""What to do next for an archive that is wanted, and how long to wait for it."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from glaciercli.core.retrieval_plan import Step, expected_at, next_step
from glaciercli.model.jobs import JobAction, JobStatus, KnownJob, Tier
from glaciercli.operations.jobs import pauses

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def job(key: int, status: JobStatus = JobStatus.RUNNING, **changes: Any) -> KnownJob:
    """Return a retrieval job that was asked for an hour ago."""
    facts: dict[str, Any] = {
        "key": key,
        "job_id": f"job{key}",
        "action": JobAction.RETRIEVAL,
        "archive_id": "a",
        "tier": Tier.STANDARD,
        "tag": None,
        "status": status,
        "status_message": "",
        "created_at": NOW - HOUR,
        "completed_at": None if status is JobStatus.RUNNING else NOW,
        "size_bytes": 1,
        "tree_hash": None,
        "whole": True,
        "gone_at": None,
    }
    return KnownJob(**{**facts, **changes})


@pytest.mark.parametrize(
    ("jobs", "step", "key"),
    [
        ([], Step.START, None),
        ([job(1)], Step.WAIT, 1),
        ([job(1), job(2, tier=Tier.EXPEDITED)], Step.WAIT, 2),
        ([job(1), job(2, JobStatus.SUCCEEDED)], Step.FETCH, 2),
        (
            [
                job(1, JobStatus.SUCCEEDED, completed_at=NOW - 20 * HOUR),
                job(2, JobStatus.SUCCEEDED, completed_at=NOW - 2 * HOUR),
            ],
            Step.FETCH,
            2,
        ),
        # The service promises a day at least: what it still lists is still there.
        ([job(1, JobStatus.SUCCEEDED, completed_at=NOW - 25 * HOUR)], Step.FETCH, 1),
        # An intent whose answer has not come is waited for.
        ([job(1, job_id=None)], Step.WAIT, 1),
        ([job(1, JobStatus.SUCCEEDED, gone_at=NOW)], Step.START, None),
        ([job(1, JobStatus.FAILED)], Step.START, None),
        ([job(1, gone_at=NOW)], Step.START, None),
        ([job(1, JobStatus.SUCCEEDED, whole=False)], Step.START, None),
        ([job(1, action=JobAction.INVENTORY, tier=None)], Step.START, None),
    ],
)
def test_the_next_step_follows_from_the_jobs(
    jobs: list[KnownJob], step: Step, key: int | None
) -> None:
    found = next_step(jobs, now=NOW)
    assert found.step is step
    assert (None if found.job is None else found.job.key) == key


def test_a_job_is_expected_by_the_end_of_what_its_tier_takes() -> None:
    assert expected_at(job(1, tier=Tier.BULK)) == NOW + 11 * HOUR
    assert expected_at(job(1, tier=Tier.EXPEDITED)) < NOW


def test_waiting_begins_with_short_pauses_and_never_takes_long_ones() -> None:
    assert list(islice(pauses(), 8)) == [1, 2, 4, 8, 16, 32, 60, 60]
