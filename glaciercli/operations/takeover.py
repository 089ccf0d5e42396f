"""Taking over what another tool kept of a vault, without asking the service anything.

A store is no proof that the service has an archive: what is new is *uploaded*, and the next
inventory confirms it or finds it missing.  The decisions are ``core.takeover``'s.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from glaciercli import errors
from glaciercli.core import description
from glaciercli.core.described import EMPTY_FILE_CONTENT
from glaciercli.core.foreign_stores import recognition
from glaciercli.core.foreign_stores.records import Event, StoreFormat, StoreRecord
from glaciercli.core.takeover import Change, Outcome, Present, Remembered, decide
from glaciercli.core.text import printable
from glaciercli.keymap import foreign_databases
from glaciercli.keymap.foreign_databases import ForeignDatabase
from glaciercli.model.archives import ArchiveState
from glaciercli.model.new_archives import NewArchive
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import inventory_files
from glaciercli.operations.context import Context
from glaciercli.operations.reconcile import ReconcileReport
from glaciercli.transfer import textfiles

#: How many names of other vaults are remembered, to be shown.
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What a command asks for."""

    vault: str
    path: str
    #: ``None`` is told by the file itself.
    store: StoreFormat | None = None
    #: Whose rows of a glacier-cli database are meant, where there are several.
    access_keys: tuple[str, ...] = ()
    lag: timedelta
    dry_run: bool = False


@dataclass(slots=True, kw_only=True)
class TakeoverReport:
    """What a store told, in numbers."""

    vault: str
    store: StoreFormat
    #: How often each outcome came.
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    #: How many archives got their name from where.
    formats: Counter[str] = field(default_factory=Counter)
    #: How many records were those of each other vault.
    elsewhere: Counter[str] = field(default_factory=Counter)
    #: Retrievals that the store tells of: `retrieve` finds those that still run by itself.
    asked_for: int = 0
    #: Records without an archive ID.
    unidentified: int = 0
    dry_run: bool = False
    exit_code: int = 0


def import_file(context: Context, request: ImportRequest) -> ReconcileReport | TakeoverReport:
    """Take in a saved inventory or another tool's store.

    Raises ``BadUsage`` where it tells nothing of the vault, ``MalformedStore`` and
    ``MalformedInventory`` where it cannot be read; whatever is raised changes nothing.
    """
    context.own.refuse(request.path)
    head = textfiles.head(request.path, recognition.HEAD_CHARACTERS)
    if head.startswith(foreign_databases.MAGIC):
        with foreign_databases.open_foreign(request.path, request.store) as database:
            records = _database_records(database, request)
            return _take_over(context, request, database.store, records)
    _refuse_access_keys(request)
    text = head.decode("utf-8", "surrogateescape")
    store = request.store or recognition.recognise(text)
    if store is StoreFormat.INVENTORY:
        return inventory_files.import_file(
            context, request.vault, request.path, lag=request.lag, dry_run=request.dry_run
        )
    # Names of old disks may be in any encoding: they are kept byte for byte.
    with textfiles.chunks(request.path, undecodable="surrogateescape") as chunks:
        return _take_over(context, request, store, recognition.read(store, text, chunks))


def _refuse_access_keys(request: ImportRequest) -> None:
    if request.access_keys:
        raise errors.BadUsage(
            f'"{request.path}" is no database of glacier-cli',
            hint="--access-key-id is about the rows of such a one alone",
        )


def _database_records(database: ForeignDatabase, request: ImportRequest) -> Iterator[StoreRecord]:
    if database.store is not StoreFormat.GLACIER_CLI:
        _refuse_access_keys(request)
    owners = database.owners(request.vault)
    strangers = [one for one in request.access_keys if one not in owners]
    if owners and strangers:
        raise errors.BadUsage(
            f'the store has nothing of vault "{request.vault}" under access key '
            + ", ".join(map(printable, strangers)),
            hint="it has something under " + ", ".join(map(printable, owners)),
        )
    if len(owners) > 1 and not request.access_keys:
        raise errors.BadUsage(
            f'the store knows vault "{request.vault}" of several access keys: '
            + ", ".join(map(printable, owners)),
            hint="--access-key-id, once or more, says whose are meant: "
            "one account may have had several",
        )
    record = recognition.of_row(database.store)
    return (record(row, place) for place, row in database.rows(request.access_keys))


def _take_over(
    context: Context, request: ImportRequest, store: StoreFormat, records: Iterable[StoreRecord]
) -> TakeoverReport:
    vault = context.recall(request.vault)
    report = TakeoverReport(vault=vault.name, store=store, dry_run=request.dry_run)
    with _staged(context, _of_vault(records, report)):
        _check_some(context, report)
        if request.dry_run:
            for told, present in _pairs(context, vault):
                _count(report, told, decide(told, present, lag=request.lag))
            return report
        with context.key_map.transaction():
            for told, present in _pairs(context, vault):
                change = decide(told, present, lag=request.lag)
                _count(report, told, change)
                _apply(context, vault, told, present, change)
            _write_journal(context, vault, report)
    return report


