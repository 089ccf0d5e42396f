"""``glaciercli vault lock``."""

from dataclasses import replace

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.commands.vault_policy import source_of
from glaciercli.cli.framework import Group
from glaciercli.cli.params import PATH
from glaciercli.core.refs import Ref


@click.group("lock", cls=Group)
def group() -> None:
    """Lock a vault by a policy that nobody can take back."""


@group.command(
    "show",
    examples="glaciercli vault lock show photos\nglaciercli vault lock show photos -o json",
    codes="0 1 2 10 13 16 17",
)
@options.vault
@pass_app
def show(app: App, vault: Ref) -> int:
    """Show the lock of a vault, and how much of its 24 hours is left while it is in progress."""
    from glaciercli.operations import vaults_lock
    from glaciercli.render.views import vault_locks

    return app.show(vaults_lock.show(app.context(vault), vault.vault), vault_locks)


_START_EXAMPLES = """
glaciercli vault lock start photos --preset deny-delete-for-days=365
glaciercli vault lock start photos policy.json --dry-run
"""


@group.command("start", examples=_START_EXAMPLES, codes="0 1 2 10 13 14 16 17")
@options.vault
@click.argument("file", metavar="[FILE|-]", type=PATH, required=False, help=options.POLICY)
@options.preset
@options.dry_run
@pass_app
def start(app: App, vault: Ref, file: str | None, presets: tuple[str, ...], dry_run: bool) -> int:
    """Put a lock policy in force for 24 hours.

    The policy is a JSON document from a file, from standard input (-), or made of presets:
    deny-delete-for-days=DAYS, deny-delete and deny-delete-while-tagged=KEY.  It is checked before
    it is sent.

    Within 24 hours `vault lock complete` makes it final, or `vault lock abort` takes it back;
    after that it ends by itself.
    """
    from glaciercli.operations import vaults_lock
    from glaciercli.render.views import vault_locks

    source = source_of(app, file, presets)
    started = vaults_lock.start(app.context(vault), vault.vault, source, dry_run=dry_run)
    return app.report(started, vault_locks)


_COMPLETE_EXAMPLES = """
glaciercli vault lock complete photos
glaciercli vault lock complete photos --confirm photos
"""


@group.command("complete", examples=_COMPLETE_EXAMPLES, codes="0 1 2 10 13 14 16 17 130 143")
@options.vault
@click.option(
    "--lock-id", metavar="ID", help="The ID of the lock, where another machine started it."
)
@options.confirm
@options.dry_run
@pass_app
def complete(
    app: App, vault: Ref, lock_id: str | None, confirmed: str | None, dry_run: bool
) -> int:
    """Make a lock in progress final: nobody can ever take it back.

    The vault's name has to be typed out; where there is no terminal, --confirm says it.
    """
    from glaciercli.operations import vaults_lock
    from glaciercli.render.views import vault_locks

    context = app.context(vault)
    planned = vaults_lock.plan_completion(context, vault.vault, lock_id)
    if dry_run:
        return app.show(replace(planned, dry_run=True), vault_locks)
    if planned.lock_id is not None:
        shown = replace(planned, dry_run=True)
        app.confirm_by_name(shown, vault_locks, name=vault.vault, given=confirmed)
    return app.report(vaults_lock.complete(context, planned), vault_locks)


@group.command(
    "abort",
    examples="glaciercli vault lock abort photos --dry-run\nglaciercli vault lock abort photos",
    codes="0 1 2 10 13 14 16 17",
)
@options.vault
@options.dry_run
@pass_app
def abort(app: App, vault: Ref, dry_run: bool) -> int:
    """Take a lock in progress back."""
    from glaciercli.operations import vaults_lock
    from glaciercli.render.views import vault_locks

    ended = vaults_lock.abort(app.context(vault), vault.vault, dry_run=dry_run)
    return app.report(ended, vault_locks)
