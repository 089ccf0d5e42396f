"""Bringing the key map in line with an inventory, losing nothing of either.

The decision for each archive is ``core.reconcile``'s; here the two sorted streams are brought
together, the changes made, and all of it committed at once.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from glaciercli import errors
from glaciercli.core.additions import told
from glaciercli.core.inventory import ListedArchive, in_rows
from glaciercli.core.reconcile import KnownArchive, Verdict, decide, merge
from glaciercli.keymap.inventories import DATE_STEP, LostUpload, SeenInventory
from glaciercli.model.archives import ArchiveState
from glaciercli.model.new_archives import NewArchive
from glaciercli.model.uploads import UploadStage
from glaciercli.model.vaults import KnownVault, VaultIdentity
from glaciercli.operations.context import Context
from glaciercli.operations.upload_ledger import Ledger

#: How far ahead of this machine's clock, which may be off, an inventory may be dated.
_MOST_AHEAD = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class ReconcileReport:
    """What an inventory said, in numbers."""

    vault: str
    inventory_date: datetime
    #: How often each verdict was given.
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    #: How many archives got their name from which format of description.
    formats: Counter[str] = field(default_factory=Counter)
    dry_run: bool = False
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An inventory to reconcile with."""

    inventory_date: datetime
    #: Whether it lists everything; one that does not never makes anything missing.
    complete: bool
    job_id: str | None
    #: How long the service may take to list what was uploaded.
    lag: timedelta
    #: Whether the date was told.  It is no earlier than that of the newest archive in any case.
    is_dated: bool = True


class _DryRunDone(Exception):
    """Takes a dry run's changes back."""


def reconcile(
    context: Context,
    vault: KnownVault | VaultIdentity,
    snapshot: Snapshot,
    listed: Iterable[ListedArchive],
    *,
    dry_run: bool = False,
    thorough: bool = False,
) -> ReconcileReport:
    """Take in an inventory, in one transaction, and return what it said.

    A vault that the key map does not know is remembered with it.  Whatever ``listed`` raises leaves
    the key map as it was, and so does a dry run.  ``thorough`` decides about each archive by
    itself, also where it is clear for all of them; the result is the same.
    """
    known, identity = (vault, vault.identity) if isinstance(vault, KnownVault) else (None, vault)
    _check_date(context, known, snapshot)
    report = ReconcileReport(
        vault=vault.name, inventory_date=snapshot.inventory_date, dry_run=dry_run
    )
    # Reading takes long for a large vault, and other runs write meanwhile.
    sparing = known.key if known and snapshot.complete and not thorough else None
    with _staged(context, listed, sparing) as count:
        snapshot = _dated(context, snapshot)
        report.inventory_date = snapshot.inventory_date
        try:
            with context.key_map.transaction():
                known = known or context.key_map.vaults.remember(identity, created_at=None)
                _check_date(context, known, snapshot)
                _take_in(context, known, snapshot, report, thorough=thorough)
                _record(context, known, snapshot, count, report)
                _take_back_if(dry_run)
        except _DryRunDone:
            pass
    return report


def _check_date(context: Context, vault: KnownVault | None, snapshot: Snapshot) -> None:
    """Raise ``InvalidRequest`` for an inventory that must not be taken in as of its date."""
    newest = None if vault is None else context.key_map.inventories.newest(vault.key)
    if snapshot.is_dated and newest is not None and newest.inventory_date > snapshot.inventory_date:
        raise errors.InvalidRequest(
            f"the inventory of {snapshot.inventory_date:%d %B %Y %H:%M} is older than the last "
            f"one taken in, of {newest.inventory_date:%d %B %Y %H:%M}",
            hint="nothing was changed: it can tell nothing new",
        )
    made = None if vault is None else vault.created_at
    if made is not None and snapshot.inventory_date < made - DATE_STEP:
        raise errors.InvalidRequest(
            f"the inventory of {snapshot.inventory_date:%d %B %Y %H:%M} is older than the vault, "
            f"which was made on {made:%d %B %Y %H:%M}",
            hint="nothing was changed: it lists what another vault of that name held",
        )
    if snapshot.inventory_date > context.clock.now() + _MOST_AHEAD:
        raise errors.InvalidRequest(
            f"the inventory is dated {snapshot.inventory_date:%d %B %Y %H:%M}, "
            "which is in the future",
            hint="nothing was changed: check the clock of this machine, and where the file is from",
        )


def _dated(context: Context, snapshot: Snapshot) -> Snapshot:
    """Return an inventory that is staged with the earliest date that it may have."""
    newest = None if snapshot.is_dated else context.key_map.staging.newest
    return snapshot if newest is None else replace(snapshot, inventory_date=newest)


