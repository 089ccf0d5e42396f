"""Jobs, listed."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.model.jobs import JobAction
from glaciercli.operations.jobs import JobList, ShownJob
from glaciercli.render import values
from glaciercli.render.columns import Line, Table
from glaciercli.render.humanise import moment


def document(result: JobList) -> dict[str, Any]:
    """Return the JSON document."""
    return {"jobs": list(items(result))}


def columns(_result: JobList) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return (
        "vault",
        "job_id",
        "action",
        "name",
        "archive_id",
        "tier",
        "status",
        "status_message",
        "created_at",
        "completed_at",
        "expected_at",
        "expires_at",
        "size_bytes",
    )


def items(result: JobList) -> Iterator[dict[str, Any]]:
    """Yield an object for each job."""
    return (_item(one) for one in result.jobs)


def lines(result: JobList) -> Iterator[Line]:
    """Yield a table; the ID comes last, so nothing has to be cut."""
    if not result.jobs:
        return
    rows = [
        (
            one.vault,
            _purpose(one),
            one.job.status.value,
            moment(one.job.created_at),
            _until(one),
            one.job.job_id or "-",
        )
        for one in result.jobs
    ]
    yield Table(("vault", "for", "status", "asked for", "until", "job"), rows)


def _item(one: ShownJob) -> dict[str, Any]:
    job = one.job
    return {
        "vault": one.vault,
        "job_id": job.job_id,
        "action": "inventory" if job.action is JobAction.INVENTORY else "retrieval",
        "name": one.name,
        "archive_id": job.archive_id,
        "tier": None if job.tier is None else job.tier.value.lower(),
        "status": job.status.value.lower(),
        "status_message": job.status_message,
        "created_at": values.time(job.created_at),
        "completed_at": values.time(job.completed_at),
        "expected_at": values.time(one.expected_at),
        "expires_at": values.time(one.expires_at),
        "size_bytes": job.size_bytes,
    }


def _purpose(one: ShownJob) -> str:
    if one.job.action is JobAction.INVENTORY:
        return "inventory"
    return printable(one.name) if one.name is not None else "an archive not in the key map"


def _until(one: ShownJob) -> str:
    if one.expected_at is not None:
        return f"expected {moment(one.expected_at)}"
    return f"kept {moment(one.expires_at)}" if one.expires_at else printable(one.job.status_message)
