"""The care for the key map: checked, copied, put back, given out, united."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from glaciercli.core.text import printable
from glaciercli.model.care import Finding, Holdings, MergeCounts
from glaciercli.operations.key_map_check import CheckReport
from glaciercli.operations.key_map_copies import (
    BackupReport,
    RestorePlan,
    RestoreReport,
    SnapshotList,
)
from glaciercli.operations.key_map_exchange import ExportReport, ImportReport, MergeReport
from glaciercli.render import humanise, values

Result = (
    CheckReport
    | BackupReport
    | RestorePlan
    | RestoreReport
    | SnapshotList
    | ExportReport
    | ImportReport
    | MergeReport
)


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    match result:
        case CheckReport():
            return {
                "path": result.path,
                "size_bytes": result.size_bytes,
                "full": result.full,
                "sound": not result.findings,
                "findings": [_finding(one) for one in result.findings],
            }
        case SnapshotList():
            return {"snapshots": list(items(result))}
        case RestorePlan() | RestoreReport():
            return _restored(result)
        case MergeReport():
            return {"source": result.source, "dry_run": result.dry_run, **asdict(result.counts)}
        case _:
            return _moved(result)


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    match result:
        case CheckReport():
            return ("kind", "what", "count", "examples", "advice")
        case SnapshotList():
            return ("path", "taken_at", "size_bytes")
        case _:
            return tuple(_flat(document(result)))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each finding or snapshot, or the one result."""
    match result:
        case CheckReport():
            yield from (_finding(one) for one in result.findings)
        case SnapshotList():
            for one in result.snapshots:
                taken_at = values.time(one.taken_at)
                yield {"path": one.path, "taken_at": taken_at, "size_bytes": one.size_bytes}
        case _:
            yield _flat(document(result))


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    match result:
        case CheckReport():
            yield from _check_lines(result)
        case SnapshotList():
            yield from _snapshot_lines(result)
        case RestorePlan() | RestoreReport():
            yield from _restore_lines(result)
        case MergeReport():
            yield from _merge_lines(result)
        case BackupReport() | ExportReport():
            would = "would be " if isinstance(result, BackupReport) and result.dry_run else ""
            yield f"{would}written to {printable(result.path)}: {_held(result.holdings)}"
        case ImportReport():
            would = "would be " if result.dry_run else ""
            yield f"{would}taken in from {printable(result.source)}: {_held(result.holdings)}"


def counts_lines(counts: MergeCounts, *, would: str = "") -> Iterator[str]:
    """Yield what a merge did, a line for each kind of row."""
    added = (
        humanise.count(counts.vaults_added, "vault"),
        humanise.count(counts.archives_added, "archive"),
        humanise.count(counts.uploads_added, "upload") + " under way",
        humanise.count(counts.jobs_added, "job"),
        humanise.count(counts.inventories_added, "inventory", "inventories"),
        humanise.count(counts.journal_added, "journal entry", "journal entries"),
    )
    yield from (f"  {one} {would}added" for one in added if not one.startswith("0 "))
    if counts.archives_changed:
        yield f"  {humanise.count(counts.archives_changed, 'archive')} {would}known better"
    if counts.archives_deleted:
        yield f"  {counts.archives_deleted:,} of them {would}deleted: the other key map says so"
    if counts.downloads_left:
        left = humanise.count(counts.downloads_left, "download")
        yield f"  left to the other machine: {left} under way"
    if not counts.changes:
        yield "  nothing that was not known"


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "what": one.what,
        "count": one.count,
        "examples": list(one.examples),
        "advice": one.advice,
    }


def _restored(result: RestorePlan | RestoreReport) -> dict[str, Any]:
    done = isinstance(result, RestoreReport)
    return {
        "path": result.path,
        "source": result.source,
        "dry_run": not done,
        "kept_as": result.kept_as if isinstance(result, RestoreReport) else None,
        "before": None if result.here is None else asdict(result.here),
        "after": asdict(result.there),
    }


def _moved(result: BackupReport | ExportReport | ImportReport) -> dict[str, Any]:
    held = asdict(result.holdings)
    match result:
        case BackupReport():
            size = {"size_bytes": result.size_bytes}
            return {"path": result.path, **size, "dry_run": result.dry_run, **held}
        case ExportReport():
            return {"path": result.path, **held}
        case ImportReport():
            return {"source": result.source, "dry_run": result.dry_run, **held}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return a document as one row: objects in it become members of their own."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat.update({f"{key}_{name}": one for name, one in value.items()})
        else:
            flat[key] = value
    return flat


def _check_lines(result: CheckReport) -> Iterator[str]:
    size = humanise.size(result.size_bytes)
    for one in result.findings:
        shown = f" ({', '.join(printable(text) for text in one.examples)})" if one.examples else ""
        yield f"{one.kind}: {one.count:,} {one.what}{shown}"
        yield f"  what to do: {one.advice}"
    verdict = "is damaged" if result.findings else "is sound"
    yield f"the key map {printable(result.path)} ({size}) {verdict}"


def _snapshot_lines(result: SnapshotList) -> Iterator[str]:
    for one in result.snapshots:
        size = humanise.size(one.size_bytes)
        yield f"{humanise.moment(one.taken_at)}  {size:>10}  {printable(one.path)}"
    if not result.snapshots:
        yield "there are no snapshots yet: the next command that changes much makes one"


def _restore_lines(result: RestorePlan | RestoreReport) -> Iterator[str]:
    done = isinstance(result, RestoreReport)
    verb = "took" if done else "would take"
    yield f"{printable(result.source)} {verb} the place of {printable(result.path)}"
    before = "nothing that can be read" if result.here is None else _held(result.here)
    yield f"  before: {before}"
    yield f"  after: {_held(result.there)}"
    if isinstance(result, RestoreReport):
        if result.kept_as is not None:
            yield f"  what was there is kept as {printable(result.kept_as)}"
        yield f"  what was done since the copy was made is not known now: {_follow_up(result)}"


def _follow_up(result: RestoreReport) -> str:
    """Return which line brings what was done since the copy that was put in place."""
    if result.here is None or result.kept_as is None:
        return "`glaciercli inventory refresh VAULT` brings what the vault tells of it"
    return f"`glaciercli keymap merge {shlex.quote(printable(result.kept_as))}` brings it"


def _merge_lines(result: MergeReport) -> Iterator[str]:
    would = "would be " if result.dry_run else ""
    yield f"{printable(result.source)} {would}merged"
    yield from counts_lines(result.counts, would=would)


def _held(held: Holdings) -> str:
    phrases = (
        humanise.count(held.vaults, "vault"),
        humanise.count(held.live_archives, "archive"),
        f"{held.deleted_archives:,} deleted",
        humanise.count(held.uploads, "upload") + " under way",
        humanise.count(held.jobs, "job"),
        humanise.count(held.inventories, "inventory", "inventories"),
    )
    return ", ".join(phrases)
