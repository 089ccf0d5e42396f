"""The key map as an archive in a vault, so that losing this machine loses nothing.

It is an export, compressed, and goes the way of any file: ledger, doubts, and continuation by the
same line; ``key_map_begun`` keeps what is on its way.  Its description says what it is, and its
name lies below a directory of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from glaciercli.core import description
from glaciercli.keymap import outgoing
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import delete, key_map_begun
from glaciercli.operations.context import Context
from glaciercli.operations.delete import Deleted, DeletePlan, Doomed
from glaciercli.operations.key_map_begun import PREFIX
from glaciercli.operations.results import (
    ItemFailure,
    Skipped,
    Unsettled,
    Uploaded,
    UploadOutcome,
    exit_code,
)
from glaciercli.operations.upload_flow import Uploader, UploadItem, UploadOptions
from glaciercli.reporting import Notice
from glaciercli.transfer import flow

_SUFFIX = ".jsonl.gz"
#: What stands between.  No colons: a file may be retrieved on any file system.
_FORM = "%Y-%m-%dT%H%M%SZ"
_SECOND = timedelta(seconds=1)


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
    #: The names that runs which did not come to their ends gave theirs, the oldest first.
    begun: list[str]
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
    begun, known = key_map_begun.names(context, vault), stored(context, vault)
    name = _name(context.clock.now(), [*begun, *(one.label for one in known)])
    planned = StorePlan(vault=vault.name, name=name, begun=begun)
    if request.keep is not None:
        # If nothing has changed since, what was begun last is the present one.
        present = begun[-1] if begun else name
        own = _own(context, vault, known)
        # One whose ID is not known yet cannot be deleted.
        older = [one for one in own if one.archive_id and one.label < present]
        planned.doomed = [*_half_deleted(context, vault), *older[request.keep - 1 :]]
    return planned


def _own(context: Context, vault: KnownVault, known: Sequence[Archive]) -> list[Archive]:
    """Return the stored key maps all of whose content this one knows; tell of the others.

    That is so of those that it stored itself, and that key maps did which were united with it.
    Of what only an inventory tells another machine may know more.
    """
    own = sent(context, vault)
    others = [one for one in known if one.key not in own and is_there(one)]
    if others:
        context.reporter.report(
            Notice(
                message=f"stored key maps that are not pruned, because they are not of this one, "
                f"which may not know all that is in them: {len(others)}; "
                f"glaciercli keymap recover {vault.name} takes them in"
            )
        )
    return [one for one in known if one.key in own]


def run(context: Context, planned: StorePlan) -> StoreReport:
    """Store the key map, and then delete what was planned.

    What earlier runs began to send is sent to its end first: it is the same line again.  It may
    tell of long ago, so the present key map follows unless it says the same.
    """
    vault = context.reach(planned.vault)
    report = StoreReport(vault=vault.name)
    with context.key_map.locks.one_task(vault, PREFIX, "storing the key map"):
        begun = key_map_begun.names(context, vault)
        finished = [name for name in begun if _finish(context, vault, report, name)]
        if not report.failed:
            _store_present(context, vault, report, planned.name, finished[-1:])
            for name in finished:
                key_map_begun.forget(context, vault, name)
    if planned.doomed and report.exit_code == 0:
        items = [Doomed(vault=vault, archive=one) for one in planned.doomed]
        gone = delete.run(context, DeletePlan(items=items))
        report.deleted, report.failed = gone.deleted, gone.failed
    return report


def _finish(context: Context, vault: KnownVault, report: StoreReport, name: str) -> bool:
    """See to what an earlier run began, and tell whether it was sent to its end."""
    if not key_map_begun.is_partly_sent(context, vault, name):
        key_map_begun.drop(context, vault, name)
        return False
    outcome = _send(context, vault, key_map_begun.path(context, vault, name), name)
    _take(context, vault, report, outcome)
    return not isinstance(outcome, ItemFailure)


def _store_present(
    context: Context, vault: KnownVault, report: StoreReport, name: str, finished: Sequence[str]
) -> None:
    """Store the present key map, unless what was finished just now tells the same."""
    path = key_map_begun.write(context, vault, name)
    before = [key_map_begun.path(context, vault, one) for one in finished]
    if not any(outgoing.tell_the_same(one, path, besides=PREFIX) for one in before):
        outcome = _send(context, vault, path, name)
        _take(context, vault, report, outcome)
        if isinstance(outcome, ItemFailure):
            return
    key_map_begun.forget(context, vault, name)


def stored(context: Context, vault: KnownVault) -> list[Archive]:
    """Return the key maps that a vault holds, as far as is known here, the newest first."""
    found = context.key_map.archives.live(vault, prefix=PREFIX)
    kept = [one for one in found if description.is_key_map(one.description)]
    return sorted(kept, key=lambda one: (one.name or "", one.uploaded_at), reverse=True)


def sent(context: Context, vault: KnownVault) -> set[int]:
    """Return the keys of what this key map, or one that was united with it, has stored."""
    return {one.key for one in context.key_map.archives.live_sent(vault, prefix=PREFIX)}


def is_there(one: Archive) -> bool:
    """Tell whether a stored key map can be asked for, as far as is known here."""
    unsure = {ArchiveState.MISSING, ArchiveState.UNSETTLED}
    return one.archive_id is not None and one.state not in unsure


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


def _name(now: datetime, known: Iterable[str]) -> str:
    """Return a name that sorts behind all known ones, whatever the clock says."""
    moments = [now, *(one for one in map(_right_after, known) if one is not None)]
    return f"{PREFIX}{max(moments).strftime(_FORM)}{_SUFFIX}"


def _right_after(name: str) -> datetime | None:
    text = name.removeprefix(PREFIX).removesuffix(_SUFFIX)
    try:
        return datetime.strptime(text, _FORM).replace(tzinfo=UTC) + _SECOND
    except (OverflowError, ValueError):
        return None
