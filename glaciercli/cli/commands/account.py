"""``glaciercli account``."""

import click

from glaciercli import errors
from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group
from glaciercli.cli.params import SIZE


@click.group("account", cls=Group)
def command() -> None:
    """Show and set what belongs to the whole account."""


@command.group("policy", cls=Group)
def policy() -> None:
    """Show and set how much may be retrieved, in one region."""


@policy.command(
    "show",
    examples="glaciercli account policy show\nglaciercli account policy show --region eu-west-1",
    codes="0 1 2 13 16 17",
)
@pass_app
def show_policy(app: App) -> int:
    """Show the data retrieval policy."""
    from glaciercli.operations import account
    from glaciercli.render.views import account as view

    return app.show(account.show_policy(app.context()), view)


_SET_EXAMPLES = """
glaciercli account policy set --max-per-hour 10GiB
glaciercli account policy set --unlimited --dry-run
"""


@policy.command("set", examples=_SET_EXAMPLES, codes="0 1 2 13 14 16 17")
@click.option(
    "--max-per-hour", type=SIZE, metavar="SIZE", help="Refuse what would need a higher rate."
)
@click.option("--free-tier", is_flag=True, help="Refuse what the free allowance does not cover.")
@click.option("--unlimited", is_flag=True, help="Refuse nothing.")
@options.dry_run
@pass_app
def set_policy(
    app: App, max_per_hour: int | None, free_tier: bool, unlimited: bool, dry_run: bool
) -> int:
    """Set the data retrieval policy of the account, in one region.

    Only Standard retrievals are held back by it.  A refused retrieval costs nothing.
    """
    from glaciercli.model.vault_settings import RetrievalPolicy, RetrievalStrategy
    from glaciercli.operations import account
    from glaciercli.render.views import account as view

    if sum((max_per_hour is not None, free_tier, unlimited)) != 1:
        raise errors.BadUsage(
            "the policy is one of three", hint="--max-per-hour SIZE, --free-tier, or --unlimited"
        )
    if max_per_hour is not None and max_per_hour < 1:
        raise errors.BadUsage("a limit of nothing an hour would refuse every retrieval")
    strategy = RetrievalStrategy.UNLIMITED if unlimited else RetrievalStrategy.FREE_TIER
    if max_per_hour is not None:
        strategy = RetrievalStrategy.BYTES_PER_HOUR
    wanted = RetrievalPolicy(strategy=strategy, bytes_per_hour=max_per_hour)
    return app.report(account.set_policy(app.context(), wanted, dry_run=dry_run), view)


@command.group("capacity", cls=Group)
def capacity() -> None:
    """List and buy provisioned capacity for Expedited retrievals."""


@capacity.command(
    "list",
    examples="glaciercli account capacity list\nglaciercli account capacity list -o csv",
    codes="0 1 2 13 16 17",
)
@pass_app
def list_capacity(app: App) -> int:
    """List the units of provisioned capacity, and until when each is good."""
    from glaciercli.operations import account
    from glaciercli.render.views import account as view

    return app.show(account.list_capacity(app.context()), view)


_BUY_EXAMPLES = """
glaciercli account capacity buy --dry-run
glaciercli account capacity buy --yes
"""


@capacity.command("buy", examples=_BUY_EXAMPLES, codes="0 1 2 13 14 16 17 130 143")
@options.yes
@options.dry_run
@pass_app
def buy(app: App, yes: bool, dry_run: bool) -> int:
    """Buy a unit of provisioned capacity for a month.

    It costs money at once, cannot be given back, and is not renewed.  With it Expedited
    retrievals are never refused for want of capacity: at least 3 every 5 minutes, at up to 150
    MB/s.  The price is shown first, and asked about.  What a line that was cut off has bought is
    not bought again.
    """
    from glaciercli.operations import account
    from glaciercli.render.views import account as view

    context = app.context()
    region = app.store.region or "unknown region"
    planned = account.plan_purchase(context, region, dry_run=dry_run)
    if dry_run:
        return app.show(planned, view)
    if not planned.unheard:
        app.confirm(planned, view, question="Buy it?", assume_yes=yes)
    return app.report(account.buy(context, planned), view)
