"""``glaciercli vault notify``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group
from glaciercli.core.refs import Ref


@click.group("notify", cls=Group)
def group() -> None:
    """Show, set and remove who hears of a vault's finished jobs."""


@group.command(
    "show",
    examples="glaciercli vault notify show photos\nglaciercli vault notify show photos -o json",
    codes="0 1 2 10 13 16 17",
)
@options.vault
@pass_app
def show(app: App, vault: Ref) -> int:
    """Show which topic hears of a vault's finished jobs."""
    from glaciercli.operations import vaults_notify
    from glaciercli.render.views import vault_notifications

    return app.show(vaults_notify.show(app.context(vault), vault.vault), vault_notifications)


_SET_EXAMPLES = """
glaciercli vault notify set photos arn:aws:sns:us-east-1:123456789012:glacier-jobs
glaciercli vault notify set photos arn:aws:sns:us-east-1:123456789012:jobs --event archive
"""


@group.command(
    "set",
    examples=_SET_EXAMPLES,
    codes="0 1 2 10 13 14 16 17",
)
@options.vault
@click.argument("topic", metavar="TOPIC", help="The ARN of the topic.")
@click.option(
    "--event",
    "events",
    type=click.Choice(["archive", "inventory"]),
    multiple=True,
    help="Which jobs; by default both.",
)
@options.dry_run
@pass_app
def set_(app: App, vault: Ref, topic: str, events: tuple[str, ...], dry_run: bool) -> int:
    """Let a topic of Amazon SNS hear of a vault's finished jobs.

    The topic must let Amazon Glacier publish: a topic that does not hears nothing, and nobody
    is told.
    """
    from glaciercli.model.vault_settings import Notifications
    from glaciercli.operations import vaults_notify
    from glaciercli.render.views import vault_notifications

    chosen = tuple(vaults_notify.EVENTS[one] for one in events or vaults_notify.EVENTS)
    wanted = Notifications(topic=topic, events=tuple(dict.fromkeys(chosen)))
    changed = vaults_notify.put(app.context(vault), vault.vault, wanted, dry_run=dry_run)
    return app.report(changed, vault_notifications)


@group.command(
    "remove",
    examples="glaciercli vault notify remove photos --dry-run\n"
    "glaciercli vault notify remove photos",
    codes="0 1 2 10 13 16 17",
)
@options.vault
@options.dry_run
@pass_app
def remove(app: App, vault: Ref, dry_run: bool) -> int:
    """Let no topic hear of a vault's finished jobs."""
    from glaciercli.operations import vaults_notify
    from glaciercli.render.views import vault_notifications

    changed = vaults_notify.remove(app.context(vault), vault.vault, dry_run=dry_run)
    return app.report(changed, vault_notifications)