@contextmanager
def _staged(
    context: Context, listed: Iterable[ListedArchive], sparing: int | None
) -> Iterator[int]:
    """Hold what an inventory lists beside the key map, and yield how many archives that is."""
    staging = context.key_map.staging
    count = staging.take_in(in_rows(listed), sparing=sparing)
    try:
        yield count
    finally:
        # It is gone with the connection in any case.
        with suppress(errors.GlacierCliError):
            staging.clear()


def _take_back_if(dry_run: bool) -> None:  # noqa: FBT001 - it is the whole question
    if dry_run:
        raise _DryRunDone


def _take_in(
    context: Context,
    vault: KnownVault,
    snapshot: Snapshot,
    report: ReconcileReport,
    *,
    thorough: bool,
) -> None:
    _settle_cut_off(context, vault)
    _settle_unmarked(context, vault)
    staging = context.key_map.staging
    date = snapshot.inventory_date
    newest_at = _newest_at(context, vault, snapshot)
    if not thorough and newest_at is None and context.key_map.archives.is_empty(vault):
        added = staging.add_all(vault.key, listed_at=date, complete=snapshot.complete)
        report.verdicts[Verdict.ADD] = added.total()
    else:
        additions = _decide_each(context, vault, snapshot, report, newest_at)
        added = Counter[str]()
        for verdict, state in _ADDING.items():
            rows = additions[verdict]
            added += staging.add(
                vault.key, rows, listed_at=date, complete=snapshot.complete, state=state
            )
        # What is known just as it is listed.
        report.verdicts[Verdict.UNCHANGED] += staging.spared_count
    report.formats.update(added)
    if snapshot.complete:
        context.key_map.inventories.listed_all(vault.key, date)


def _newest_at(context: Context, vault: KnownVault, snapshot: Snapshot) -> datetime | None:
    """Return the date of the newest inventory taken in, where this one may be older."""
    newest = None if snapshot.is_dated else context.key_map.inventories.newest(vault.key)
    if newest is None or newest.inventory_date < snapshot.inventory_date:
        return None
    return newest.inventory_date


#: What an archive that nobody knew yet is added as.
_ADDING = {
    Verdict.ADD: ArchiveState.CONFIRMED,
    Verdict.ADD_UNCONFIRMED: ArchiveState.UPLOADED,
    Verdict.ADD_MISSING: ArchiveState.MISSING,
}


def _decide_each(
    context: Context,
    vault: KnownVault,
    snapshot: Snapshot,
    report: ReconcileReport,
    newest_at: datetime | None,
) -> "dict[Verdict, array[int]]":
    """Carry out what is decided about each archive, and return what is to be added how.

    Rows are not put in while they are being read.
    """
    staging = context.key_map.staging
    additions = {verdict: array("q") for verdict in _ADDING}
    for known, found in merge(staging.known(vault.key), staging.staged()):
        verdict = decide(
            known,
            found,
            snapshot_at=snapshot.inventory_date,
            lag=snapshot.lag,
            complete=snapshot.complete,
            newest_at=newest_at,
        )
        _count(report, verdict, known, found)
        if verdict in additions and found is not None:
            additions[verdict].append(found.row)
        elif known is not None:
            _apply(context, verdict, known, found, snapshot)
            _complete(context, verdict, known, found, report)
    return additions


def _record(
    context: Context, vault: KnownVault, snapshot: Snapshot, count: int, report: ReconcileReport
) -> None:
    """Write down that an inventory was taken in."""
    now = context.clock.now()
    context.key_map.inventories.record(
        vault.key,
        SeenInventory(
            inventory_date=snapshot.inventory_date,
            job_id=snapshot.job_id,
            complete=snapshot.complete,
            archive_count=count,
            reconciled_at=now,
        ),
    )
    context.key_map.journal.write(
        "reconciled", at=now, vault_key=vault.key, detail=_summary(report)
    )


def _count(
    report: ReconcileReport,
    verdict: Verdict,
    known: KnownArchive | None,
    found: ListedArchive | None,
) -> None:
    """Count a verdict; what the inventory does not list is never counted as confirmed."""
    if verdict is Verdict.UNCHANGED and known is not None and found is None:
        if known.state is not ArchiveState.MISSING:
            return
        verdict = Verdict.MISSING
    report.verdicts[verdict] += 1


