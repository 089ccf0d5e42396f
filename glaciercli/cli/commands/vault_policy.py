"""``glaciercli vault policy``."""

from typing import TYPE_CHECKING

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group
from glaciercli.cli.params import PATH
from glaciercli.core.refs import Ref

if TYPE_CHECKING:
    from glaciercli.operations.vaults_policy import PolicySource


@click.group("policy", cls=Group)
def group() -> None:
    """Show, set and remove the access policy of a vault."""


@group.command(
    "show",
    examples="glaciercli vault policy show photos\n"
    "glaciercli vault policy show photos -o json | jq .policy > policy.json",
    codes="0 1 2 10 13 16 17",
)
@options.vault
@pass_app
def show(app: App, vault: Ref) -> int:
    """Show the access policy of a vault, in words and as JSON."""
    from glaciercli.operations import vaults_policy
    from glaciercli.render.views import vault_policies

    return app.show(vaults_policy.show(app.context(vault), vault.vault), vault_policies)


_SET_EXAMPLES = """
glaciercli vault policy set photos policy.json --dry-run
glaciercli vault policy set photos --preset allow-read=123456789012
glaciercli vault policy set photos --preset deny-delete --preset allow-store=123456789012
"""


@group.command("set", examples=_SET_EXAMPLES, codes="0 1 2 10 13 14 16 17")
@options.vault
@click.argument("file", metavar="[FILE|-]", type=PATH, required=False, help=options.POLICY)
@options.preset
@options.dry_run
@pass_app
def set_(app: App, vault: Ref, file: str | None, presets: tuple[str, ...], dry_run: bool) -> int:
    """Give a vault an access policy, in place of the one that it has.

    The policy is a JSON document from a file, from standard input (-), or made of presets:
    deny-delete-for-days=DAYS, deny-delete, deny-delete-while-tagged=KEY, allow-read=ACCOUNT and
    allow-store=ACCOUNT.  It is checked before it is sent.
    """
    from glaciercli.operations import vaults_policy
    from glaciercli.render.views import vault_policies

    source = source_of(app, file, presets)
    changed = vaults_policy.put(app.context(vault), vault.vault, source, dry_run=dry_run)
    return app.report(changed, vault_policies)


@group.command(
    "remove",
    examples="glaciercli vault policy remove photos --dry-run\n"
    "glaciercli vault policy remove photos",
    codes="0 1 2 10 13 16 17",
)
@options.vault
@options.dry_run
@pass_app
def remove(app: App, vault: Ref, dry_run: bool) -> int:
    """Take the access policy off a vault.

    What it was is shown, so that it can be set again.
    """
    from glaciercli.operations import vaults_policy
    from glaciercli.render.views import vault_policies

    changed = vaults_policy.remove(app.context(vault), vault.vault, dry_run=dry_run)
    return app.report(changed, vault_policies)


def source_of(app: App, file: str | None, presets: tuple[str, ...]) -> "PolicySource":
    """Return where a policy comes from, as the line says."""
    from glaciercli.operations.vaults_policy import PolicySource

    if file == "-":
        return PolicySource(stream=app.stdin(), presets=presets)
    return PolicySource(path=file, presets=presets)
