"""Inventories: asked for, taken in, and explained."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.reconcile import Verdict
from glaciercli.core.text import printable
from glaciercli.operations.inventory import InventoryFresh, InventoryWait
from glaciercli.operations.inventory_state import InventoryState, Remark
from glaciercli.operations.reconcile import ReconcileReport
from glaciercli.render import values, words
from glaciercli.render.humanise import count, moment
from glaciercli.render.views import archives, named

Result = ReconcileReport | InventoryWait | InventoryFresh | InventoryState

_CONFIRMED = (Verdict.CONFIRM, Verdict.UNCHANGED, Verdict.SETTLE)
_ADDED = (Verdict.ADD, Verdict.ADD_UNCONFIRMED, Verdict.ADD_MISSING)
_MISSING = (Verdict.MISSING, Verdict.ADD_MISSING)
_NOT_YET_LISTED = (
    Verdict.NOT_YET_LISTED,
    Verdict.ADD_UNCONFIRMED,
    Verdict.SETTLE_UNCONFIRMED,
)
_SETTLED = (Verdict.SETTLE, Verdict.SETTLE_UNCONFIRMED)
_DELETED = (Verdict.KEEP_DELETED,)

#: What is told of an archive beside what a listing tells.
_FACTS = ("listed_at", "deleted_at", "missing_since_date", "agreed_date")


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    match result:
        case ReconcileReport():
            return _reconciled(result)
        case InventoryState():
            return _state(result)
        case InventoryWait():
            return {
                **_counts(result.status, None),
                "job_id": result.job_id,
                "expected_at": values.time(result.expected_at),
            }
        case InventoryFresh():
            return _counts("reconciled", values.time(result.inventory_date))


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    if isinstance(result, InventoryState):
        return (*archives.columns(result), *_FACTS, "reason")
    return tuple(next(items(result)))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the one object, or each archive that needs a look."""
    said = document(result)
    if isinstance(result, InventoryState):
        yield from said["differences"]
    else:
        yield {key: value for key, value in said.items() if not isinstance(value, dict)}


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    match result:
        case ReconcileReport():
            yield from _reconciled_lines(result)
        case InventoryState():
            yield from _state_lines(result)
        case InventoryWait():
            if result.dry_run and result.status == "requested":
                yield f"the inventory of {result.vault} would be requested"
                return
            yield (
                f"the inventory of {result.vault} is {result.status}; expected by "
                f"{moment(result.expected_at)}, run the same line again then"
            )
        case InventoryFresh():
            yield f"the inventory of {moment(result.inventory_date)} is young enough"


def _reconciled(result: ReconcileReport) -> dict[str, Any]:
    verdicts = result.verdicts
    return {
        **_counts("reconciled", values.time(result.inventory_date)),
        "added": sum(verdicts[one] for one in _ADDED),
        "confirmed": sum(verdicts[one] for one in _CONFIRMED),
        "missing": sum(verdicts[one] for one in _MISSING),
        "not_yet_listed": sum(verdicts[one] for one in _NOT_YET_LISTED),
        "deleted": sum(verdicts[one] for one in _DELETED),
        "settled": sum(verdicts[one] for one in _SETTLED),
        "contradictions": verdicts[Verdict.CONTRADICTION],
        "names_by_format": dict(result.formats),
        "dry_run": result.dry_run,
    }


def _counts(status: str, date: str | None) -> dict[str, Any]:
    numbers = ("added", "confirmed", "missing", "not_yet_listed", "deleted")
    return {"status": status, "inventory_date": date, **dict.fromkeys(numbers, 0)}


def _reconciled_lines(result: ReconcileReport) -> Iterator[str]:
    would = "would be " if result.dry_run else ""
    yield f"inventory of {moment(result.inventory_date)} {would}taken in for {result.vault}"
    said = _reconciled(result)
    for key in ("added", "confirmed", "settled", "missing", "not_yet_listed", "deleted"):
        if said[key]:
            yield f"  {said[key]:,} {key.replace('_', ' ')}"
    if said["contradictions"]:
        yield f"  {said['contradictions']:,} listed with another size or tree hash than stored"
    if (names := named.sentence(result.formats)) is not None:
        yield f"  {names}"


def _state(result: InventoryState) -> dict[str, Any]:
    return {
        "vault": result.vault,
        "inventory_date": values.time(result.inventory_date),
        "reconciled_at": values.time(result.reconciled_at),
        "archive_count": result.archive_count,
        "known_archives": result.known_archives,
        "known_bytes": result.known_bytes,
        "differences": (_remark(one) for one in result.remarks),
    }


def _remark(one: Remark) -> dict[str, Any]:
    dates = (
        one.archive.listed_at,
        one.archive.deleted_at,
        one.standing.missing_since,
        one.standing.agreed_at,
    )
    facts = dict(zip(_FACTS, map(values.time, dates), strict=True))
    return {**archives.item(one.archive), **facts, "reason": one.standing.sentence}


def _state_lines(result: InventoryState) -> Iterator[str]:
    if result.inventory_date is None:
        yield f"no inventory of {result.vault} was taken in yet"
    else:
        listed = count(result.archive_count or 0, "archive")
        yield f"last inventory of {result.vault}: {moment(result.inventory_date)}, {listed}"
    yield f"in the key map: {words.total(result.known_archives, result.known_bytes)}"
    for one in result.remarks:
        yield f"{one.archive.state.value}: {printable(one.archive.label)}: {one.standing.sentence}"
