"""Deletions: planned and done."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.delete import DeletePlan, DeleteReport
from glaciercli.render import values, words

Result = DeletePlan | DeleteReport


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, DeletePlan):
        return {
            "would_delete": [
                {
                    "name": one.archive.label,
                    "archive_id": one.archive.archive_id,
                    "size_bytes": one.archive.known_size_bytes,
                }
                for one in result.items
            ]
        }
    return {
        "deleted": [{"name": one.name, "archive_id": one.archive_id} for one in result.deleted],
        "failed": [values.failure(one) for one in result.failed],
    }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    if isinstance(result, DeletePlan):
        return ("outcome", "name", "archive_id", "size_bytes")
    return ("outcome", "name", "archive_id", *values.FAILURE)


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each archive, with what became of it."""
    for outcome, found in document(result).items():
        yield from ({"outcome": outcome, **one} for one in found)


def lines(result: Result) -> Iterator[str]:
    """Yield what became of the archives."""
    if isinstance(result, DeletePlan):
        yield from (f"would delete {printable(one.archive.label)}" for one in result.items)
        yield f"{words.archives_total([one.archive for one in result.items])} to delete"
        return
    yield from (f"deleted {printable(one.name)}" for one in result.deleted)
