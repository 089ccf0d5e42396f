"""``glaciercli retrieve``."""

from typing import Any

import click

from glaciercli import errors
from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import DOLLARS, PATH, REF, SIZE
from glaciercli.core.refs import Ref
from glaciercli.model.jobs import Tier

_EXAMPLES = """
glaciercli retrieve photos/2024/beach.jpg
glaciercli retrieve 'photos/2024/**' --to ~/restored --tier bulk
glaciercli retrieve photos/holiday.tar --to - | tar t
glaciercli retrieve 'photos/**' --to ~/restored --max-cost 25 --max-bytes-per-day 200GiB
"""


@click.command(
    "retrieve", cls=Command, examples=_EXAMPLES, codes="0 1 2 3 10 11 12 13 14 15 16 17 75 130 143"
)
@click.argument("refs", metavar="REF...", type=REF, nargs=-1, required=True, help=options.ARCHIVES)
@click.option(
    "--to",
    metavar="DIR",
    type=PATH,
    default=".",
    help="Where to: a directory, a file name for one archive, - for standard output.",
)
@options.tier
@options.wait
@options.all_versions
@click.option("--overwrite", is_flag=True, help="Replace files that are there and differ.")
@click.option(
    "--max-cost",
    type=DOLLARS,
    metavar="USD",
    help="Do nothing if it costs more than that; up to that, do not ask.",
)
@click.option(
    "--max-bytes-per-day",
    type=SIZE,
    metavar="SIZE",
    help="Ask for no more than that in 24 hours, and for the rest later.",
)
@options.yes
@options.jobs
@options.limit_rate
@options.dry_run
@pass_app
def command(app: App, refs: tuple[Ref, ...], **given: Any) -> int:
    """Bring archives back, in one repeatable line.

    The service prepares every archive for hours.  The line asks for what nobody has asked for
    yet, fetches what is ready, proves it, and says when to come back for the rest: exit code 75
    means that the same line goes on later.

    Asking is paid for, so the price is shown first, and asked about where the store bills.  A line
    of cron says --max-cost, which is a yes up to that amount.  No more is asked for than can be
    fetched in the 24 hours that an output is kept.
    """
    from glaciercli.operations import retrieve, retrieve_offer, retrieve_plan
    from glaciercli.render.views import retrievals

    request = retrieve_plan.RetrieveRequest(
        refs=refs,
        to=given["to"],
        tier=Tier(given["tier"].capitalize()),
        all_versions=given["all_versions"],
        overwrite=given["overwrite"],
        wait=given["wait"],
        max_usd=given["max_cost"],
        any_price=given["yes"],
        max_day_bytes=given["max_bytes_per_day"],
        max_bytes_per_s=given["limit_rate"],
    )
    context = app.context(*refs, jobs=given["jobs"], limit_rate=given["limit_rate"])
    planned = retrieve_plan.plan(context, request)
    offered = retrieve_offer.offer(context, request, planned)
    if given["dry_run"]:
        return app.show(offered, retrievals)
    retrieve_offer.hold_to_budget(offered)
    retrieve_offer.hold_to_room(offered)
    if offered.needs_consent:
        app.confirm(
            offered,
            retrievals,
            question="Ask for them?",
            assume_yes=given["yes"],
            why="this costs money, and no --max-cost says how much it may",
        )
    if not request.into_stream:
        return app.report(retrieve.run(context, request, planned), retrievals)
    if planned.count > 1:
        raise errors.BadUsage("standard output takes one archive at a time")
    report = retrieve.run(context, request, planned)
    retrieve.copy_out(report, app.stdout.buffer)
    return app.explain(report, retrievals)
