"""What came of a file that was taken in: an inventory, or another tool's store."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.takeover import Outcome
from glaciercli.core.text import printable
from glaciercli.operations.reconcile import ReconcileReport
from glaciercli.operations.takeover import TakeoverReport
from glaciercli.render.views import inventories, named

Result = ReconcileReport | TakeoverReport

#: The words for what is done, in their order.
_DEEDS = (
    ("new, not confirmed by an inventory yet", (Outcome.ADD,)),
    ("named", (Outcome.NAME,)),
    ("completed", (Outcome.COMPLETE,)),
    ("deleted", (Outcome.ADD_DELETED, Outcome.DELETE)),
    ("known already", (Outcome.SAME, Outcome.STAYS_DELETED)),
)


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, ReconcileReport):
        return inventories.document(result)
    outcomes = result.outcomes
    return {
        "status": "reconciled",
        "format": result.store.value,
        "inventory_date": None,
        "added": outcomes[Outcome.ADD],
        "confirmed": 0,
        "missing": 0,
        "not_yet_listed": 0,
        "deleted": outcomes[Outcome.ADD_DELETED] + outcomes[Outcome.DELETE],
        "named": outcomes[Outcome.NAME],
        "completed": outcomes[Outcome.COMPLETE],
        "known": outcomes[Outcome.SAME] + outcomes[Outcome.STAYS_DELETED],
        "conflicts": _conflicts(result),
        "reasons": {one.value: outcomes[one] for one in Outcome if outcomes[one]},
        "names_by_format": dict(result.formats),
        "other_vaults": result.elsewhere.total(),
        "retrievals": result.asked_for,
        "without_id": result.unidentified,
        "dry_run": result.dry_run,
    }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(next(items(result)))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the one object."""
    if isinstance(result, ReconcileReport):
        yield from inventories.items(result)
    else:
        said = document(result)
        yield {key: value for key, value in said.items() if not isinstance(value, dict)}


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    if isinstance(result, ReconcileReport):
        yield from inventories.lines(result)
        return
    would = "would be " if result.dry_run else ""
    yield f"store of {result.store.value} {would}taken over for {result.vault}"
    for words, outcomes in _DEEDS:
        count = sum(result.outcomes[one] for one in outcomes)
        if count:
            yield f"  {count:,} {words}"
    if _conflicts(result):
        yield f"  {_conflicts(result):,} told otherwise than the key map, which stays:"
        for one in Outcome:
            if one.is_conflict and result.outcomes[one]:
                yield f"    {result.outcomes[one]:,} {one.value}"
    yield from _asides(result)
    if (names := named.sentence(result.formats)) is not None:
        yield f"  {names}"


def _asides(result: TakeoverReport) -> Iterator[str]:
    """Yield what was left out."""
    if result.elsewhere:
        vaults = ", ".join(map(printable, result.elsewhere))
        yield f"  {result.elsewhere.total():,} of other vaults: {vaults}"
    if result.asked_for:
        yield f"  {result.asked_for:,} retrievals: retrieve finds by itself what still runs"
    if result.unidentified:
        yield f"  {result.unidentified:,} without an archive ID"


def _conflicts(result: TakeoverReport) -> int:
    return sum(count for outcome, count in result.outcomes.items() if outcome.is_conflict)
