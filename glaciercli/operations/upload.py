"""Storing files, directories and standard input in a vault."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from glaciercli import errors
from glaciercli.core import paths
from glaciercli.core.parts import check_part_bytes
from glaciercli.core.paths import archive_name
from glaciercli.core.sync_plan import LocalFile
from glaciercli.core.text import printable
from glaciercli.operations.context import Context
from glaciercli.operations.results import (
    ItemFailure,
    Skipped,
    Unsettled,
    Uploaded,
    UploadOutcome,
    exit_code,
)
from glaciercli.operations.small_files import SmallFiles
from glaciercli.operations.upload_flow import Uploader, UploadItem, UploadOptions
from glaciercli.operations.upload_stream import StreamUploader
from glaciercli.reporting import Notice, TransfersPlanned
from glaciercli.transfer import flow, left_out, tree
from glaciercli.transfer.files import SourceFile
from glaciercli.transfer.own import NOTHING, OwnFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest:
    """What a command asks for; a source of ``-`` is standard input."""

    sources: Sequence[str]
    vault: str
    prefix: str | None
    name: str | None = None
    options: UploadOptions = field(default_factory=UploadOptions)


@dataclass(slots=True, kw_only=True)
class UploadPlan:
    """What there is to store, before anything is asked of the service."""

    vault: str
    items: list[UploadItem] = field(default_factory=list)
    size_bytes: int = 0
    small: SmallFiles = field(default_factory=SmallFiles)
    failed: list[ItemFailure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def take(self, item: UploadItem, size_bytes: int) -> None:
        """Add something that is to be stored."""
        self.items.append(item)
        self.size_bytes += size_bytes
        self.small.take(size_bytes)

    @property
    def exit_code(self) -> int:
        """The exit code of showing the plan."""
        return exit_code(self.failed, done=len(self.items))


@dataclass(slots=True, kw_only=True)
class UploadReport:
    """What became of each item."""

    vault: str
    uploaded: list[Uploaded] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unsettled: list[Unsettled] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        done = len(self.uploaded) + len(self.skipped)
        return exit_code(self.failed, done=done, waiting=len(self.unsettled))

    def take(self, outcome: UploadOutcome) -> None:
        """Add what became of one item."""
        match outcome:
            case Uploaded():
                self.uploaded.append(outcome)
            case Skipped():
                self.skipped.append(outcome)
            case Unsettled():
                self.unsettled.append(outcome)
            case ItemFailure():
                self.failed.append(outcome)


def plan(request: UploadRequest, own: OwnFiles = NOTHING) -> UploadPlan:
    """Return what a request would store; what is the run's ``own`` is not.

    Raises ``BadUsage`` where names are missing or empty, or two sources would get one name.
    """
    if request.name is not None and len(request.sources) > 1:
        raise errors.BadUsage("--name goes with a single file or with standard input")
    if request.name == "":
        # Never read as no name: it is a script's empty variable.
        raise errors.BadUsage("a name cannot be empty", hint="leave --name out, or give one")
    check_part_bytes(request.options.part_bytes)
    planned = UploadPlan(vault=request.vault)
    for source in request.sources:
        _gather(request, source, planned, own)
    _refuse_twins(planned.items)
    return planned


def run(
    context: Context, request: UploadRequest, planned: UploadPlan, *, stdin: Callable[[], BinaryIO]
) -> UploadReport:
    """Store what was planned and return what became of it."""
    vault = context.reach(request.vault)
    report = UploadReport(
        vault=request.vault, failed=list(planned.failed), skipped=list(planned.skipped)
    )
    if request.name is not None:
        _tell_doubt(context, request, archive_name(request.name, request.prefix))
    context.reporter.report(
        TransfersPlanned(count=len(planned.items), total_bytes=planned.size_bytes)
    )
    files = Uploader(context, vault, request.options)
    stream = StreamUploader(context, vault, request.options)
    stories = (
        stream.store(stdin(), item.name) if item.path is None else files.store(item)
        for item in planned.items
    )
    # Standard input is waited for while the story is told: no commit may wait with it.
    waits = any(item.path is None for item in planned.items)
    together = None if waits else context.key_map.batch
    flow.run_all(stories, workers=context.jobs, take=report.take, together=together)
    for one in report.unsettled:
        context.reporter.report(
            Notice(
                message=f'"{printable(one.name)}" is probably stored, but the answer was lost; '
                f"`glaciercli inventory refresh {request.vault}` settles it, "
                "--force stores it again"
            )
        )
    return report


def _tell_doubt(context: Context, request: UploadRequest, name: str) -> None:
    if (doubt := paths.doubt(name, vault=request.vault)) is not None:
        context.reporter.report(Notice(message=doubt))


def _gather(request: UploadRequest, source: str, planned: UploadPlan, own: OwnFiles) -> None:
    if source == "-":
        if request.name is None:
            raise errors.BadUsage("standard input has no name", hint="give it one with --name NAME")
        planned.items.append(UploadItem(path=None, name=archive_name(request.name, request.prefix)))
    elif os.path.isdir(source):
        if request.name is not None:
            raise errors.BadUsage(f'--name cannot name the directory "{source}"')
        _gather_tree(request, source, planned, own)
    else:
        _gather_file(request, source, planned, own)


def _gather_file(request: UploadRequest, source: str, planned: UploadPlan, own: OwnFiles) -> None:
    name = os.path.basename(os.path.abspath(source)) if request.name is None else request.name
    try:
        size = SourceFile(source, own=own).identity.size_bytes
        name = archive_name(name, request.prefix)
    except errors.FileProblem as error:
        planned.failed.append(ItemFailure(name=name, error=error))
        return
    planned.take(UploadItem(path=os.path.abspath(source), name=name), size)


def _gather_tree(request: UploadRequest, root: str, planned: UploadPlan, own: OwnFiles) -> None:
    for found in tree.walk(root, own=own):
        match found:
            case LocalFile():
                name = archive_name(found.name, request.prefix)
                item = UploadItem(path=os.path.abspath(found.path), name=name)
                planned.take(item, found.size_bytes)
            case left_out.Skipped():
                planned.skipped.append(Skipped(name=found.path, reason=found.reason))
            case tree.Unreadable():
                problem = errors.FileProblem(found.reason)
                planned.failed.append(ItemFailure(name=found.path, error=problem))


def _refuse_twins(items: Iterable[UploadItem]) -> None:
    seen: dict[str, str] = {}
    for item, source in _with_sources(items):
        if item.name in seen:
            message = (
                f'"{printable(seen[item.name])}" and "{printable(source)}" '
                f'would both be named "{printable(item.name)}"'
            )
            raise errors.BadUsage(message, hint="upload them one by one, with a prefix or --name")
        seen[item.name] = source


def _with_sources(items: Iterable[UploadItem]) -> Iterator[tuple[UploadItem, str]]:
    return ((item, item.path or "standard input") for item in items)
