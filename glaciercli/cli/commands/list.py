"""``glaciercli list``."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from glaciercli import errors
from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import DURATION, REF, SIZE
from glaciercli.core.refs import Ref

if TYPE_CHECKING:
    from glaciercli.model.questions import ArchiveFilter

_EXAMPLES = """
glaciercli list
glaciercli list 'photos/2024/*.jpg' --larger-than 10MiB
glaciercli list photos --sort size --limit 20
glaciercli list --duplicates
glaciercli ls photos --state missing -o jsonl
"""

_STATES = ("uploaded", "confirmed", "missing", "unsettled", "empty", "deleting", "deleted")


@click.command("list", cls=Command, examples=_EXAMPLES, codes="0 1 2 10 11 16")
@click.argument("refs", metavar="[REF]...", type=REF, nargs=-1, help=options.ARCHIVES)
@click.option(
    "--state",
    "states",
    type=click.Choice(_STATES),
    multiple=True,
    help="Only what is in this state; may be repeated.",
)
@click.option(
    "--older-than",
    type=DURATION,
    metavar="AGE",
    help="Only what was stored longer ago than that, such as 90d.",
)
@click.option(
    "--newer-than",
    type=DURATION,
    metavar="AGE",
    help="Only what was stored within that time, such as 12h.",
)
@click.option(
    "--larger-than", type=SIZE, metavar="SIZE", help="Only what is larger than that, such as 10MiB."
)
@click.option("--smaller-than", type=SIZE, metavar="SIZE", help="Only what is smaller than that.")
@click.option("--unnamed", is_flag=True, help="Only what has no name.")
@options.all_versions
@click.option(
    "--sort",
    type=click.Choice(("name", "size", "time")),
    help="In the order of names, or the largest or the newest first.",
)
@click.option("--reverse", is_flag=True, help="Turn the order round.")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Show no more than N archives."
)
@click.option(
    "--duplicates", is_flag=True, help="Show what is held more than once, and what that wastes."
)
@click.option("--long", "-l", is_flag=True, help="Show vaults, exact sizes and archive IDs too.")
@options.no_pager
@pass_app
def command(app: App, refs: tuple[Ref, ...], no_pager: bool, **asked: Any) -> int:
    """List archives from the key map.

    Asks no network: `glaciercli inventory refresh` brings the key map in line with the service.
    """
    app.use_store_of(refs)
    if asked["duplicates"]:
        return _duplicates(app, refs, asked, no_pager=no_pager)
    from glaciercli.model.questions import Sort
    from glaciercli.operations import listing
    from glaciercli.render.views import archives, archives_long

    order = listing.ListOrder(
        sort=Sort(asked["sort"] or "name"), reverse=asked["reverse"], limit=asked["limit"]
    )
    found = listing.listing(app.reader, app.store, refs, _wanted(app, asked), order)
    result = listing.ArchiveList(found, with_sum=app.on_terminal)
    view = archives_long if asked["long"] else archives
    return app.show(result, view, paged=not no_pager)


def _duplicates(app: App, refs: tuple[Ref, ...], asked: dict[str, Any], *, no_pager: bool) -> int:
    from glaciercli.operations import duplicates
    from glaciercli.render.views import duplicates as view

    if asked["sort"] or asked["reverse"] or asked["long"]:
        raise errors.BadUsage(
            "--duplicates has an order and a form of its own",
            hint="leave --sort, --reverse and --long out",
        )
    wanted = replace(_wanted(app, asked), all_versions=True)
    found = duplicates.duplicates(app.reader, app.store, refs, wanted, limit=asked["limit"])
    return app.show(found, view, paged=not no_pager)


def _wanted(app: App, asked: dict[str, Any]) -> "ArchiveFilter":
    from glaciercli.model.archives import ArchiveState
    from glaciercli.model.questions import ArchiveFilter

    def moment(age: timedelta | None) -> Any:
        return None if age is None else app.clock.now() - age

    return ArchiveFilter(
        states=frozenset(ArchiveState(state) for state in asked["states"]),
        uploaded_before=moment(asked["older_than"]),
        uploaded_after=moment(asked["newer_than"]),
        larger_than_bytes=asked["larger_than"],
        smaller_than_bytes=asked["smaller_than"],
        unnamed=asked["unnamed"],
        all_versions=asked["all_versions"],
    )
