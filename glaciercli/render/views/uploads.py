"""Uploads: planned and done."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.upload import UploadPlan, UploadReport
from glaciercli.render import values, words

Result = UploadPlan | UploadReport


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, UploadPlan):
        said: dict[str, Any] = {"would_upload": [_planned(one) for one in result.items]}
    else:
        said = {"uploaded": [values.uploaded(one) for one in result.uploaded]}
        said["unsettled"] = [values.unsettled(one) for one in result.unsettled]
    said["skipped"] = [values.skipped(one) for one in result.skipped]
    said["failed"] = [values.failure(one) for one in result.failed]
    return said


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    if isinstance(result, UploadPlan):
        own: tuple[str, ...] = ("path", "reason")
    else:
        own = ("archive_id", "size_bytes", "tree_hash", "reason")
    return ("outcome", "name", *own, *values.FAILURE)


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each item, with what became of it."""
    for outcome, found in document(result).items():
        if isinstance(found, list):
            yield from ({"outcome": outcome, **one} for one in found)


def lines(result: Result) -> Iterator[str]:
    """Yield what became of the items."""
    if isinstance(result, UploadPlan):
        yield from (f"would store {printable(one.name)}" for one in result.items)
        yield f"{words.total(len(result.items), result.size_bytes, 'file')} to store"
    else:
        yield from _done(result)
    yield from words.skipped(result.skipped)


def _done(result: UploadReport) -> Iterator[str]:
    yield from (f"stored {printable(one.name)}" for one in result.uploaded)
    yield from words.unsettled(result.unsettled)
    size = sum(one.size_bytes for one in result.uploaded)
    yield f"{words.total(len(result.uploaded), size)} stored in {result.vault}"


def _planned(one: Any) -> dict[str, Any]:
    return {"name": one.name, "path": one.path}
