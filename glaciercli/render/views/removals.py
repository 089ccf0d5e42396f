"""The removal of a vault: what is next, what was done, and when to come back."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.core.vault_removal import Step
from glaciercli.operations.vaults_removal import Cancelled, RemovalReport
from glaciercli.operations.vaults_survey import Removal
from glaciercli.render import humanise, money, values, words

Result = Removal | RemovalReport | Cancelled

_NEXT = {
    Step.INVENTORY: "take in the inventory of the vault, which lists what is in it",
    Step.CONFIRM: "ask, then delete what is in the vault",
    Step.DELETE: "go on deleting",
    Step.VAULT: "remove the vault itself",
    Step.WAIT: "wait for the service's next inventory: only that shows that the vault is empty",
}


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    match result:
        case Removal():
            return _plan(result)
        case RemovalReport():
            return {
                **_report(result),
                "failed": [values.failure(one) for one in result.failed],
            }
        case Cancelled():
            return {"vault": result.vault, "kept_archives": result.kept, "dry_run": result.dry_run}


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(next(items(result)))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the one object, without what lies within it."""
    if isinstance(result, RemovalReport):
        yield _report(result)
        return
    nested = {"early_deletion", "prices"}
    yield {key: value for key, value in document(result).items() if key not in nested}


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    match result:
        case Removal():
            yield from _plan_lines(result)
        case RemovalReport():
            yield from _report_lines(result)
        case Cancelled():
            would = "would be kept" if result.dry_run else "are kept"
            them = humanise.count(result.kept, "archive")
            yield f"the removal of vault {result.vault} is given up: {them} {would}"
            if result.kept:
                yield "where a deletion was sent and its answer was lost, the next inventory tells"


def _plan(result: Removal) -> dict[str, Any]:
    return {
        "vault": result.vault.name,
        "next": result.step.value,
        "to_ask_archives": result.unasked.count,
        "to_ask_bytes": result.unasked.size_bytes,
        "to_ask_unmeasured": result.unasked.unknown_sizes,
        "to_delete_archives": result.doomed.count,
        "to_delete_bytes": result.doomed.size_bytes,
        "listed_archives": result.facts.listed_archives,
        "relisted_archives": result.facts.relisted,
        "unfinished_uploads": len(result.uploads.uploads),
        "next_at": values.time(result.at),
        "early_deletion": money.fee_document(result.fee),
        "prices": [money.price_document(one) for one in money.prices_of([result.fee.cost])],
        "dry_run": result.dry_run,
    }


def _report(result: RemovalReport) -> dict[str, Any]:
    return {
        "vault": result.vault,
        "gone": result.step is None,
        "next": None if result.step is None else result.step.value,
        "next_at": values.time(result.at),
        "deleted_archives": result.deleted_archives,
        "deleted_bytes": result.deleted_bytes,
        "aborted_uploads": result.aborted_uploads,
    }


def _plan_lines(result: Removal) -> Iterator[str]:
    name = result.vault.name
    if result.step is Step.CONFIRM:
        yield from _question(result)
        return
    yield f"vault {name}: next would be to {_NEXT[result.step]}"
    yield f"in its last inventory  {humanise.count(result.facts.listed_archives, 'archive')}"
    yield f"known here             {_unasked(result)}"
    yield f"being deleted          {words.total(result.doomed.count, result.doomed.size_bytes)}"
    if result.at is not None:
        yield f"that is due about {humanise.moment(result.at)}"


def _question(result: Removal) -> Iterator[str]:
    new = " that turned up since you said yes" if result.facts.confirmed_at else ""
    yield f"vault {result.vault.name}: {_unasked(result)}{new} would be deleted for ever,"
    if result.uploads.uploads:
        size = sum(one.size_bytes for one in result.uploads.uploads)
        total = words.total(len(result.uploads.uploads), size, "unfinished upload")
        yield f"{total} would be dropped,"
    if result.facts.relisted:
        them = humanise.count(result.facts.relisted, "archive")
        yield f"{them} deleted before and still listed would be deleted once more,"
    yield "and the vault would be removed once the service's next inventory shows it as empty,"
    yield "about a day later"
    yield from money.fee_lines(result.fee)
    yield from money.price_summary(money.prices_of([result.fee.cost]))


def _unasked(result: Removal) -> str:
    sums = result.unasked
    return words.measured_total(sums.count, sums.size_bytes, unknown=sums.unknown_sizes)


def _report_lines(result: RemovalReport) -> Iterator[str]:
    if result.aborted_uploads:
        yield f"{humanise.count(result.aborted_uploads, 'unfinished upload')} dropped"
    if result.deleted_archives:
        yield f"{words.total(result.deleted_archives, result.deleted_bytes)} deleted"
    name = printable(result.vault)
    if result.step is None:
        yield f"vault {name} is gone"
        return
    yield f"vault {name} is still there; next is to {_NEXT[result.step]}"
    if result.at is not None:
        yield f"run the same line again about {humanise.moment(result.at)}"
