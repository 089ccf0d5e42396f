"""Multipart uploads that the service holds and that are no archives yet: found, and dropped.

Their parts take space.  They are *ours* where this key map means to go on with them; all others
are orphans: of another key map, another tool, or of a run whose question got no answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from glaciercli import errors
from glaciercli.core import description
from glaciercli.model.uploads import LedgerEntry, UploadStage
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import ItemFailure, exit_code
from glaciercli.ports import OpenUpload
from glaciercli.transfer import flow


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedUpload:
    """A multipart upload that is open at the service."""

    vault: KnownVault
    upload: OpenUpload
    #: How many parts have arrived, and how much they hold together.
    parts: int
    size_bytes: int
    #: What the ledger says of it, where it is ours.
    entry: LedgerEntry | None

    @property
    def name(self) -> str | None:
        """The name that the archive was to have."""
        if self.entry is not None:
            return self.entry.intent.name
        return description.decode(self.upload.description).name

    @property
    def label(self) -> str:
        """What people call it: its name, or its ID."""
        return self.name or self.upload.upload_id


@dataclass(slots=True, kw_only=True)
class UnfinishedList:
    """The unfinished uploads of some vaults."""

    uploads: list[UnfinishedUpload] = field(default_factory=list)
    exit_code: int = 0

    @property
    def size_bytes(self) -> int:
        """How much they hold together."""
        return sum(one.size_bytes for one in self.uploads)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortRequest:
    """Which uploads of a vault are to be dropped."""

    vault: str
    #: IDs, or the starts of IDs; empty means all that the rest allows.
    upload_ids: Sequence[str] = ()
    orphans_only: bool = False
    older_than: timedelta | None = None


@dataclass(slots=True, kw_only=True)
class AbortPlan(UnfinishedList):
    """What would be dropped."""


@dataclass(slots=True, kw_only=True)
class AbortReport:
    """What became of it."""

    aborted: list[UnfinishedUpload] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return exit_code(self.failed, done=len(self.aborted))


_ITEM_ERRORS = (
    errors.Busy,
    errors.InvalidRequest,
    errors.NotReady,
    errors.RefusedByService,
    errors.RemoteNotFound,
)


def show(context: Context, vaults: Sequence[str]) -> UnfinishedList:
    """Return the unfinished uploads of some vaults, or of every vault, as the service has them."""
    names = vaults or [vault.name for vault in context.service.list_vaults()]
    shown = UnfinishedList()
    for name in names:
        shown.uploads.extend(_open_uploads(context, context.reach(name)))
    return shown


def plan(context: Context, request: AbortRequest) -> AbortPlan:
    """Return what a request would drop.

    Raises ``UploadNotFound`` where an ID stands for nothing, ``BadUsage`` where it stands for two.
    """
    there = _open_uploads(context, context.reach(request.vault))
    if request.upload_ids:
        meant = [_one_of(there, wanted, request.vault) for wanted in request.upload_ids]
        there = [one for one in there if one in meant]
    now = context.clock.now()
    return AbortPlan(
        uploads=[
            one
            for one in there
            if not (request.orphans_only and one.entry is not None)
            and (request.older_than is None or now - one.upload.created_at >= request.older_than)
        ]
    )


def run(context: Context, planned: AbortPlan) -> AbortReport:
    """Drop what was planned and return what became of it."""
    report = AbortReport()

    def take(outcome: UnfinishedUpload | ItemFailure) -> None:
        if isinstance(outcome, ItemFailure):
            report.failed.append(outcome)
        else:
            report.aborted.append(outcome)

    stories = (_abort(context, one) for one in planned.uploads)
    flow.run_all(stories, workers=context.jobs, take=take, together=context.key_map.batch)
    return report


def _open_uploads(context: Context, vault: KnownVault) -> list[UnfinishedUpload]:
    """Return the uploads of a vault, the oldest first, with what has arrived of each."""
    listed = list(context.service.list_uploads(vault.name))
    ours = list(context.key_map.uploads.under_way(vault.key))
    found: list[UnfinishedUpload] = []
    stories = (_look(context, vault, one, _entry_of(one, ours)) for one in listed)
    flow.run_all(stories, workers=context.jobs, take=found.extend)
    return sorted(found, key=lambda one: (one.upload.created_at, one.upload.upload_id))


def _entry_of(upload: OpenUpload, ours: Sequence[LedgerEntry]) -> LedgerEntry | None:
    for entry in ours:
        if entry.upload_id == upload.upload_id:
            return entry
        # The answer that told its ID was lost; the mark in the description tells it all the same.
        lost = entry.upload_id is None and entry.intent.tag is not None
        if lost and entry.intent.description == upload.description:
            return entry
    return None


def _look(
    context: Context, vault: KnownVault, upload: OpenUpload, entry: LedgerEntry | None
) -> flow.Flow[list[UnfinishedUpload]]:
    try:
        arrived = yield from flow.call(
            lambda: [
                part.span.size_bytes
                for part in context.service.list_parts(vault.name, upload.upload_id)
            ]
        )
    except errors.UploadNotFound:
        # Completed, aborted or forgotten since the listing.
        return []
    return [
        UnfinishedUpload(
            vault=vault,
            upload=upload,
            parts=len(arrived),
            size_bytes=sum(arrived),
            entry=entry,
        )
    ]


def _one_of(there: Sequence[UnfinishedUpload], wanted: str, vault: str) -> UnfinishedUpload:
    if not wanted:
        # Every ID starts so, and a variable of a script may be empty.
        raise errors.BadUsage("the ID of an upload is empty", hint="--all drops every upload")
    found = [one for one in there if one.upload.upload_id.startswith(wanted)]
    if len(found) > 1:
        raise errors.BadUsage(f'{len(found)} uploads have IDs starting "{wanted}"')
    if not found:
        raise errors.UploadNotFound(
            f'vault "{vault}" has no unfinished upload "{wanted}"',
            hint=f"glaciercli upload-parts list {vault}",
        )
    return found[0]


def _abort(context: Context, one: UnfinishedUpload) -> flow.Flow[UnfinishedUpload | ItemFailure]:
    try:
        if one.entry is None:
            yield from _abort_there(context, one)
        else:
            yield from _abort_ours(context, one, one.entry)
    except _ITEM_ERRORS as error:
        return ItemFailure(name=one.label, error=error)
    return one


def _abort_there(context: Context, one: UnfinishedUpload) -> flow.Flow[None]:
    yield from flow.call(lambda: context.service.abort_upload(one.vault.name, one.upload.upload_id))


def _abort_ours(context: Context, one: UnfinishedUpload, entry: LedgerEntry) -> flow.Flow[None]:
    """Drop an upload and what the ledger has of it, unless another run is at work on it."""
    name, known = entry.intent.name, context.key_map.uploads
    with context.key_map.locks.one_name(one.vault, name, "the upload"):
        # Looked at again under the lock: another run may have gone on with it.
        left = known.find(one.vault.key, name)
        if left is not None and left.stage is not UploadStage.INTENDED:
            raise errors.NotReady(
                "the service may have been told to complete it",
                hint="run its upload line again: it finds out and goes on",
            )
        yield from _abort_there(context, one)
        if left is not None and left.upload_id in {None, one.upload.upload_id}:
            known.end(left.key)
