"""Archives that somebody is bringing back: to delete one would waste what was paid for it."""

import os
from collections.abc import Iterable, Sequence

from glaciercli.core import retrieval_plan, sync_plan
from glaciercli.core.sync_plan import SyncAction, SyncKind
from glaciercli.model.downloads import Download
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context


def spared(context: Context, vault: KnownVault, actions: Sequence[SyncAction]) -> list[SyncAction]:
    """Return the actions, none of which deletes what is being brought back."""
    doomed = (one.archive_keys for one in actions if one.kind is SyncKind.DELETE)
    retrieved = _retrieved(context, vault, (key for keys in doomed for key in keys))
    return [sync_plan.left_for_retrieval(one, retrieved) for one in actions]


def _retrieved(context: Context, vault: KnownVault, keys: Iterable[int]) -> frozenset[int]:
    """Return which of some archives have a job that runs or is ready, or are half on the disk.

    The service is not asked: of a job that the key map has not heard of for long, nothing is left.
    """
    now = context.clock.now()
    jobs = context.key_map.jobs.known(vault.key)
    asked = {one.archive_id for one in jobs if retrieval_plan.may_be_fetched(one, now=now)}
    begun = {one.archive_key for one in context.key_map.downloads.begun() if _is_there(one)}
    if not asked and not begun:
        return frozenset()
    archives = (context.key_map.trees.archive(vault, key) for key in keys)
    # What is half deleted nobody brings back any more.
    live = (one for one in archives if one.state.is_live)
    return frozenset(one.key for one in live if one.key in begun or one.archive_id in asked)


def _is_there(download: Download) -> bool:
    """Tell whether the temporary file of a download is: without it, nobody goes on with it."""
    return os.path.lexists(os.path.join(os.path.dirname(download.target), download.partial))
