"""The last step of a sync: what is no longer wanted goes, as far as all that follows it is stored.

Each archive is looked at again right before: others may have renamed it, its file may be back, or
the disk of the directory gone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from glaciercli.core import second_look, sync_links
from glaciercli.core.paths import archive_name
from glaciercli.core.second_look import Sight
from glaciercli.core.sync_plan import BEING_RETRIEVED, SyncAction, SyncKind
from glaciercli.core.text import printable
from glaciercli.keymap.database import encode_text
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import delete, retrievals_under_way
from glaciercli.operations.context import Context
from glaciercli.operations.delete import DeletePlan, Doomed
from glaciercli.operations.sync_request import SyncPlan, SyncReport, SyncRequest
from glaciercli.reporting import Notice
from glaciercli.transfer import own, standing


def run(
    context: Context,
    vault: KnownVault,
    request: SyncRequest,
    planned: SyncPlan,
    report: SyncReport,
    *,
    unstored: set[str],
) -> None:
    """Delete what was planned, but for what is needed until all of the directory is stored."""
    wanted = planned.of_kind(SyncKind.DELETE)
    waiting = _waiting(context, vault, planned, report)
    # A file that is gone may live on in one that could not be stored.
    chosen = [one for one in wanted if (one.name not in waiting if one.local else not unstored)]
    _tell(context, len(wanted) - len(chosen), "until all of the directory is stored")
    # Hours may have gone by since it was planned.
    settled = retrievals_under_way.spared(context, vault, chosen)
    chosen = [one for one in settled if one.kind is SyncKind.DELETE]
    report.kept += len(settled) - len(chosen)
    _tell_retrieved(context, [*planned.of_kind(SyncKind.KEEP), *settled])
    last_look = _LastLook(context, vault, request, planned, chosen)
    due = DeletePlan(items=list(doomed(context, vault, chosen)))
    if due.items:
        done = delete.run(context, due, is_due=last_look.is_due)
        report.deleted.extend(done.deleted)
        report.failed.extend(done.failed)
    for reason, count in last_look.spared.items():
        _tell(context, count, f"for the next run: {reason}")


def doomed(context: Context, vault: KnownVault, actions: Iterable[SyncAction]) -> Iterator[Doomed]:
    """Yield the archives that some actions are about."""
    for action in actions:
        for key in action.archive_keys:
            yield Doomed(vault=vault, archive=context.key_map.trees.archive(vault, key))


class _LastLook:
    """Looks again at what is about to be deleted."""

    def __init__(
        self,
        context: Context,
        vault: KnownVault,
        request: SyncRequest,
        planned: SyncPlan,
        actions: Iterable[SyncAction],
    ) -> None:
        self._key_map = context.key_map
        self._vault = vault
        self._follow = request.follow_symlinks
        self._start = len(encode_text(archive_name("", request.prefix)) or b"")
        self._planned = planned
        self._actions = {key: one for one in actions for key in one.archive_keys}
        #: How many stay for each reason.
        self.spared: Counter[str] = Counter()

    def is_due(self, one: Doomed) -> bool:
        """Tell whether an archive is still to be deleted, and count it if it is not."""
        action = self._actions[one.archive.key]
        now = Sight(
            archive=self._key_map.trees.archive(self._vault, one.archive.key),
            newest=self._key_map.archives.newest(self._vault, action.name),
            is_back=self._is_back(action.name) if action.local is None else False,
        )
        reason = second_look.why_spared(action, now)
        if reason is not None:
            self.spared[reason] += 1
        return reason is None

    def _is_back(self, name: str) -> bool | None:
        root, identity = self._planned.root, self._planned.root_identity
        if identity is None or own.identity(root) != identity:
            return None
        relative = (encode_text(name) or b"")[self._start :]
        return standing.stands(root, relative, follow=self._follow)


def _waiting(
    context: Context, vault: KnownVault, planned: SyncPlan, report: SyncReport
) -> set[str]:
    """Return the names whose older versions are needed: nothing newer is stored for sure."""
    due = {one.name for one in planned.of_kind(SyncKind.UPLOAD, SyncKind.REPLACE)}
    waiting = due - {one.name for one in report.uploaded}
    waiting |= {one.name for one in report.unsettled}
    if not waiting:
        return waiting
    return sync_links.waiting_with(waiting, context.key_map.trees.further_names(vault))


def _tell_retrieved(context: Context, actions: Iterable[SyncAction]) -> None:
    names = [one.name for one in actions if one.reason == BEING_RETRIEVED]
    if names:
        more = f", and {len(names) - 1:,} more" if len(names) > 1 else ""
        message = f'"{printable(names[0])}" is not deleted: {BEING_RETRIEVED}{more}'
        context.reporter.report(Notice(message=message))


def _tell(context: Context, count: int, why: str) -> None:
    if count:
        words = "deletion waits" if count == 1 else "deletions wait"
        context.reporter.report(Notice(message=f"{count:,} {words} {why}"))
