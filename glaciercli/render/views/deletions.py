"""Deletions: planned and done."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.delete import DeletePlan, DeleteReport
from glaciercli.render import money, values, words

Result = DeletePlan | DeleteReport


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, DeletePlan):
        said: dict[str, Any] = {
            "would_delete": [
                {
                    "name": one.archive.label,
                    "archive_id": one.archive.archive_id,
                    "size_bytes": one.archive.known_size_bytes,
                }
                for one in result.items
            ]
        }
        if result.fee is not None:
            said["early_deletion"] = money.fee_document(result.fee)
            prices = money.prices_of([result.fee.cost])
            said["prices"] = [money.price_document(one) for one in prices]
        return said
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
    said = document(result)
    for outcome in ("would_delete", "deleted", "failed"):
        yield from ({"outcome": outcome, **one} for one in said.get(outcome, ()))


def lines(result: Result) -> Iterator[str]:
    """Yield what became of the archives."""
    if isinstance(result, DeletePlan):
        yield from (f"would delete {printable(one.archive.label)}" for one in result.items)
        yield f"{words.archives_total([one.archive for one in result.items])} to delete"
        if result.fee is not None:
            yield from money.fee_lines(result.fee)
            yield from money.price_summary(money.prices_of([result.fee.cost]))
        return
    yield from (f"deleted {printable(one.name)}" for one in result.deleted)
