"""Inventories that lie on the disk: opened, and taken in from files that somebody saved."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from glaciercli import errors
from glaciercli.core.inventory import (
    CsvInventory,
    InventoryHead,
    JsonInventory,
    in_rows,
    open_inventory,
)
from glaciercli.core.text import printable
from glaciercli.keymap.sources import Heard
from glaciercli.model.vaults import KnownVault, VaultIdentity
from glaciercli.operations.context import Context
from glaciercli.operations.key_map_progress import size_of, told_of
from glaciercli.operations.reconcile import ReconcileReport, Snapshot, reconcile
from glaciercli.transfer import textfiles

#: How many fields an ARN has, as in ``arn:aws:glacier:us-east-1:012345678901:vaults/photos``.
_ARN_FIELDS = 6

#: What is told while an inventory is read.
READING = "reading the inventory"


def import_file(
    context: Context, name: str, path: str, *, lag: timedelta, dry_run: bool
) -> ReconcileReport:
    """Take in a saved inventory, JSON or CSV, without asking the service anything."""
    size = size_of(path)
    with told_of(context.reporter, READING, size) as heard:
        head, listed = begun(lambda: counted(_chunks(path), size, heard))
        vault = _vault_of(context, name, head.vault_arn)
        snapshot = Snapshot(
            inventory_date=head.inventory_date or context.clock.now(),
            # The CSV form carries no date, so nothing can be missing from it.
            complete=head.inventory_date is not None,
            is_dated=head.inventory_date is not None,
            job_id=None,
            lag=lag,
        )
        return reconcile(context, vault, snapshot, listed, dry_run=dry_run)


def begun(
    chunks: Callable[[], Iterator[str]],
) -> tuple[InventoryHead, JsonInventory | CsvInventory]:
    """Return the head of an inventory, and a reader for its archives.

    ``chunks`` gives its text from the start.  Raises ``MalformedInventory``.
    """
    inventory = open_inventory(chunks())
    if inventory.has_whole_head:
        return inventory.head, inventory
    # The head ends behind the archives, so everything is read once first.
    for _ in in_rows(inventory):
        pass
    return inventory.head, open_inventory(chunks())


def counted(chunks: Iterator[str], size: int, heard: Heard) -> Iterator[str]:
    """Yield chunks of a text of so many bytes, and tell how much of it was taken."""
    done = 0
    for chunk in chunks:
        done += len(chunk)
        heard(min(done, size), size)
        yield chunk


def _chunks(path: str) -> Iterator[str]:
    with textfiles.chunks(path) as text:
        yield from text


def _vault_of(context: Context, name: str, arn: str | None) -> KnownVault | VaultIdentity:
    """Return the vault that a saved inventory is about, known or not."""
    if arn is None:
        return context.recall(name)
    region, account, listed = _parts_of(arn)
    if listed != name:
        raise errors.BadUsage(
            f'the inventory is that of vault "{printable(listed)}", not of "{name}"',
            hint=f"glaciercli inventory import {printable(listed)} FILE",
        )
    store = context.store
    if store.account not in {None, account} or store.region not in {None, region}:
        raise errors.BadUsage(
            f"the inventory is of account {account}, region {region}, and the store is not",
            hint="--region and --account-id, or --store, say where the vault is",
        )
    known = context.key_map.vaults.in_store(store, name=name)
    if known and store.account is None and all(one.identity.account != account for one in known):
        raise errors.BadUsage(
            f"the inventory is of account {account}, and "
            f'vault "{name}" is known in account {known[0].identity.account}',
            hint="--account-id says that another account is meant",
        )
    meant = VaultIdentity(endpoint=store.endpoint, account=account, region=region, name=name)
    return next((one for one in known if one.identity == meant), meant)


def _parts_of(arn: str) -> tuple[str, str, str]:
    """Return the region, the account and the name in the ARN of a vault."""
    fields = arn.split(":")
    if len(fields) != _ARN_FIELDS or not fields[-1].startswith("vaults/"):
        raise errors.InvalidRequest(
            f'the inventory is malformed: its vault is "{printable(arn)}", which is no ARN',
            hint="nothing of it was used",
        )
    return fields[3], fields[4], fields[5].removeprefix("vaults/")
