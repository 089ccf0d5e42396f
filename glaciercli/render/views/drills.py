"""Restore drills."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.drill import DrillReport
from glaciercli.render import humanise, values


def document(result: DrillReport) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "vault": result.vault,
        "drawn": result.drawn,
        "proved": [
            {"name": one.label, "archive_id": one.archive_id, "size_bytes": one.size_bytes}
            for one in result.proved
        ],
        "pending": [
            {"name": one.name, "job_id": one.job_id, "expected_at": values.time(one.expected_at)}
            for one in result.pending
        ],
        "failed": [values.failure(one) for one in result.failed],
    }


def columns(result: DrillReport) -> Sequence[str]:
    """Return the columns of the CSV form."""
    del result
    own = ("archive_id", "size_bytes", "job_id", "expected_at")
    return ("outcome", "name", *own, *values.FAILURE)


def items(result: DrillReport) -> Iterator[dict[str, Any]]:
    """Yield an object for each archive that was drawn."""
    for outcome, found in document(result).items():
        if isinstance(found, list):
            yield from ({"outcome": outcome, **one} for one in found)


def lines(result: DrillReport) -> Iterator[str]:
    """Yield what became of each archive."""
    yield from (f"proved {printable(one.label)}" for one in result.proved)
    for one in result.pending:
        yield f"pending {printable(one.name)}, expected by {humanise.moment(one.expected_at)}"
    yield _total(result)


def summary(result: DrillReport) -> Iterator[str]:
    """Yield what somebody hears of who wants to hear only of the end."""
    if result.is_over:
        yield _total(result)


def _total(result: DrillReport) -> str:
    size = humanise.size(sum(one.size_bytes for one in result.proved))
    drawn = humanise.count(result.drawn, "archive")
    said = f"{len(result.proved):,} of {drawn} drawn from {result.vault} proved, {size}"
    return said if result.is_over else f"{said} so far"
