"""The key map as an archive in a vault, so that losing this machine loses nothing.

It is an export, compressed, and goes the way of any file: ledger, doubts, and continuation by the
same line.  Its description says what it is, and its name lies below a directory of its own.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from glaciercli.core import description
from glaciercli.keymap import beside, outgoing
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import delete
from glaciercli.operations.context import Context
from glaciercli.operations.delete import Deleted, DeletePlan, Doomed
from glaciercli.operations.key_map_progress import told
from glaciercli.operations.results import (
    ItemFailure,
    Skipped,
    Unsettled,
    Uploaded,
    UploadOutcome,
    exit_code,
)
from glaciercli.operations.upload_flow import Uploader, UploadItem, UploadOptions
from glaciercli.transfer import flow
from glaciercli.transfer.files import os_errors

#: Where the names of these archives begin.
PREFIX = ".glaciercli/keymap-"
_SUFFIX = ".jsonl.gz"
#: What stands between the vault and the time in the name of a file that is being stored.
_BETWEEN = "-at-"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRequest:
    """What a command asks for."""

    vault: str
    #: How many stored key maps stay, the new one among them; ``None`` is all.
    keep: int | None = None


@dataclass(slots=True, kw_only=True)
class StorePlan:
    """What would be stored and deleted."""

    vault: str
    name: str
    #: The file of a run that did not come to its end; ``None`` where there is none.
    begun: str | None
    doomed: list[Archive] = field(default_factory=list)
    exit_code: int = 0


@dataclass(slots=True, kw_only=True)
class StoreReport:
    """What was stored and deleted."""

    vault: str
    uploaded: list[Uploaded] = field(default_factory=list)
    unsettled: list[Unsettled] = field(default_factory=list)
    deleted: list[Deleted] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        done = len(self.uploaded) + len(self.deleted)
        return exit_code(self.failed, done=done, waiting=len(self.unsettled))


def plan(context: Context, request: StoreRequest) -> StorePlan:
    """Return what would be stored, and which stored key maps would be deleted for it."""
    vault = context.reach(request.vault)
    begun = _begun(context, vault)
    name = _name(context.clock.now()) if begun is None else _name_of(begun)
    planned = StorePlan(vault=vault.name, name=name, begun=begun)
    if request.keep is not None:
        # One whose ID is not known yet cannot be deleted.
        older = [one for one in stored(context, vault) if one.name != name and one.archive_id]
        planned.doomed = [*_half_deleted(context, vault), *older[request.keep - 1 :]]
    return planned


def run(context: Context, planned: StorePlan) -> StoreReport:
    """Store the key map, and then delete what was planned.

    A file that an earlier run began to store is stored first of all: it is the same line again.
    """
    vault = context.reach(planned.vault)
    report = StoreReport(vault=vault.name)
    with context.key_map.locks.one_task(vault, PREFIX, "storing the key map"):
        path = planned.begun or _write(context, vault, planned.name)
        outcome = _send(context, vault, path, planned.name)
        _take(context, vault, report, outcome)
        if not isinstance(outcome, ItemFailure):
            with os_errors(path):
                os.unlink(path)
    if planned.doomed and report.exit_code == 0:
        items = [Doomed(vault=vault, archive=one) for one in planned.doomed]
        gone = delete.run(context, DeletePlan(items=items))
        report.deleted, report.failed = gone.deleted, gone.failed
    return report


def stored(context: Context, vault: KnownVault) -> list[Archive]:
    """Return the key maps that a vault holds, as far as is known here, the newest first."""
    found = context.key_map.archives.live(vault, prefix=PREFIX)
    kept = [one for one in found if description.is_key_map(one.description)]
    return sorted(kept, key=lambda one: (one.name or "", one.uploaded_at), reverse=True)


def _half_deleted(context: Context, vault: KnownVault) -> Iterator[Archive]:
    """Yield the stored key maps whose deletion an earlier run began and did not see through."""
    for one in context.key_map.archives.in_state(vault, ArchiveState.DELETING):
        if (one.name or "").startswith(PREFIX) and description.is_key_map(one.description):
            yield one


def _send(context: Context, vault: KnownVault, path: str, name: str) -> UploadOutcome:
    uploader = Uploader(context, vault, UploadOptions(kind=description.KEY_MAP_KIND))
    story = uploader.store(UploadItem(path=path, name=name))
    outcomes: list[UploadOutcome] = []
    flow.run_all(
        iter([story]), workers=context.jobs, take=outcomes.append, together=context.key_map.batch
    )
    return outcomes[0]


def _take(context: Context, vault: KnownVault, report: StoreReport, outcome: UploadOutcome) -> None:
    match outcome:
        case Uploaded():
            report.uploaded.append(outcome)
        case Unsettled():
            report.unsettled.append(outcome)
        case ItemFailure():
            report.failed.append(outcome)
        case Skipped():
            # Stored by a run that was stopped before it could say so.
            known = context.key_map.archives.newest(vault, outcome.name)
            assert known is not None
            report.uploaded.append(
                Uploaded(
                    name=outcome.name,
                    archive_id=known.archive_id,
                    size_bytes=known.size_bytes,
                    tree_hash=known.tree_hash,
                )
            )


def _write(context: Context, vault: KnownVault, name: str) -> str:
    """Write the export that is to be stored, where the same line finds it again."""
    source = context.key_map.path
    file = f"vault-{vault.key}{_BETWEEN}{name.removeprefix(PREFIX)}"
    path = os.path.join(_directory(context), file)
    with told(context.reporter, "exporting the key map", source) as heard:
        outgoing.write(source, path, overwrite=True, heard=heard)
    return path


def _begun(context: Context, vault: KnownVault) -> str | None:
    """Return the file that a run for this vault left when it was stopped, if one was."""
    directory, begin = _directory(context), f"vault-{vault.key}{_BETWEEN}"
    if not os.path.isdir(directory):
        return None
    with os_errors(directory):
        names = [one for one in os.listdir(directory) if one.startswith(begin)]
    return os.path.join(directory, min(names)) if names else None


def _name_of(path: str) -> str:
    return PREFIX + os.path.basename(path).partition(_BETWEEN)[2]


def _directory(context: Context) -> str:
    return beside.outgoing(context.key_map.path)


def _name(now: datetime) -> str:
    # No colons: a file may be retrieved on any file system.
    return f"{PREFIX}{now:%Y-%m-%dT%H%M%SZ}{_SUFFIX}"