@contextmanager
def _staged(context: Context, records: Iterable[StoreRecord]) -> Iterator[None]:
    """Hold what a store tells beside the key map: reading takes long, and other runs write."""
    takeovers = context.key_map.takeovers
    takeovers.stage(records)
    try:
        yield
    finally:
        # It is gone with the connection in any case.
        with suppress(errors.GlacierCliError):
            takeovers.unstage()


def _of_vault(records: Iterable[StoreRecord], report: TakeoverReport) -> Iterator[StoreRecord]:
    """Yield the records that tell of archives of the vault, and count the others."""
    for one in records:
        if one.event is Event.UNIDENTIFIED:
            report.unidentified += 1
        elif one.vault not in {None, report.vault}:
            known = one.vault in report.elsewhere or len(report.elsewhere) < _MOST_SHOWN
            report.elsewhere[str(one.vault) if known else "others"] += 1
        elif one.event is Event.ASKED_FOR:
            report.asked_for += 1
        else:
            yield one


def _check_some(context: Context, report: TakeoverReport) -> None:
    """Raise ``BadUsage`` where a store tells of other vaults only."""
    if report.elsewhere and next(context.key_map.takeovers.staged(), None) is None:
        vaults = ", ".join(f'"{printable(name)}"' for name in report.elsewhere)
        raise errors.BadUsage(
            f'the store tells nothing of vault "{report.vault}", only of {vaults}',
            hint=f"glaciercli inventory import {printable(min(report.elsewhere))} FILE",
        )


def _pairs(context: Context, vault: KnownVault) -> Iterator[tuple[Remembered, Present | None]]:
    takeovers = context.key_map.takeovers
    return ((told, takeovers.present(vault.key, told.archive_id)) for told in takeovers.staged())


def _count(report: TakeoverReport, told: Remembered, change: Change) -> None:
    report.outcomes[change.outcome] += 1
    if change.outcome in {Outcome.ADD, Outcome.NAME}:
        report.formats[told.naming.format] += 1


def _apply(
    context: Context, vault: KnownVault, told: Remembered, present: Present | None, change: Change
) -> None:
    archives = context.key_map.archives
    now = context.clock.now()
    if change.outcome is Outcome.ADD:
        archives.add(vault.key, _new_archive(told, now=now))
    elif change.outcome is Outcome.ADD_DELETED:
        key = archives.add(vault.key, _new_archive(told, now=now))
        archives.set_state(key, ArchiveState.DELETED, deleted_at=_past(told.deleted_at, now))
    elif change.outcome is Outcome.DELETE and present is not None:
        archives.set_state(
            present.key, ArchiveState.DELETED, deleted_at=_past(told.deleted_at, now)
        )
    elif present is not None and (change.naming is not None or change.completes):
        context.key_map.takeovers.complete(present.key, change)


def _new_archive(told: Remembered, *, now: datetime) -> NewArchive:
    said = description.decode(told.naming.description)
    empty = said.size_bytes == 0 and told.size_bytes in {None, len(EMPTY_FILE_CONTENT)}
    return NewArchive(
        archive_id=told.archive_id,
        name=told.naming.name,
        name_source=told.naming.source,
        description=told.naming.description,
        tag=said.tag,
        # A size of 0 stands for one that is not known yet.
        size_bytes=0 if empty or told.size_bytes is None else told.size_bytes,
        tree_hash=None if empty else told.tree_hash,
        modified_ns=told.modified_ns,
        uploaded_at=_past(told.stored_at or told.deleted_at, now),
        state=ArchiveState.EMPTY if empty else ArchiveState.UPLOADED,
    )


def _past(moment: datetime | None, now: datetime) -> datetime:
    """Return a moment of the past: a clock was wrong where it lies ahead."""
    return now if moment is None else min(moment, now)


_UNCHANGED = frozenset((Outcome.SAME, Outcome.STAYS_DELETED))


def _write_journal(context: Context, vault: KnownVault, report: TakeoverReport) -> None:
    changed = {
        outcome: count
        for outcome, count in report.outcomes.items()
        if outcome not in _UNCHANGED and not outcome.is_conflict
    }
    if changed:
        said = ", ".join(f"{count} {outcome.value}" for outcome, count in changed.items())
        context.key_map.journal.write(
            "taken over",
            at=context.clock.now(),
            vault_key=vault.key,
            detail=f"{report.store.value}: {said}",
        )
