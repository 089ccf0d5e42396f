"""``glaciercli delete``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import REF
from glaciercli.core.refs import Ref

_EXAMPLES = """
glaciercli delete photos/2024/blurred.jpg
glaciercli delete 'photos/old/**' --dry-run
glaciercli delete photos/id:ab12cd --yes
"""


@click.command(
    "delete", cls=Command, examples=_EXAMPLES, codes="0 1 2 3 10 11 12 13 14 16 17 130 143"
)
@click.argument(
    "refs",
    metavar="REF...",
    type=REF,
    nargs=-1,
    required=True,
    help=f"VAULT/NAME.  {options.NAMES}",
)
@options.all_versions
@options.yes
@options.jobs
@options.dry_run
@pass_app
def command(
    app: App, refs: tuple[Ref, ...], all_versions: bool, yes: bool, jobs: int | None, dry_run: bool
) -> int:
    """Delete archives.

    What is going to be deleted is shown first, and asked about.  Amazon charges for the rest of
    90 days for an archive that is younger.  A deletion that was cut off is finished by the same
    line, and once that is done, it deletes nothing more: of a name whose newest version was
    deleted, older ones go with --all-versions alone.
    """
    from glaciercli.operations import delete
    from glaciercli.render.views import deletions

    context = app.context(*refs, jobs=jobs)
    planned = delete.plan(context, refs, all_versions=all_versions)
    if dry_run:
        return app.show(planned, deletions)
    if planned.items:
        app.confirm(planned, deletions, question="Delete them?", assume_yes=yes)
    return app.report(delete.run(context, planned), deletions)
