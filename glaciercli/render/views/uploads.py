"""Uploads and syncs: planned and done."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.sync import SyncPlan, SyncReport
from glaciercli.operations.upload import UploadPlan, UploadReport
from glaciercli.render import values, words

Result = UploadPlan | UploadReport | SyncPlan | SyncReport


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    match result:
        case UploadPlan():
            said: dict[str, Any] = {"would_upload": [_planned(one) for one in result.items]}
        case SyncPlan():
            said = {"would_upload": list(_reasons(result)), "unchanged": result.unchanged}
        case UploadReport():
            said = {"uploaded": [values.uploaded(one) for one in result.uploaded]}
        case SyncReport():
            said = {
                "uploaded": [values.uploaded(one) for one in result.uploaded],
                "deleted": [],
                "unchanged": result.unchanged,
            }
    if isinstance(result, UploadReport | SyncReport):
        said["unsettled"] = [values.unsettled(one) for one in result.unsettled]
    said["skipped"] = [values.skipped(one) for one in result.skipped]
    said["failed"] = [values.failure(one) for one in result.failed]
    return said


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    match result:
        case UploadPlan():
            own: tuple[str, ...] = ("path", "reason")
        case SyncPlan():
            own = ("size_bytes", "reason")
        case _:
            own = ("archive_id", "size_bytes", "tree_hash", "reason")
    return ("outcome", "name", *own, *values.FAILURE)


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each item, with what became of it."""
    for outcome, found in document(result).items():
        if isinstance(found, list):
            yield from ({"outcome": outcome, **one} for one in found)


def lines(result: Result) -> Iterator[str]:
    """Yield what became of the items."""
    match result:
        case UploadPlan():
            yield from (f"would store {printable(one.name)}" for one in result.items)
            yield f"{words.total(len(result.items), result.size_bytes, 'file')} to store"
        case SyncPlan():
            for one in _reasons(result):
                yield f"would store {printable(one['name'])}: {one['reason']}"
            yield f"{len(result.actions):,} to store, {result.unchanged:,} unchanged"
        case _:
            yield from _done(result)
    yield from words.skipped(result.skipped)


def _done(result: UploadReport | SyncReport) -> Iterator[str]:
    yield from (f"stored {printable(one.name)}" for one in result.uploaded)
    yield from words.unsettled(result.unsettled)
    size = sum(one.size_bytes for one in result.uploaded)
    unchanged = f", {result.unchanged:,} unchanged" if isinstance(result, SyncReport) else ""
    yield f"{words.total(len(result.uploaded), size)} stored in {result.vault}{unchanged}"


def _planned(one: Any) -> dict[str, Any]:
    return {"name": one.name, "path": one.path}


def _reasons(result: SyncPlan) -> Iterator[dict[str, Any]]:
    for action in result.actions:
        assert action.local is not None
        yield {
            "name": action.local.name,
            "size_bytes": action.local.size_bytes,
            "reason": action.reason,
        }