def _settle_cut_off(context: Context, vault: KnownVault) -> None:
    """Make archives of uploads that only the ledger knows of, and that the inventory lists.

    Their lines may never be run again: a file can be gone, or be called otherwise.  A run that is
    still at work hears by itself what became of its upload.
    """
    ledger, locks = Ledger(context, vault), context.key_map.locks
    for entry in list(context.key_map.uploads.under_way(vault.key)):
        if entry.stage is UploadStage.INTENDED or not locks.is_free(vault, entry.intent.name):
            continue
        lost = LostUpload(
            description=entry.intent.description,
            size_bytes=entry.size_bytes or 0,
            tree_hash=entry.tree_hash,
        )
        ledger.take_in(entry, context.key_map.staging.find(lost, vault.key))


def _settle_unmarked(context: Context, vault: KnownVault) -> None:
    """Give uploads with a description of the user's own the ID under which they are listed."""
    inventories = context.key_map.inventories
    for key, lost in inventories.unmarked(vault.key):
        found = context.key_map.staging.find(lost, vault.key)
        if found is not None:
            # Only a record of ours says that a file is empty, and that has a mark.
            inventories.settle(key, found.archive_id, empty=False)


_CONFIRMING = frozenset({Verdict.CONFIRM, Verdict.SETTLE, Verdict.UNCHANGED})


def _apply(
    context: Context,
    verdict: Verdict,
    known: KnownArchive,
    found: ListedArchive | None,
    snapshot: Snapshot,
) -> None:
    inventories = context.key_map.inventories
    if found is not None and verdict in _CONFIRMING:
        if verdict is Verdict.SETTLE or _is_back(known):
            _settle(context, known, found)
        if not _is_known_so(known, found, snapshot):
            listed_at = max(snapshot.inventory_date, known.listed_at or snapshot.inventory_date)
            inventories.confirm(known.key, listed_at=listed_at, uploaded_at=found.created_at)
    elif verdict is Verdict.SETTLE_UNCONFIRMED and found is not None:
        _settle(context, known, found)
    elif verdict is Verdict.KEEP_DELETED and found is not None:
        if known.archive_id is None:
            # Nobody knew its ID: only now its deletion can be done.
            _settle(context, known, found)
        inventories.still_list(known.key, listed_at=snapshot.inventory_date)
    elif verdict is Verdict.MISSING:
        inventories.mark_missing(known.key)


def _is_back(known: KnownArchive) -> bool:
    """Tell whether only its description says what a missing archive is that is listed again."""
    return known.state is ArchiveState.MISSING and known.is_of_unknown_size


def _settle(context: Context, known: KnownArchive, found: ListedArchive) -> None:
    *_, empty = told(found.description, found.size_bytes)
    context.key_map.inventories.settle(known.key, found.archive_id, empty=empty)


def _is_known_so(known: KnownArchive, found: ListedArchive, snapshot: Snapshot) -> bool:
    """Tell whether an archive is known as it is listed, so that the vault's date says enough."""
    return (
        snapshot.complete
        and known.state is ArchiveState.CONFIRMED
        and known.listed_at is not None
        and known.uploaded_at == found.created_at
        and known.size_bytes == found.size_bytes
        and known.tree_hash == found.tree_hash
    )


def _complete(
    context: Context,
    verdict: Verdict,
    known: KnownArchive,
    found: ListedArchive | None,
    report: ReconcileReport,
) -> None:
    """Put in what the inventory tells of an archive that only another tool had told of."""
    if found is None or verdict not in _CONFIRMING:
        return
    # What stands for an empty file of ours says nothing of it.
    if not known.hearsay or known.state is ArchiveState.EMPTY:
        return
    name, tag, modified_ns, kind, empty = told(found.description, found.size_bytes)
    new = NewArchive(
        archive_id=found.archive_id,
        name=name,
        name_source="none" if name is None else "description",
        description=found.description,
        tag=tag,
        size_bytes=0 if empty else found.size_bytes,
        tree_hash=None if empty else found.tree_hash,
        modified_ns=modified_ns,
        uploaded_at=found.created_at,
        state=ArchiveState.EMPTY if empty else ArchiveState.CONFIRMED,
    )
    if context.key_map.inventories.fill(known.key, new):
        report.formats[kind] += 1


def _summary(report: ReconcileReport) -> str:
    said = (f"{count} {verdict.value}" for verdict, count in sorted_counts(report.verdicts))
    return ", ".join(said)


def sorted_counts(verdicts: Counter[Verdict]) -> Iterator[tuple[Verdict, int]]:
    """Yield the verdicts that were given at all, in their own order."""
    return ((verdict, verdicts[verdict]) for verdict in Verdict if verdicts[verdict])
