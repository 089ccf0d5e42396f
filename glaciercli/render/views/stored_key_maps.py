"""Key maps in vaults: stored there, and brought back."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from glaciercli.core.text import printable
from glaciercli.model.care import MergeCounts
from glaciercli.operations.key_map_archive import StorePlan, StoreReport
from glaciercli.operations.key_map_recovery import RecoverPlan, RecoverReport, RecoverWait
from glaciercli.render import humanise, values, words
from glaciercli.render.views.key_maps import counts_lines

Result = StorePlan | StoreReport | RecoverPlan | RecoverWait | RecoverReport

_COUNTS = tuple(asdict(MergeCounts()))
_STORED = ("outcome", "name", "archive_id", "size_bytes", "tree_hash", *values.FAILURE)
_RECOVERED = ("vault", "status", "waiting_for", "name", "job_id", "expected_at", *_COUNTS)


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    match result:
        case StorePlan():
            return {
                "vault": result.vault,
                "would_upload": result.name,
                "would_delete": [
                    {"name": one.label, "archive_id": one.archive_id} for one in result.doomed
                ],
            }
        case StoreReport():
            return {
                "vault": result.vault,
                "uploaded": [values.uploaded(one) for one in result.uploaded],
                "unsettled": [values.unsettled(one) for one in result.unsettled],
                "deleted": [
                    {"name": one.name, "archive_id": one.archive_id} for one in result.deleted
                ],
                "failed": [values.failure(one) for one in result.failed],
            }
        case _:
            return _recovered(result)


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return _STORED if isinstance(result, StorePlan | StoreReport) else _RECOVERED


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each archive, or the one result."""
    said = document(result)
    match result:
        case StorePlan():
            yield {"outcome": "would_upload", "name": result.name}
            yield from ({"outcome": "would_delete", **one} for one in said["would_delete"])
        case StoreReport():
            for outcome in ("uploaded", "unsettled", "deleted", "failed"):
                yield from ({"outcome": outcome, **one} for one in said[outcome])
        case _:
            yield said


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    match result:
        case StorePlan():
            yield from (f"would see to {one}, which a stopped run began" for one in result.begun)
            yield f"would store {result.name} in {result.vault}"
            yield from (f"would delete {printable(one.label)}" for one in result.doomed)
        case StoreReport():
            for one in result.uploaded:
                yield f"stored {one.name} ({humanise.size(one.size_bytes)}) in {result.vault}"
            yield from words.unsettled(result.unsettled)
            yield from (f"deleted {printable(one.name)}" for one in result.deleted)
        case RecoverPlan():
            yield _plan_line(result)
        case RecoverWait():
            what = "an inventory" if result.name is None else printable(result.name)
            yield (
                f"the service is preparing {what}; expected by "
                f"{humanise.moment(result.expected_at)}, run the same line again then"
            )
        case RecoverReport():
            yield f"{printable(result.name)} of {result.vault} merged into the key map"
            yield from counts_lines(result.counts)


def _recovered(result: RecoverPlan | RecoverWait | RecoverReport) -> dict[str, Any]:
    counts = result.counts if isinstance(result, RecoverReport) else MergeCounts()
    waiting = result if isinstance(result, RecoverWait) else None
    return {
        "vault": result.vault,
        "status": _STATUS[type(result)],
        "waiting_for": None if waiting is None else waiting.waiting_for,
        "name": result.name,
        "job_id": None if waiting is None else waiting.job_id,
        "expected_at": None if waiting is None else values.time(waiting.expected_at),
        **asdict(counts),
    }


_STATUS: dict[type, str] = {
    RecoverPlan: "planned",
    RecoverWait: "pending",
    RecoverReport: "recovered",
}


def _plan_line(result: RecoverPlan) -> str:
    if result.name is None:
        return f"no key map in {result.vault} is known yet; an inventory would be asked for"
    size = humanise.size(result.size_bytes or 0)
    return f"would bring back {printable(result.name)} ({size}) and merge it"
