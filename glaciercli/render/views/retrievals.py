"""Retrievals: planned and done."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.retrieve import Pending, RetrieveReport
from glaciercli.operations.retrieve_offer import RetrieveOffer
from glaciercli.render import values, words
from glaciercli.render.columns import Line
from glaciercli.render.humanise import moment
from glaciercli.render.views import offers

Result = RetrieveOffer | RetrieveReport


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, RetrieveOffer):
        return offers.document(result)
    return {
        "retrieved": [
            {"name": one.name, "path": one.path, "size_bytes": one.size_bytes}
            for one in result.retrieved
        ],
        "pending": [_pending(one) for one in result.pending],
        "skipped": [values.skipped(one) for one in result.skipped],
        "failed": [values.failure(one) for one in result.failed],
    }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    own = (
        offers.COLUMNS
        if isinstance(result, RetrieveOffer)
        else ("path", "size_bytes", "job_id", "tier", "expected_at", "due_at")
    )
    return ("outcome", "name", *own, "reason", *values.FAILURE)


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each archive, with what became of it."""
    said = document(result)
    for outcome in ("would_retrieve", "retrieved", "pending", "skipped", "failed"):
        yield from ({"outcome": outcome, **one} for one in said.get(outcome, ()))


def lines(result: Result) -> Iterator[Line]:
    """Yield what became of the archives."""
    if isinstance(result, RetrieveOffer):
        yield from offers.lines(result)
        return
    yield from _done(result)
    yield from words.skipped(result.skipped)


def _done(result: RetrieveReport) -> Iterator[str]:
    yield from (f"retrieved {printable(one.path)}" for one in result.retrieved)
    for one in result.pending:
        put_off = f"asked for from about {moment(one.due_at)} on, " if one.due_at else ""
        yield f"not ready: {printable(one.name)}, {put_off}expected by {moment(one.expected_at)}"
    size = sum(one.size_bytes for one in result.retrieved)
    yield f"{words.total(len(result.retrieved), size)} retrieved"
    if result.pending:
        soonest = min(one.expected_at for one in result.pending)
        yield (
            f"{len(result.pending):,} not ready; run the same line again, "
            f"the first is expected by {moment(soonest)}"
        )


def _pending(one: Pending) -> dict[str, Any]:
    return {
        "name": one.name,
        "job_id": one.job_id,
        "tier": one.tier.value.lower(),
        "expected_at": values.time(one.expected_at),
        "due_at": values.time(one.due_at),
    }
