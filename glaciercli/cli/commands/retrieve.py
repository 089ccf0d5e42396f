"""``glaciercli retrieve``."""

from typing import Any

import click

from glaciercli import errors
from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import PATH, REF
from glaciercli.core.refs import Ref
from glaciercli.model.jobs import Tier

_EXAMPLES = """
glaciercli retrieve photos/2024/beach.jpg
glaciercli retrieve 'photos/2024/**' --to ~/restored --tier bulk
glaciercli retrieve photos/holiday.tar --to - | tar t
"""


@click.command(
    "retrieve", cls=Command, examples=_EXAMPLES, codes="0 1 2 3 10 11 12 13 14 15 16 17 75 130 143"
)
@click.argument("refs", metavar="REF...", type=REF, nargs=-1, required=True)
@click.option(
    "--to",
    metavar="DIR",
    type=PATH,
    default=".",
    help="Where to: a directory, a file name for one archive, - for standard output.",
)
@click.option(
    "--tier",
    type=click.Choice([tier.value.lower() for tier in Tier]),
    default="standard",
    help="How fast, and how dear; standard takes hours.",
)
@options.wait
@options.all_versions
@click.option("--overwrite", is_flag=True, help="Replace files that differ.")
@options.jobs
@options.limit_rate
@options.dry_run
@pass_app
def command(app: App, refs: tuple[Ref, ...], **given: Any) -> int:
    """Bring archives back, in one repeatable line.

    The service prepares every archive for hours.  The line asks for what nobody has asked for
    yet, fetches what is ready, proves it, and says when to come back for the rest: exit code 75
    means that the same line goes on later.
    """
    from glaciercli.operations import retrieve, retrieve_plan
    from glaciercli.render.views import retrievals

    request = retrieve_plan.RetrieveRequest(
        refs=refs,
        to=given["to"],
        tier=Tier(given["tier"].capitalize()),
        all_versions=given["all_versions"],
        overwrite=given["overwrite"],
        wait=given["wait"],
    )
    context = app.context(*refs, jobs=given["jobs"], limit_rate=given["limit_rate"])
    planned = retrieve_plan.plan(context, request)
    if given["dry_run"]:
        return app.show(planned, retrievals)
    if not request.into_stream:
        return app.report(retrieve.run(context, request, planned), retrievals)
    if len(planned.steps) > 1:
        raise errors.BadUsage("standard output takes one archive at a time")
    report = retrieve.run(context, request, planned)
    retrieve.copy_out(report, app.stdout.buffer)
    return app.explain(report, retrievals)
