"""Making a vault hold what a directory holds."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from glaciercli import errors
from glaciercli.core.description import is_key_map
from glaciercli.core.parts import check_part_bytes
from glaciercli.core.paths import archive_name
from glaciercli.core.sync_plan import (
    Compare,
    KnownVersion,
    LocalFile,
    SyncAction,
    SyncKind,
    plan_sync,
)
from glaciercli.model.archives import Archive
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import (
    ItemFailure,
    Skipped,
    Unsettled,
    Uploaded,
    UploadOutcome,
    exit_code,
)
from glaciercli.operations.selection import newest_of_each
from glaciercli.operations.upload_flow import Uploader, UploadItem, UploadOptions
from glaciercli.reporting import TransfersPlanned
from glaciercli.transfer import files, flow, tree


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRequest:
    """What a command asks for."""

    directory: str
    vault: str
    prefix: str | None
    compare: Compare
    part_bytes: int | None = None


@dataclass(slots=True, kw_only=True)
class SyncPlan:
    """What would be stored, and why."""

    vault: str
    actions: list[SyncAction] = field(default_factory=list)
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of showing the plan."""
        return exit_code(self.failed, done=len(self.actions) + self.unchanged)


@dataclass(slots=True, kw_only=True)
class SyncReport:
    """What became of the differences."""

    vault: str
    uploaded: list[Uploaded] = field(default_factory=list)
    unsettled: list[Unsettled] = field(default_factory=list)
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        done = len(self.uploaded) + self.unchanged
        return exit_code(self.failed, done=done, waiting=len(self.unsettled))

    def take(self, outcome: UploadOutcome) -> None:
        """Add what became of one file."""
        match outcome:
            case Uploaded():
                self.uploaded.append(outcome)
            case Unsettled():
                self.unsettled.append(outcome)
            case Skipped():
                self.unchanged += 1
            case ItemFailure():
                self.failed.append(outcome)


def plan(context: Context, request: SyncRequest) -> SyncPlan:
    """Return the differences between a directory and what the key map knows of a vault."""
    if not os.path.isdir(request.directory):
        raise errors.FileProblem(
            f'"{request.directory}" is no directory', hint="sync takes a directory"
        )
    check_part_bytes(request.part_bytes)
    vault = context.reach(request.vault)
    planned = SyncPlan(vault=request.vault)
    actions = plan_sync(
        _local(request, planned),
        _known(context, vault, request.prefix),
        compare=request.compare,
        hash_of=_hash_or_nothing,
    )
    for action in actions:
        if action.kind is SyncKind.KEEP:
            planned.unchanged += 1
        elif action.kind is not SyncKind.GONE:
            planned.actions.append(action)
    return planned


def run(context: Context, request: SyncRequest, planned: SyncPlan) -> SyncReport:
    """Store what is new or changed and return what became of it."""
    vault = context.reach(request.vault)
    report = SyncReport(
        vault=request.vault,
        unchanged=planned.unchanged,
        skipped=list(planned.skipped),
        failed=list(planned.failed),
    )
    chosen = [action.local for action in planned.actions if action.local is not None]
    size = sum(local.size_bytes for local in chosen)
    context.reporter.report(TransfersPlanned(count=len(chosen), total_bytes=size))
    uploader = Uploader(context, vault, UploadOptions(part_bytes=request.part_bytes))
    stories = (uploader.store(UploadItem(path=local.path, name=local.name)) for local in chosen)
    flow.run_all(stories, workers=context.jobs, take=report.take, together=context.key_map.batch)
    return report


def _hash_or_nothing(file: LocalFile) -> bytes:
    """Return a file's tree hash; one that cannot be read differs, and the upload says why."""
    try:
        return files.tree_hash_of(file.path)
    except errors.FileProblem:
        return b""


def _local(request: SyncRequest, planned: SyncPlan) -> Iterator[LocalFile]:
    for found in tree.walk(os.path.abspath(request.directory)):
        match found:
            case LocalFile():
                yield LocalFile(
                    name=archive_name(found.name, request.prefix),
                    path=found.path,
                    size_bytes=found.size_bytes,
                    modified_ns=found.modified_ns,
                )
            case tree.Skipped():
                planned.skipped.append(Skipped(name=found.path, reason=found.reason))
            case tree.Unreadable():
                problem = errors.FileProblem(found.reason)
                planned.failed.append(ItemFailure(name=found.path, error=problem))


def _known(context: Context, vault: KnownVault, prefix: str | None) -> Iterator[KnownVersion]:
    below = archive_name("", prefix)
    live = context.key_map.archives.live(vault, prefix=below)
    return (
        _version(one, one.name)
        for one in newest_of_each(live)
        # A stored key map was never a file of the directory.
        if one.name is not None and not is_key_map(one.description)
    )


def _version(archive: Archive, name: str) -> KnownVersion:
    return KnownVersion(
        name=name,
        archive_key=archive.key,
        size_bytes=archive.size_bytes,
        modified_ns=archive.modified_ns,
        tree_hash=archive.tree_hash,
        state=archive.state,
    )
