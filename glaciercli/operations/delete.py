"""Deleting archives: shown first, then tombstone, deed, and the record that it was done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from glaciercli import errors
from glaciercli.core.reconcile import DEFAULT_LAG
from glaciercli.core.refs import Ref, RefKind
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.deletion_fee import DeletionFee, deletion_fee
from glaciercli.operations.dependents import check_unneeded
from glaciercli.operations.results import ItemFailure, exit_code
from glaciercli.operations.selection import select_some, stands_for
from glaciercli.transfer import flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """An archive that is to be deleted."""

    vault: KnownVault
    archive: Archive


@dataclass(slots=True, kw_only=True)
class DeletePlan:
    """What would be deleted."""

    items: list[Doomed] = field(default_factory=list)
    #: What an earlier run deleted, or has begun to delete.
    gone: list[Archive] = field(default_factory=list)
    #: What it costs that some are younger than 90 days.
    fee: DeletionFee | None = None
    exit_code: int = 0

    @property
    def size_bytes(self) -> int:
        """The bytes of all of them."""
        return sum(one.archive.size_bytes for one in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """An archive that is deleted."""

    name: str
    archive_id: str | None


@dataclass(slots=True, kw_only=True)
class DeleteReport:
    """What became of each archive."""

    deleted: list[Deleted] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return exit_code(self.failed, done=len(self.deleted))

    def take(self, outcome: Deleted | ItemFailure) -> None:
        """Add what became of one archive."""
        if isinstance(outcome, Deleted):
            self.deleted.append(outcome)
        else:
            self.failed.append(outcome)


def plan(context: Context, refs: Sequence[Ref], *, all_versions: bool) -> DeletePlan:
    """Return what references stand for, what an interrupted run left among it.

    Raises ``ArchiveNotFound`` where a reference stands for nothing, now or before, and
    ``RefusedByService`` where a name that stays needs what goes.
    """
    planned = DeletePlan()
    seen: set[int] = set()
    for ref in refs:
        if ref.kind is RefKind.VAULT:
            raise errors.BadUsage(
                f'"{ref}" is a whole vault', hint=f"{ref}/** stands for everything in it"
            )
        vault = context.recall(ref.vault)
        for archive in _found(context, vault, ref, planned, all_versions=all_versions):
            if archive.key not in seen:
                seen.add(archive.key)
                planned.items.append(Doomed(vault=vault, archive=archive))
    for vault in {one.vault.key: one.vault for one in planned.items}.values():
        going = [one.archive for one in planned.items if one.vault.key == vault.key]
        check_unneeded(context, vault, going)
    doomed = (one.archive for one in planned.items)
    planned.fee = deletion_fee(context.billing, doomed, now=context.clock.now())
    return planned


def _always(_: Doomed) -> bool:
    return True


def run(
    context: Context, planned: DeletePlan, *, is_due: Callable[[Doomed], bool] = _always
) -> DeleteReport:
    """Delete what was planned and return what became of it.

    ``is_due`` is asked right before each one, on the caller's thread, and what it denies is passed
    over.
    Raises ``VaultNotFound`` and ``BadUsage`` where the service's vault is not the planned one.
    """
    for vault in {one.vault.key: one.vault for one in planned.items}.values():
        _check_reached(context, vault)
    report = DeleteReport()
    report.deleted.extend(
        Deleted(name=one.label, archive_id=one.archive_id) for one in planned.gone
    )
    stories = (_delete(context, one) for one in planned.items if is_due(one))
    flow.run_all(stories, workers=context.jobs, take=report.take, together=context.key_map.batch)
    return report


def _check_reached(context: Context, vault: KnownVault) -> None:
    """Make sure that the service's vault of that name is the one that the key map means.

    In any other account the archives do not exist, and "no such archive" would look like success.
    """
    # Asked without remembering: a refusal leaves no second vault of the name behind.
    there, known = context.service.describe_vault(vault.name), vault.identity
    if (there.account, there.region) != (known.account, known.region):
        raise errors.BadUsage(
            f'vault "{vault.name}" of account {there.account} in {there.region} is another one: '
            f"what is to be deleted is in account {known.account} in {known.region}",
            hint="nothing was deleted: use the profile and the region of that account, "
            "or say with --account-id and --region which vault is meant",
        )


_ITEM_ERRORS = (
    errors.Busy,
    errors.InvalidRequest,
    errors.RefusedByService,
    errors.RemoteNotFound,
)

#: The answers after which it is sure that nothing was deleted.
_NOT_DONE = (
    errors.CredentialsRefused,
    errors.InvalidRequest,
    errors.RefusedByService,
    errors.RemoteNotFound,
    errors.VaultNotFound,
)


def _delete(context: Context, one: Doomed) -> flow.Flow[Deleted | ItemFailure]:
    archive, vault = one.archive, one.vault
    if _is_unsettled(context, one):
        return ItemFailure(name=archive.label, error=_unsettled(one))
    try:
        with context.key_map.locks.one_name(vault, archive.label, "the deletion"):
            if archive.archive_id is not None:
                yield from _delete_there(context, one, archive.archive_id)
            _mark(context, one, ArchiveState.DELETED)
    except _ITEM_ERRORS as error:
        return ItemFailure(name=archive.label, error=error)
    return Deleted(name=archive.label, archive_id=archive.archive_id)


def _delete_there(context: Context, one: Doomed, archive_id: str) -> flow.Flow[None]:
    """Set the tombstone and delete at the service; where that says no, all is as it was.

    Whatever else ends this leaves the tombstone, and the same line goes on.
    """
    archives, vault = context.key_map.archives, one.vault
    # Looked at again under the lock: another run may have been faster.
    before = archives.by_id(vault, archive_id) or one.archive
    if before.state is ArchiveState.DELETED:
        return
    _mark(context, one, ArchiveState.DELETING)
    try:
        yield from flow.call(lambda: context.service.delete_archive(vault.name, archive_id))
    except _NOT_DONE:
        archives.set_state(before.key, before.state, deleted_at=before.deleted_at)
        raise


def _is_unsettled(context: Context, one: Doomed) -> bool:
    """Tell whether an archive may be stored under an ID that nobody knows yet."""
    archive = one.archive
    if archive.state is ArchiveState.UNSETTLED:
        return True
    lost = archive.archive_id is None and archive.tag is not None
    if not lost or archive.state is ArchiveState.MISSING:
        return False
    newest = context.key_map.inventories.newest(one.vault.key)
    # An inventory that had to list it, and did not, has settled it too.
    return newest is None or newest.inventory_date - DEFAULT_LAG <= archive.uploaded_at


def _unsettled(one: Doomed) -> errors.NotReady:
    return errors.NotReady(
        "the answer to its upload was lost, so its ID is not known yet",
        hint=f"glaciercli inventory refresh {one.vault.name} settles it",
    )


def _mark(context: Context, one: Doomed, state: ArchiveState) -> None:
    archive = one.archive
    now = context.clock.now()
    with context.key_map.transaction():
        context.key_map.archives.set_state(archive.key, state, deleted_at=now)
        context.key_map.journal.write(
            state.value,
            at=now,
            vault_key=one.vault.key,
            archive_id=archive.archive_id,
            name=archive.name,
        )


def _found(
    context: Context, vault: KnownVault, ref: Ref, planned: DeletePlan, *, all_versions: bool
) -> list[Archive]:
    """Return what a reference stands for: what is live, and what was begun to be deleted.

    Where only tombstones are left, the same line has done its work already.
    """
    archives = context.key_map.archives
    begun = [one for one in archives.in_state(vault, ArchiveState.DELETING) if stands_for(ref, one)]
    try:
        return begun + select_some(context.key_map, vault, ref, all_versions=all_versions)
    except errors.ArchiveNotFound:
        gone = [
            one for one in archives.in_state(vault, ArchiveState.DELETED) if stands_for(ref, one)
        ]
        if not begun and not gone:
            raise
        planned.gone.extend(gone)
        return begun
