"""Retrievals: planned and done."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.retrieve import Pending, RetrieveReport
from glaciercli.operations.retrieve_plan import RetrievePlan
from glaciercli.render import values, words
from glaciercli.render.humanise import moment

Result = RetrievePlan | RetrieveReport


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, RetrievePlan):
        said: dict[str, Any] = {
            "tier": result.tier.value.lower(),
            "would_retrieve": list(_steps(result)),
        }
    else:
        said = {
            "retrieved": [
                {"name": one.name, "path": one.path, "size_bytes": one.size_bytes}
                for one in result.retrieved
            ],
            "pending": [_pending(one) for one in result.pending],
        }
    said["skipped"] = [values.skipped(one) for one in result.skipped]
    said["failed"] = [values.failure(one) for one in result.failed]
    return said


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    own = (
        ("size_bytes", "step")
        if isinstance(result, RetrievePlan)
        else ("path", "size_bytes", "job_id", "tier", "expected_at")
    )
    return ("outcome", "name", *own, "reason", *values.FAILURE)


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each archive, with what became of it."""
    for outcome, found in document(result).items():
        if isinstance(found, list):
            yield from ({"outcome": outcome, **one} for one in found)


def lines(result: Result) -> Iterator[str]:
    """Yield what became of the archives."""
    if isinstance(result, RetrievePlan):
        for one in _steps(result):
            yield f"would {one['step']} {printable(one['name'])}"
        whole = words.archives_total([one.archive for one, _ in result.steps])
        yield f"{whole}, {result.tier.value.lower()} tier"
    else:
        yield from _done(result)
    yield from words.skipped(result.skipped)


def _done(result: RetrieveReport) -> Iterator[str]:
    yield from (f"retrieved {printable(one.path)}" for one in result.retrieved)
    for one in result.pending:
        yield f"not ready: {printable(one.name)}, expected by {moment(one.expected_at)}"
    size = sum(one.size_bytes for one in result.retrieved)
    yield f"{words.total(len(result.retrieved), size)} retrieved"
    if result.pending:
        soonest = min(one.expected_at for one in result.pending)
        yield (
            f"{len(result.pending):,} not ready; run the same line again, "
            f"the first is expected by {moment(soonest)}"
        )


def _steps(result: RetrievePlan) -> Iterator[dict[str, Any]]:
    for one, step in result.steps:
        yield {
            "name": one.archive.label,
            "size_bytes": one.archive.known_size_bytes,
            "step": "make" if step is None else step.step.value,
        }


def _pending(one: Pending) -> dict[str, Any]:
    return {
        "name": one.name,
        "job_id": one.job_id,
        "tier": one.tier.value.lower(),
        "expected_at": values.time(one.expected_at),
    }
