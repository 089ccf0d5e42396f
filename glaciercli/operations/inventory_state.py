"""What the inventories of a vault say of its archives, each explained in a sentence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from glaciercli.core.refs import Ref, RefKind
from glaciercli.core.standing import Standing, VaultHistory, standing
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.questions import ArchiveFilter
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.listing import listing
from glaciercli.operations.selection import nothing_found

#: The states that need a look.
_DOUBTFUL = (
    ArchiveState.UPLOADED,
    ArchiveState.MISSING,
    ArchiveState.UNSETTLED,
    ArchiveState.DELETING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """An archive, and where it stands."""

    archive: Archive
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryState:
    """What the inventories of a vault say, and what they do not."""

    vault: str
    inventory_date: datetime | None
    reconciled_at: datetime | None
    archive_count: int | None
    known_archives: int
    known_bytes: int
    #: Found while they are shown.
    remarks: Iterable[Remark]
    exit_code: int = 0


def show(context: Context, ref: Ref, *, lag: timedelta) -> InventoryState:
    """Return what is known of a vault's inventories, and what of its archives.

    For a vault those that need a look; else all that the reference stands for, deleted ones too.
    Raises ``VaultNotFound`` and ``ArchiveNotFound``.
    """
    vault = context.recall(ref.vault)
    archives = _asked_for(context, vault, ref)
    newest = context.key_map.inventories.newest(vault.key)
    history = VaultHistory(
        dates=context.key_map.inventories.dates(vault.key),
        lag=lag,
        tools=context.key_map.journal.tools(vault.key),
    )
    count, size_bytes = context.key_map.archives.totals(vault)
    return InventoryState(
        vault=vault.name,
        inventory_date=newest.inventory_date if newest else None,
        reconciled_at=newest.reconciled_at if newest else None,
        archive_count=newest.archive_count if newest else None,
        known_archives=count,
        known_bytes=size_bytes,
        remarks=(Remark(archive=one, standing=standing(one, history)) for one in archives),
    )


def _asked_for(context: Context, vault: KnownVault, ref: Ref) -> Iterator[Archive]:
    if ref.kind is RefKind.VAULT:
        return context.key_map.archives.in_state(vault, *_DOUBTFUL)
    every = ArchiveFilter(states=frozenset(ArchiveState), all_versions=True)
    found = listing(context.key_map, context.store, (ref,), every)
    first = next(found, None)
    if first is None:
        raise nothing_found(ref)
    return chain((first,), found)
