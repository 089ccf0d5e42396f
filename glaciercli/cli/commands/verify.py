"""``glaciercli verify``."""

from typing import Any

import click

from glaciercli import errors
from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import DOLLARS, SOURCE
from glaciercli.core.refs import Ref, parse_ref
from glaciercli.model.jobs import Tier

_EXAMPLES = """
glaciercli verify ~/Pictures photos
glaciercli verify --exclude '*.tmp' /srv/data backup/data
glaciercli verify --sample 20 --max-cost 1 photos
"""

_BOTH = 2

_OF_TREES = frozenset({"include", "exclude", "exclude_from", "follow_symlinks"})
_OF_DRILLS = frozenset({"tier", "max_cost", "wait", "yes"})


@click.command(
    "verify", cls=Command, examples=_EXAMPLES, codes="0 1 2 3 10 11 12 13 14 15 16 17 75 130 143"
)
@click.argument(
    "places",
    metavar="[DIR] VAULT[/PREFIX]",
    type=SOURCE,
    nargs=-1,
    required=True,
    help="The directory, which a drill does without, and the vault; "
    "PREFIX is what the names begin with.",
)
@options.include
@options.exclude
@options.exclude_from
@options.follow_symlinks
@click.option(
    "--sample",
    type=click.IntRange(1),
    metavar="N",
    help="A restore drill: bring N archives back, drawn at random, and prove them.",
)
@click.option(
    "--tier",
    type=click.Choice([tier.value.lower() for tier in Tier]),
    default="bulk",
    show_default=True,
    help="How fast, and how dear, a drill is: minutes, hours, or half a day.",
)
@click.option(
    "--max-cost",
    type=DOLLARS,
    metavar="USD",
    help="Do no drill that costs more than that; up to that, do not ask.",
)
@options.wait
@click.option(
    "--restart",
    is_flag=True,
    help="Begin the check or the drill anew, instead of going on with it.",
)
@options.yes
@options.readers
@pass_app
def command(app: App, places: tuple[str, ...], **given: Any) -> int:
    """Prove that a directory holds what a vault holds, or that a vault can be restored.

    Every file is read and compared with the tree hash that the service confirmed when it was
    stored; the service is not asked.  A check that was stopped is continued by the same line.

    With --sample some archives are drawn at random, brought back, proved and thrown away.  That
    is paid for and takes hours: exit code 75 means that the same line goes on later.
    """
    _check_options(drill=given["sample"] is not None)
    target = parse_ref(places[-1])
    if given["sample"] is not None:
        return _drill(app, places, target, given)
    if len(places) != _BOTH:
        raise errors.BadUsage(
            "verify takes a directory and a vault", hint="--sample N takes a vault alone"
        )
    return _compare(app, places[0], target, given)


def _check_options(*, drill: bool) -> None:
    """Refuse options that say something about the other kind of proof."""
    ctx = click.get_current_context()
    for one in ctx.command.params:
        name = one.name or ""
        is_given = ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if is_given and name in (_OF_TREES if drill else _OF_DRILLS):
            raise errors.BadUsage(
                f"{one.opts[-1]} {'does not go' if drill else 'goes only'} with --sample",
                hint="glaciercli verify --help shows how it is used",
            )


def _compare(app: App, directory: str, target: Ref, given: dict[str, Any]) -> int:
    from glaciercli.core.filters import PatternRules
    from glaciercli.operations import verify
    from glaciercli.operations.selection import prefix_of
    from glaciercli.render.views import verifications
    from glaciercli.transfer.tree import patterns_in

    listed = [line for path in given["exclude_from"] for line in patterns_in(path)]
    request = verify.VerifyRequest(
        directory=directory,
        vault=target.vault,
        prefix=prefix_of(target),
        rules=PatternRules(include=given["include"], exclude=given["exclude"], exclude_from=listed),
        patterns=(given["include"], given["exclude"], listed),
        follow_symlinks=given["follow_symlinks"],
        restart=given["restart"],
    )
    context = app.context(target, jobs=given["jobs"])
    report = verify.run(context, request)
    return app.report(report, verifications, summary=verifications.summary)


def _drill(app: App, places: tuple[str, ...], target: Ref, given: dict[str, Any]) -> int:
    from glaciercli.operations import drill, retrieve_offer
    from glaciercli.render.views import drills, retrievals

    if len(places) == _BOTH or target.selector is not None:
        raise errors.BadUsage("a drill draws from a whole vault", hint="name the vault alone")
    request = drill.DrillRequest(
        vault=target.vault,
        count=given["sample"],
        tier=Tier(given["tier"].capitalize()),
        wait=given["wait"],
        max_usd=given["max_cost"],
        restart=given["restart"],
    )
    context = app.context(target, jobs=given["jobs"])
    planned = drill.plan(context, request)
    offered = retrieve_offer.offer(context, planned.request, planned.retrieval)
    retrieve_offer.hold_to_budget(offered)
    retrieve_offer.hold_to_room(offered)
    if offered.needs_consent:
        app.confirm(
            offered,
            retrievals,
            question="Ask for them?",
            assume_yes=given["yes"],
            why="this costs money",
        )
    return app.report(drill.run(context, planned), drills, summary=drills.summary)
