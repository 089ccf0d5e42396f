"""``glaciercli vault tag``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group
from glaciercli.cli.params import TAG
from glaciercli.core.refs import Ref


@click.group("tag", cls=Group)
def group() -> None:
    """List, set and unset the tags of a vault."""


@group.command(
    "list",
    examples="glaciercli vault tag list photos\nglaciercli vault tag list photos -o csv",
    codes="0 1 2 10 13 16 17",
)
@options.vault
@pass_app
def list_(app: App, vault: Ref) -> int:
    """List the tags of a vault."""
    from glaciercli.operations import vaults_tags
    from glaciercli.render.views import vault_tags

    return app.show(vaults_tags.show(app.context(vault), vault.vault), vault_tags)


@group.command(
    "set",
    examples="glaciercli vault tag set photos owner=ann project=2024\n"
    "glaciercli vault tag set photos 'note=keep until 2030' --dry-run",
    codes="0 1 2 10 13 14 16 17",
)
@options.vault
@click.argument("tags", metavar="KEY=VALUE...", type=TAG, nargs=-1, required=True, help="The tags.")
@options.dry_run
@pass_app
def set_(app: App, vault: Ref, tags: tuple[tuple[str, str], ...], dry_run: bool) -> int:
    """Set tags of a vault; a key that is there already gets the new value.

    A vault may have 50 tags.  A condition of its lock may depend on them.
    """
    from glaciercli.operations import vaults_tags
    from glaciercli.render.views import vault_tags

    changed = vaults_tags.put(app.context(vault), vault.vault, dict(tags), dry_run=dry_run)
    return app.report(changed, vault_tags)


@group.command(
    "unset",
    examples="glaciercli vault tag unset photos project\n"
    "glaciercli vault tag unset photos owner project --dry-run",
    codes="0 1 2 10 13 16 17",
)
@options.vault
@click.argument("keys", metavar="KEY...", nargs=-1, required=True, help="The keys of the tags.")
@options.dry_run
@pass_app
def unset(app: App, vault: Ref, keys: tuple[str, ...], dry_run: bool) -> int:
    """Take tags off a vault; a key that it has not is no error."""
    from glaciercli.operations import vaults_tags
    from glaciercli.render.views import vault_tags

    changed = vaults_tags.remove(app.context(vault), vault.vault, keys, dry_run=dry_run)
    return app.report(changed, vault_tags)
