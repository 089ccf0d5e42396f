"""``glaciercli upload-parts``."""

from typing import Any

import click

from glaciercli import errors
from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group
from glaciercli.cli.params import DURATION
from glaciercli.core.refs import Ref


@click.group("upload-parts", cls=Group)
def command() -> None:
    """List and drop multipart uploads that were never finished."""


@command.command(
    "list",
    examples="glaciercli upload-parts list\nglaciercli upload-parts list photos -o json",
    codes="0 1 2 10 13 16 17",
)
@options.vaults
@options.jobs
@pass_app
def list_(app: App, vaults: tuple[Ref, ...], jobs: int | None) -> int:
    """List the unfinished uploads of some vaults, or of all, and the space that they take.

    An upload is ours where the same `upload` or `sync` line goes on with it; any other is an
    orphan, of another machine or another tool.
    """
    from glaciercli.operations import unfinished
    from glaciercli.render.views import unfinished as view

    context = app.context(*vaults, jobs=jobs)
    return app.show(unfinished.show(context, [one.vault for one in vaults]), view)


_ABORT_EXAMPLES = """
glaciercli upload-parts abort photos HkF9p6o7
glaciercli upload-parts abort photos --orphans --older-than 7d --yes
glaciercli upload-parts abort photos --all --dry-run
"""


@command.command("abort", examples=_ABORT_EXAMPLES, codes="0 1 2 3 10 12 13 14 16 17 75 130 143")
@options.vault
@click.argument(
    "uploads",
    metavar="[UPLOAD]...",
    nargs=-1,
    help="The IDs of the uploads, or their starts; else --orphans or --all says which.",
)
@click.option("--orphans", is_flag=True, help="Every upload that this key map knows nothing of.")
@click.option("--all", "all_", is_flag=True, help="Every upload, ours too.")
@click.option(
    "--older-than",
    type=DURATION,
    metavar="DURATION",
    help="Only what was begun longer ago than that, such as 7d.",
)
@options.yes
@options.jobs
@options.dry_run
@pass_app
def abort(app: App, vault: Ref, uploads: tuple[str, ...], **given: Any) -> int:
    """Drop unfinished uploads with the parts that have arrived.

    The start of an upload's ID will do.  No archive is touched; a file whose upload was dropped
    is sent from its start by the next `upload`.  An orphan may be at work elsewhere right now:
    --older-than spares it.
    """
    from glaciercli.operations import unfinished
    from glaciercli.render.views import unfinished as view

    if sum((bool(uploads), given["orphans"], given["all_"])) != 1:
        raise errors.BadUsage(
            "what is to be dropped is not clear",
            hint="name uploads by their IDs, or say --orphans, or say --all",
        )
    context = app.context(vault, jobs=given["jobs"])
    request = unfinished.AbortRequest(
        vault=vault.vault,
        upload_ids=uploads,
        orphans_only=given["orphans"],
        older_than=given["older_than"],
    )
    planned = unfinished.plan(context, request)
    if given["dry_run"]:
        return app.show(planned, view)
    if planned.uploads:
        app.confirm(planned, view, question="Drop them?", assume_yes=given["yes"])
    return app.report(unfinished.run(context, planned), view)
