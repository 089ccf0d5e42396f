"""``glaciercli vault``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.commands import vault_lock, vault_notify, vault_policy, vault_tag
from glaciercli.cli.framework import Group
from glaciercli.cli.params import VAULT
from glaciercli.core.refs import Ref


@click.group("vault", cls=Group)
def command() -> None:
    """Make, list, show and remove vaults, and set what belongs to them."""


command.add_command(vault_tag.group)
command.add_command(vault_policy.group)
command.add_command(vault_lock.group)
command.add_command(vault_notify.group)


@command.command("create", examples="glaciercli vault create photos", codes="0 1 2 13 14 16 17")
@click.argument("name", metavar="VAULT", type=VAULT)
@options.dry_run
@pass_app
def create(app: App, name: Ref, dry_run: bool) -> int:
    """Make a vault; one that exists already stays as it is."""
    from glaciercli.operations import vaults
    from glaciercli.render.views import vault

    return app.report(vaults.create(app.context(name), name.vault, dry_run=dry_run), vault)


@command.command(
    "list", examples="glaciercli vault list\nglaciercli vault list -o json", codes="0 1 2 13 16 17"
)
@pass_app
def list_(app: App) -> int:
    """List the vaults of the store, as the service describes them.

    Counts and sizes are those of each vault's last inventory.
    """
    from glaciercli.operations import vaults
    from glaciercli.render.views import vaults as view

    return app.show(vaults.list_all(app.context()), view)


@command.command("show", examples="glaciercli vault show photos", codes="0 1 2 10 13 16 17")
@click.argument("name", metavar="VAULT", type=VAULT)
@pass_app
def show(app: App, name: Ref) -> int:
    """Show everything about a vault on one screen.

    Its last inventory, what the key map holds, tags, access policy, lock, notifications,
    unfinished uploads and jobs.  What your permissions do not show is named.
    """
    from glaciercli.operations import vaults_show
    from glaciercli.render.views import vault

    return app.show(vaults_show.show(app.context(name), name.vault), vault)


@command.command(
    "delete", examples="glaciercli vault delete photos", codes="0 1 2 10 12 13 14 16 17"
)
@click.argument("name", metavar="VAULT", type=VAULT)
@options.dry_run
@pass_app
def delete(app: App, name: Ref, dry_run: bool) -> int:
    """Remove an empty vault.

    The service decides by its daily inventory whether a vault is empty.
    """
    from glaciercli.operations import vaults
    from glaciercli.render.views import vault

    return app.report(vaults.delete(app.context(name), name.vault, dry_run=dry_run), vault)
