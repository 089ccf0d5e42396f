"""``glaciercli list``."""

from datetime import timedelta

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import DURATION, REF, SIZE
from glaciercli.core.refs import Ref

_EXAMPLES = """
glaciercli list
glaciercli list 'photos/2024/*.jpg' --larger-than 10MiB
glaciercli ls photos --state missing -o jsonl
"""

_STATES = ("uploaded", "confirmed", "missing", "unsettled", "empty", "deleting", "deleted")


@click.command("list", cls=Command, examples=_EXAMPLES, codes="0 1 2 10 11 16")
@click.argument("ref", metavar="[REF]", type=REF, required=False)
@click.option(
    "--state", "states", type=click.Choice(_STATES), multiple=True, help="Only in this state."
)
@click.option("--older-than", type=DURATION, metavar="AGE", help="Only uploaded before that.")
@click.option("--larger-than", type=SIZE, metavar="SIZE", help="Only larger than that.")
@options.all_versions
@click.option("--long", "-l", is_flag=True, help="With vaults, exact sizes and archive IDs.")
@pass_app
def command(
    app: App,
    ref: Ref | None,
    states: tuple[str, ...],
    older_than: timedelta | None,
    larger_than: int | None,
    all_versions: bool,
    long: bool,
) -> int:
    """List archives from the key map.

    Asks no network: `glaciercli inventory refresh` brings the key map in line with the service.
    """
    from glaciercli.model.archives import ArchiveState
    from glaciercli.operations import listing
    from glaciercli.render.views import archives, archives_long

    if ref is not None:
        app.use_store_of((ref,))
    wanted = listing.ListFilter(
        states=frozenset(ArchiveState(state) for state in states),
        uploaded_before=None if older_than is None else app.clock.now() - older_than,
        larger_than_bytes=larger_than,
        all_versions=all_versions,
    )
    found = listing.listing(app.reader, app.store, ref, wanted)
    return app.show(found, archives_long if long else archives)
