"""``glaciercli inventory``."""

from datetime import timedelta

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group
from glaciercli.cli.params import DURATION, PATH, REF
from glaciercli.core.refs import Ref


@click.group("inventory", cls=Group)
def command() -> None:
    """Take in, read, give out and explain vault inventories."""


@command.command(
    "refresh",
    examples="glaciercli inventory refresh photos\n"
    "glaciercli inventory refresh photos --max-age 2d",
    codes="0 1 2 10 12 13 14 16 17 75 130 143",
)
@options.vault
@options.wait
@click.option(
    "--max-age",
    type=DURATION,
    metavar="AGE",
    help="Ask for nothing while the last inventory is younger than that, such as 2d.",
)
@options.dry_run
@pass_app
def refresh(app: App, vault: Ref, wait: bool, max_age: timedelta | None, dry_run: bool) -> int:
    """Bring the key map in line with what the service has.

    One repeatable line: takes in the newest finished inventory that was not used yet, or asks
    for one, or says when one is due.  Nothing that the key map holds is ever dropped.
    """
    from glaciercli.operations import inventory
    from glaciercli.render.views import inventories

    context = app.context(vault, snapshot=not dry_run)
    if dry_run:
        return app.show(inventory.preview(context, vault.vault, lag=app.inventory_lag), inventories)
    result = inventory.refresh(
        context, vault.vault, wait=wait, max_age=max_age, lag=app.inventory_lag
    )
    return app.report(result, inventories)


@command.command(
    "import",
    examples="glaciercli inventory import photos inventory.json\n"
    "glaciercli inventory import photos journal.log --dry-run\n"
    "glaciercli inventory import photos ~/.cache/glacier-cli/db",
    codes="0 1 2 10 12 16",
)
@options.vault
@click.argument(
    "file", metavar="FILE", type=PATH, help="The inventory, or the store of the other tool."
)
@click.option(
    "--format",
    "writer",
    type=click.Choice(
        (
            "inventory",
            "glaciercli",
            "mt-aws-glacier",
            "glacier-cli",
            "glacier-cmd",
            "glacier-interface",
            "sagu",
            "bakthat",
            "synology",
        )
    ),
    help="Who wrote the file; by default it tells by itself.",
)
@click.option(
    "--access-key-id",
    "access_keys",
    multiple=True,
    metavar="ID",
    help="Whose rows of a glacier-cli database are meant; may be repeated.",
)
@options.dry_run
@pass_app
def import_(
    app: App,
    vault: Ref,
    file: str,
    writer: str | None,
    access_keys: tuple[str, ...],
    dry_run: bool,
) -> int:
    """Take in a saved inventory, or the store of another tool, without asking the network.

    An inventory is JSON or CSV.  The CSV form carries no date, so it adds and confirms but makes
    nothing missing.  Where it may be older than the last inventory, it confirms nothing that that
    one lacks: what should be there is added as missing.  What another tool kept is no proof that
    the service has it: the next inventory confirms it.  Names of yours, deletions, and what an
    inventory listed stay as they are.  The same file twice changes nothing.
    """
    from glaciercli.core.foreign_stores.records import StoreFormat
    from glaciercli.operations import takeover
    from glaciercli.render.views import imports

    request = takeover.ImportRequest(
        vault=vault.vault,
        path=file,
        store=None if writer is None else StoreFormat(writer),
        access_keys=access_keys,
        lag=app.inventory_lag,
        dry_run=dry_run,
    )
    context = app.context(vault, snapshot=not dry_run)
    return app.report(takeover.import_file(context, request), imports)


@command.command(
    "export",
    examples="glaciercli inventory export photos > photos.json\n"
    "glaciercli inventory export photos -o csv",
    codes="0 1 2 10 16",
)
@options.vault
@pass_app
def export(app: App, vault: Ref) -> int:
    """Give out names, IDs and hashes from the key map, as JSON unless -o says otherwise."""
    from glaciercli.model.questions import ArchiveFilter
    from glaciercli.operations import listing
    from glaciercli.render.views import archives

    app.use_store_of((vault,))
    wanted = ArchiveFilter(all_versions=True)
    found = listing.listing(app.reader, app.store, (vault,), wanted)
    return app.show(listing.ArchiveList(found), archives, text_as="json")


@command.command(
    "show",
    examples="glaciercli inventory show photos\n"
    "glaciercli inventory show 'photos/2024/*.jpg' -o json",
    codes="0 1 2 10 11 16",
)
@click.argument("ref", metavar="VAULT[/NAME]", type=REF, help=options.ARCHIVES)
@options.no_pager
@pass_app
def show(app: App, ref: Ref, no_pager: bool) -> int:
    """Show the last inventory, and explain each archive that needs a look.

    With a name each archive of that name is explained, deleted ones too: when it was uploaded,
    which inventory lists it or should, and what settles a doubt.
    """
    from glaciercli.operations import inventory_state
    from glaciercli.render.views import inventories

    found = inventory_state.show(app.context(ref), ref, lag=app.inventory_lag)
    return app.show(found, inventories, paged=not no_pager)
