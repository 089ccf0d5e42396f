"""Deleting archives: shown first, then tombstone, deed, and the record that it was done."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from glaciercli import errors
from glaciercli.core.reconcile import DEFAULT_LAG
from glaciercli.core.refs import Ref, RefKind
from glaciercli.core.text import counted, printable
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.deletion_fee import DeletionFee, deletion_fee
from glaciercli.operations.dependents import check_unneeded
from glaciercli.operations.results import ItemFailure, exit_code
from glaciercli.operations.selection import select_some, stands_for
from glaciercli.reporting import Notice
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

    @property
    def vaults(self) -> Collection[KnownVault]:
        """The vaults that they are in, each once."""
        return {one.vault.key: one.vault for one in self.items}.values()


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
    _check_unneeded(context, planned)
    doomed = (one.archive for one in planned.items)
    planned.fee = deletion_fee(context.billing, doomed, now=context.clock.now())
    return planned


def _check_unneeded(context: Context, planned: DeletePlan) -> None:
    for vault in planned.vaults:
        going = [one.archive for one in planned.items if one.vault.key == vault.key]
        check_unneeded(context, vault, going)


def run(
    context: Context, planned: DeletePlan, *, is_due: Callable[[Doomed], bool] | None = None
) -> DeleteReport:
    """Delete what was planned and return what became of it.

    ``is_due`` is asked right before each one, on the caller's thread, and what it denies is passed
    over.  Who gives none has planned at leisure: what needs an archive now is looked for again.
    Raises ``VaultNotFound`` and ``BadUsage`` where the service's vault is not the planned one, and
    ``RefusedByService`` where a name that stays needs what goes.
    """
    for vault in planned.vaults:
        _check_reached(context, vault)
    if is_due is None:
        _check_unneeded(context, planned)
    report = DeleteReport()
    report.deleted.extend(
        Deleted(name=one.label, archive_id=one.archive_id) for one in planned.gone
    )
    due = (one for one in planned.items if is_due is None or is_due(one))
    stories = (_delete(context, one) for one in due)
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
    live, unknown = list[Archive](), None
    try:
        live = select_some(context.key_map, vault, ref, all_versions=all_versions)
    except errors.ArchiveNotFound as error:
        unknown = error
    older = [one for one in live if not all_versions and _is_older(context, vault, ref, one)]
    _tell_of_older(context, older)
    kept = {one.key for one in older}
    meant = begun + [one for one in live if one.key not in kept]
    if len(meant) == len(begun):
        deleted = archives.in_state(vault, ArchiveState.DELETED)
        gone = [one for one in deleted if stands_for(ref, one)]
        if unknown is not None and not begun and not gone:
            raise unknown
        planned.gone.extend(gone)
    return meant


def _is_older(context: Context, vault: KnownVault, ref: Ref, archive: Archive) -> bool:
    """Tell whether an archive is the newest of its name for the deletion of a newer one alone.

    That was the one that a line without ``--all-versions`` means: run again, after it was cut off
    or not, it must not go on with the version before.
    """
    if ref.kind is RefKind.ARCHIVE_ID or archive.name is None:
        return False
    last = context.key_map.archives.last(vault, archive.name)
    return last is not None and not last.state.is_live


def _tell_of_older(context: Context, kept: Sequence[Archive]) -> None:
    if not kept:
        return
    of = f"the newest versions of {counted(len(kept), 'name')} are"
    if len(kept) == 1:
        of = f'the newest version of "{printable(kept[0].label)}" is'
    message = f"{of} deleted already; what is older stays without --all-versions"
    context.reporter.report(Notice(message=message))
