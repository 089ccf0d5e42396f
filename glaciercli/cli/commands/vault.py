"""``glaciercli vault``."""

import click

from glaciercli import errors
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


@command.command(
    "create",
    examples="glaciercli vault create photos\nglaciercli vault create backup --region eu-west-1",
    codes="0 1 2 13 14 16 17",
)
@click.argument("name", metavar="VAULT", type=VAULT, help=options.VAULT_HELP)
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


@command.command(
    "show",
    examples="glaciercli vault show photos\nglaciercli vault show photos -o json | jq .tags",
    codes="0 1 2 10 13 16 17",
)
@click.argument("name", metavar="VAULT", type=VAULT, help=options.VAULT_HELP)
@pass_app
def show(app: App, name: Ref) -> int:
    """Show everything about a vault on one screen.

    Its last inventory, what the key map holds, tags, access policy, lock, notifications,
    unfinished uploads and jobs.  What your permissions do not show is named.
    """
    from glaciercli.operations import vaults_show
    from glaciercli.render.views import vault

    return app.show(vaults_show.show(app.context(name), name.vault), vault)


_DELETE_EXAMPLES = """
glaciercli vault delete old
glaciercli vault delete photos --with-archives --dry-run
glaciercli vault delete photos --with-archives --yes
glaciercli vault delete photos --with-archives --wait
"""


@command.command("delete", examples=_DELETE_EXAMPLES, codes="0 1 2 3 10 12 13 14 16 17 75 130 143")
@click.argument("name", metavar="VAULT", type=VAULT, help=options.VAULT_HELP)
@click.option(
    "--with-archives",
    is_flag=True,
    help="Delete what is in it, too: a plan over days, gone on with by the same line.",
)
@click.option(
    "--include-new",
    is_flag=True,
    help="Delete also what turned up after the question was asked.",
)
@click.option("--wait", is_flag=True, help="Wait until the vault is gone: a day or more.")
@click.option("--cancel", is_flag=True, help="Give the removal up: what is left stays.")
@options.yes
@options.jobs
@options.dry_run
@pass_app
def delete(app: App, name: Ref, with_archives: bool, jobs: int | None, **given: bool) -> int:
    """Remove a vault.

    The service removes a vault only when its last inventory, made about once a day, shows it as
    empty.  With --with-archives the same line, repeated from day to day, takes in the inventory,
    shows what would be deleted with count, bytes and fee and has the vault's name typed out,
    deletes it, drops unfinished uploads, and removes the vault.  It ends with 75 and the next
    useful time until the vault is gone; with --wait it waits for that itself.

    Nothing is deleted that was not there when the question was asked: what turns up later is
    asked about again, and --yes does not answer for it.  A lock or an access policy that forbids
    it is told at once.
    """
    if not with_archives:
        return _delete_empty(app, name, **given)
    from glaciercli.operations import vaults_removal
    from glaciercli.operations.vaults_survey import Removal
    from glaciercli.render.views import removals

    context = app.context(name, jobs=jobs, snapshot=not given["dry_run"])
    request = vaults_removal.RemovalRequest(
        vault=name.vault, lag=app.inventory_lag, wait=given["wait"]
    )
    if given["cancel"]:
        ended = vaults_removal.cancel(context, name.vault, dry_run=given["dry_run"])
        return app.report(ended, removals)
    if given["dry_run"]:
        return app.show(vaults_removal.look(context, request), removals)

    def ask(found: Removal) -> None:
        flag = "include_new" if found.facts.confirmed_at else "yes"
        said = name.vault if given[flag] else None
        how = f"--{flag.replace('_', '-')}"
        app.confirm_by_name(found, removals, name=name.vault, given=said, how=how)

    return app.report(vaults_removal.run(context, request, ask), removals)


def _delete_empty(app: App, name: Ref, **given: bool) -> int:
    """Remove an empty vault."""
    from glaciercli.operations import vaults
    from glaciercli.render.views import vault

    if given["include_new"] or given["cancel"] or given["wait"]:
        raise errors.BadUsage("--include-new, --cancel and --wait belong to --with-archives")
    removed = vaults.delete(app.context(name), name.vault, dry_run=given["dry_run"])
    return app.report(removed, vault)
