"""Syncs: planned and done."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.sync_plan import SyncAction, SyncKind
from glaciercli.core.text import printable
from glaciercli.operations.sync_request import SyncPlan, SyncReport
from glaciercli.render import money, values, words

Result = SyncPlan | SyncReport

#: What a plan's actions are called in the JSON forms.
_PLANNED = {
    "would_upload": (SyncKind.UPLOAD, SyncKind.REPLACE),
    "would_rename": (SyncKind.RENAME,),
    "would_record": (SyncKind.RECORD,),
    "would_delete": (SyncKind.DELETE,),
    "would_keep": (SyncKind.KEEP,),
}

_SAID = {
    SyncKind.UPLOAD: "would store",
    SyncKind.REPLACE: "would store",
    SyncKind.RENAME: "would rename",
    SyncKind.RECORD: "would note",
    SyncKind.DELETE: "would delete",
    SyncKind.KEEP: "would keep",
}


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, SyncPlan):
        said: dict[str, Any] = {
            key: [_action(one) for one in result.of_kind(*kinds)] for key, kinds in _PLANNED.items()
        }
        said["unchanged"] = result.unchanged
        said["unsettled"] = [values.unsettled(one) for one in result.unsettled]
        if result.fee is not None and result.deletes:
            said["early_deletion"] = money.fee_document(result.fee)
    else:
        said = {
            "uploaded": [values.uploaded(one) for one in result.uploaded],
            "renamed": [{"name": one.name, "old_name": one.old_name} for one in result.renamed],
            "deleted": [{"name": one.name, "archive_id": one.archive_id} for one in result.deleted],
            "unchanged": result.unchanged,
            "recorded": result.recorded,
            "kept": result.kept,
            "unsettled": [values.unsettled(one) for one in result.unsettled],
        }
    said["skipped"] = [values.skipped(one) for one in result.skipped]
    said["failed"] = [values.failure(one) for one in result.failed]
    return said


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    if isinstance(result, SyncPlan):
        own: tuple[str, ...] = ("old_name", "size_bytes", "versions", "reason")
    else:
        own = ("old_name", "archive_id", "size_bytes", "tree_hash", "reason")
    return ("outcome", "name", *own, *values.FAILURE)


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each item, with what became of it."""
    for outcome, found in document(result).items():
        if isinstance(found, list):
            yield from ({"outcome": outcome, **one} for one in found)


def lines(result: Result) -> Iterator[str]:
    """Yield what becomes, or became, of the items."""
    if isinstance(result, SyncPlan):
        yield from map(_planned_line, result.actions)
        yield from words.unsettled(result.unsettled)
        yield f"{_planned_total(result)}, {result.unchanged:,} unchanged"
        if result.fee is not None and result.deletes:
            yield from money.fee_lines(result.fee)
    else:
        yield from (f"stored {printable(one.name)}" for one in result.uploaded)
        for one in result.renamed:
            yield f"renamed {printable(one.old_name)} to {printable(one.name)}"
        yield from words.unsettled(result.unsettled)
        yield from (f"deleted {printable(one.name)}" for one in result.deleted)
        yield _done_total(result)
    yield from words.skipped(result.skipped)


def summary(result: SyncReport) -> Iterator[str]:
    """Yield what somebody hears of who wants to hear only of changes."""
    if result.changed:
        yield _done_total(result)


def _planned_line(action: SyncAction) -> str:
    name = printable(action.name)
    if action.old_name is not None:
        name = f"{printable(action.old_name)} to {name}"
    if action.kind is SyncKind.DELETE and len(action.archive_keys) > 1:
        name += f" ({len(action.archive_keys):,} versions)"
    return f"{_SAID[action.kind]} {name}: {action.reason}"


def _planned_total(plan: SyncPlan) -> str:
    counts = (
        (len(plan.of_kind(SyncKind.UPLOAD, SyncKind.REPLACE)), "to store"),
        (len(plan.of_kind(SyncKind.RENAME)), "to rename"),
        (len(plan.of_kind(SyncKind.RECORD)), "to note"),
        (plan.deletes, "to delete"),
    )
    said = [f"{count:,} {what}" for count, what in counts if count or what == "to store"]
    return ", ".join(said)


def _done_total(report: SyncReport) -> str:
    """Return the one line that says what a sync has done."""
    size = sum(one.size_bytes for one in report.uploaded)
    counts = (
        (len(report.renamed), "renamed"),
        (report.recorded, "noted"),
        (len(report.deleted), "deleted"),
        (len(report.unsettled), "probably stored"),
        (len(report.failed), "failed"),
    )
    more = "".join(f", {count:,} {what}" for count, what in counts if count)
    stored = words.total(len(report.uploaded), size)
    return f"{stored} stored in {report.vault}{more}, {report.unchanged:,} unchanged"


def _action(action: SyncAction) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": action.name,
        "size_bytes": action.size_bytes,
        "reason": action.reason,
    }
    if action.old_name is not None:
        said["old_name"] = action.old_name
    if action.kind in {SyncKind.DELETE, SyncKind.KEEP}:
        said["versions"] = len(action.archive_keys)
    return said
