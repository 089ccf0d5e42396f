"""``glaciercli sync``."""

from typing import Any

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import PATH, REF
from glaciercli.core.refs import Ref

_EXAMPLES = """
glaciercli sync ~/Pictures photos
glaciercli sync --dry-run /srv/data backup/data
"""


@click.command(
    "sync", cls=Command, examples=_EXAMPLES, codes="0 1 2 3 10 12 13 14 15 16 17 75 130 143"
)
@click.argument("directory", metavar="DIR", type=PATH)
@click.argument("target", metavar="VAULT[/PREFIX]", type=REF)
@click.option(
    "--compare",
    type=click.Choice(["mtime", "size", "hash"]),
    default="mtime",
    help="How a change is found: size and time (then hash), size alone, or hash always.",
)
@options.part_size
@options.jobs
@options.limit_rate
@options.dry_run
@pass_app
def command(app: App, directory: str, target: Ref, **given: Any) -> int:
    """Make a vault hold what a directory holds.

    New and changed files are stored; an unchanged file is not even read.  Nothing is deleted:
    an earlier version of a changed file stays, as an older version of its name.
    """
    from glaciercli.core.sync_plan import Compare
    from glaciercli.operations import sync
    from glaciercli.operations.selection import prefix_of
    from glaciercli.render.views import uploads

    request = sync.SyncRequest(
        directory=directory,
        vault=target.vault,
        prefix=prefix_of(target),
        compare=Compare[given["compare"].upper()],
        part_bytes=given["part_size"],
    )
    context = app.context(target, jobs=given["jobs"], limit_rate=given["limit_rate"])
    planned = sync.plan(context, request)
    if given["dry_run"]:
        return app.show(planned, uploads)
    return app.report(sync.run(context, request, planned), uploads)
