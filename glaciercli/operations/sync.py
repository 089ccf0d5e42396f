"""Making a vault hold what a directory holds.

    lock -> plan -> names and times noted -> what is new and changed stored, and recorded
    -> what is no longer wanted deleted

Every step is committed by itself, so a run that is killed leaves a key map that is true, and the
same line plans the rest.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from glaciercli import errors
from glaciercli.core import sync_links
from glaciercli.core.parts import check_part_bytes
from glaciercli.core.paths import archive_name
from glaciercli.core.sync_plan import SyncAction, SyncKind
from glaciercli.core.text import printable
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import small_files, sync_delete
from glaciercli.operations.context import Context
from glaciercli.operations.deletion_fee import deletion_fee
from glaciercli.operations.results import UploadOutcome
from glaciercli.operations.small_files import SmallFiles
from glaciercli.operations.sync_gather import Gathering
from glaciercli.operations.sync_request import (
    Renamed,
    SyncPlan,
    SyncReport,
    SyncRequest,
    left_for_later,
)
from glaciercli.operations.upload_flow import Uploader, UploadItem, UploadOptions
from glaciercli.operations.upload_marks import MarkUploader, is_mark
from glaciercli.reporting import Notice, TransfersPlanned
from glaciercli.transfer import flow

#: How long to wait before a lock is tried again, in seconds.
_PAUSE_S = 0.5


@contextmanager
def alone(context: Context, vault: KnownVault, *, wait: timedelta | None) -> Iterator[None]:
    """Let no other sync of a vault run meanwhile; raise ``Busy`` once that was waited for.

    ``wait`` of ``None`` is not at all.
    """
    begun, told = context.clock.monotonic(), False
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(context.key_map.locks.one_sync(vault, "this sync"))
                break
            except errors.Busy:
                waited = context.clock.monotonic() - begun
                if wait is None or waited >= wait.total_seconds():
                    raise
            if not told:
                message = f'waiting for another sync of vault "{vault.name}" to end'
                context.reporter.report(Notice(message=message))
                told = True
            context.clock.sleep(_PAUSE_S)
        yield


def vault_named(context: Context, name: str) -> KnownVault:
    """Return the vault; the service is asked about it only where the key map cannot be sure.

    So a run with nothing to do needs no network where the account is known.
    """
    known = context.key_map.vaults.in_store(context.store, name=name)
    if context.store.knows_account and len(known) == 1:
        return known[0]
    return context.reach(name)


def plan(context: Context, vault: KnownVault, request: SyncRequest) -> SyncPlan:
    """Return the differences between a directory and what the key map knows of a vault."""
    if not os.path.isdir(request.directory):
        raise errors.FileProblem(
            f'"{printable(request.directory)}" is no directory', hint="sync takes a directory"
        )
    check_part_bytes(request.part_bytes)
    _check_prefix(context, vault, request.prefix)
    planned = Gathering(context, vault, request).plan()
    if request.retention.deletes_gone or request.retention.keep_versions is not None:
        archives = (
            one.archive
            for one in sync_delete.doomed(context, vault, planned.of_kind(SyncKind.DELETE))
        )
        planned.fee = deletion_fee(context.billing, archives, now=context.clock.now())
    _warn_of_small_files(context, vault, planned)
    for pattern in request.rules.idle:
        message = f'the pattern "{printable(pattern)}" matches nothing'
        context.reporter.report(Notice(message=message))
    return planned


def _warn_of_small_files(context: Context, vault: KnownVault, planned: SyncPlan) -> None:
    small = SmallFiles()
    for one in planned.of_kind(SyncKind.UPLOAD, SyncKind.REPLACE):
        small.take(one.size_bytes)
    small_files.warn(context.reporter, context.billing, vault.identity.region, small)


def run(context: Context, vault: KnownVault, request: SyncRequest, planned: SyncPlan) -> SyncReport:
    """Do what was planned and return what became of it."""
    report = SyncReport(
        vault=request.vault,
        unchanged=planned.unchanged,
        unsettled=list(planned.unsettled),
        kept=len(planned.of_kind(SyncKind.KEEP)),
        skipped=list(planned.skipped),
        failed=list(planned.failed),
        refused=planned.refused,
    )
    if planned.of_kind(SyncKind.UPLOAD, SyncKind.REPLACE, SyncKind.DELETE):
        # It may be gone since it was met; a deletion asks whose it is as well.
        context.reach(vault.name)
    _note(context, vault, planned, report)
    _miss(context, planned)
    unstored = _store(context, vault, request, planned, report=report)
    sync_delete.run(context, vault, request, planned, report, unstored=unstored)
    return report


def _note(context: Context, vault: KnownVault, planned: SyncPlan, report: SyncReport) -> None:
    """Write down what has another name, time or mode, and the same content."""
    with context.key_map.batch():
        for one in planned.of_kind(SyncKind.RENAME, SyncKind.RECORD):
            assert one.local is not None
            with context.key_map.transaction():
                if one.old_name is not None:
                    _rename(context, vault, one)
                    report.renamed.append(
                        Renamed(name=one.name, old_name=one.old_name, size_bytes=one.size_bytes)
                    )
                else:
                    report.recorded += 1
                    report.unchanged += 1
                context.key_map.trees.note(
                    one.archive_keys[0], modified_ns=one.local.modified_ns, mode=one.local.mode
                )


def _miss(context: Context, planned: SyncPlan) -> None:
    """Write down which files are gone, so that a later run knows for how long."""
    with context.key_map.batch():
        for one in planned.of_kind(SyncKind.KEEP):
            if one.gone_since is not None:
                context.key_map.trees.miss(one.archive_keys[-1], since=one.gone_since)


def _rename(context: Context, vault: KnownVault, action: SyncAction) -> None:
    archive = context.key_map.trees.archive(vault, action.archive_keys[0])
    context.key_map.archives.rename(archive.key, action.name)
    context.key_map.journal.write(
        "renamed",
        at=context.clock.now(),
        vault_key=vault.key,
        archive_id=archive.archive_id,
        name=action.name,
        detail=printable(archive.label),
    )


def _store(
    context: Context,
    vault: KnownVault,
    request: SyncRequest,
    planned: SyncPlan,
    *,
    report: SyncReport,
) -> set[str]:
    """Store what is new and changed; return the names of what is not stored for sure.

    Further names of files come last: where their file was not stored, they wait for the next run.
    """
    chosen = planned.of_kind(SyncKind.UPLOAD, SyncKind.REPLACE)
    size = sum(one.size_bytes for one in chosen)
    context.reporter.report(TransfersPlanned(count=len(chosen), total_bytes=size))
    uploader = Uploader(context, vault, UploadOptions(part_bytes=request.part_bytes))
    marks = MarkUploader(context, vault)
    failed = len(report.failed)

    def store(actions: Iterable[SyncAction]) -> set[str]:
        flow.run_all(
            (_story(uploader, marks, one) for one in actions),
            workers=context.jobs,
            take=report.take,
            together=context.key_map.batch,
        )
        lost = {one.name for one in report.failed[failed:]}
        return lost | {one.name for one in report.unsettled}

    unsure = store(one for one in chosen if not sync_links.is_further_name(one))
    further = [one for one in chosen if sync_links.is_further_name(one)]
    report.skipped.extend(
        left_for_later(one) for one in further if sync_links.relies_on(one, unsure)
    )
    return store(one for one in further if not sync_links.relies_on(one, unsure))


def _story(uploader: Uploader, marks: MarkUploader, action: SyncAction) -> flow.Flow[UploadOutcome]:
    assert action.local is not None
    if is_mark(action.local):
        return marks.store(action.local)
    return uploader.store(UploadItem(path=action.local.path, name=action.name))


def _check_prefix(context: Context, vault: KnownVault, prefix: str | None) -> None:
    """Refuse to store files below the name of an archive: they could not be brought back so."""
    steps = archive_name("", prefix).rstrip("/").split("/")
    for count in range(1, len(steps) + 1):
        name = "/".join(steps[:count])
        if name and context.key_map.archives.newest(vault, name) is not None:
            raise errors.BadUsage(
                f'"{printable(name)}" is an archive of vault "{vault.name}", so no directory '
                "can be stored under that name",
                hint="give another prefix, or rename the archive",
            )
