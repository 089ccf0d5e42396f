"""``glaciercli sync``."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from glaciercli import errors
from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import DURATION, PATH, REF
from glaciercli.core.durations import parse_duration
from glaciercli.core.refs import Ref

if TYPE_CHECKING:
    from glaciercli.operations.sync_request import SyncRequest

_EXAMPLES = """
glaciercli sync ~/Pictures photos
glaciercli sync --dry-run /srv/data backup/data
glaciercli sync -q --delete --max-delete 5% --yes --wait-lock 1h /srv/data backup/data
glaciercli sync --exclude '*.tmp' --exclude cache/ --min-age 10m /srv/data backup/data
"""

_WAIT_LOCK = "--wait-lock"
#: How long a wait without end is.
_FOR_EVER = timedelta.max


class _Sync(Command):
    """The command, one of whose options may stand without its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the line; what follows ``--wait-lock`` is its value only if it is a duration."""
        words, before = list(args), ""
        valued = {name for one in self.get_params(ctx) if _takes_value(one) for name in one.opts}
        for place, word in enumerate(args):
            if word == "--":
                break
            is_option = word == _WAIT_LOCK and before not in valued
            if is_option and not _is_duration(words[place + 1 : place + 2]):
                words[place] = f"{_WAIT_LOCK}={_FOR_EVER.days - 1}d"
            before = words[place]
        return super().parse_args(ctx, words)


def _takes_value(parameter: click.Parameter) -> bool:
    return isinstance(parameter, click.Option) and not (parameter.is_flag or parameter.count)


def _is_duration(words: list[str]) -> bool:
    try:
        return bool(words) and parse_duration(words[0]) is not None
    except errors.BadUsage:
        return False


@click.command("sync", cls=_Sync, examples=_EXAMPLES, codes="0 1 2 3 10 12 13 14 15 16 17 75 130")
@click.argument("directory", metavar="DIR", type=PATH, help="The directory.")
@click.argument("target", metavar="VAULT[/PREFIX]", type=REF, help=options.TARGET)
@options.include
@options.exclude
@options.exclude_from
@options.follow_symlinks
@click.option(
    "--min-age",
    metavar="DURATION",
    type=DURATION,
    help="Leave out files that changed within that time, such as 10m.",
)
@click.option(
    "--compare",
    type=click.Choice(["mtime", "size", "hash"]),
    default="mtime",
    help="How a change is found: size and time (then hash), size alone, or hash always.",
)
@click.option("--delete", is_flag=True, help="Delete archives whose file is gone, or was replaced.")
@click.option(
    "--delete-after",
    metavar="DURATION",
    type=DURATION,
    help="Delete archives once their file has been gone for so long, such as 30d.",
)
@click.option(
    "--keep-versions",
    metavar="N",
    type=click.IntRange(1),
    help="How many versions of a file stay; 1 with --delete, else all.",
)
@click.option(
    "--max-delete", metavar="N|N%", help="Delete nothing if more files are gone than that."
)
@click.option(
    "--allow-empty-source", is_flag=True, help="Go on though the directory holds nothing."
)
@options.part_size
@options.jobs
@options.limit_rate
@click.option(
    _WAIT_LOCK, metavar="[DURATION]", type=DURATION, help="Wait for another sync of the vault."
)
@options.yes
@options.dry_run
@pass_app
def command(app: App, directory: str, target: Ref, **given: Any) -> int:
    """Make a vault hold what a directory holds.

    New and changed files are stored; an unchanged file is not even read, and a renamed one gets
    its new name in the key map.  Nothing is deleted unless that is asked for.  Patterns, also
    those in files named .glacierignore, are written as in a .gitignore file.
    """
    from glaciercli.operations import sync
    from glaciercli.render.views import syncs

    context = app.context(target, jobs=given["jobs"], limit_rate=given["limit_rate"])
    vault = sync.vault_named(context, target.vault)
    request = _request(directory, target, given)
    if given["dry_run"]:
        return app.show(sync.plan(context, vault, request), syncs)
    with sync.alone(context, vault, wait=given["wait_lock"]):
        planned = sync.plan(context, vault, request)
        if planned.deletes:
            app.confirm(planned, syncs, question="Do it?", assume_yes=given["yes"])
        report = sync.run(context, vault, request, planned)
    return app.report(report, syncs, summary=syncs.summary)


def _request(directory: str, target: Ref, given: dict[str, Any]) -> "SyncRequest":
    from glaciercli.core.filters import PatternRules
    from glaciercli.core.sync_plan import Compare, Retention, parse_limit
    from glaciercli.operations.selection import prefix_of
    from glaciercli.operations.sync_request import SyncRequest
    from glaciercli.transfer.tree import patterns_in

    return SyncRequest(
        directory=directory,
        vault=target.vault,
        prefix=prefix_of(target),
        compare=Compare[given["compare"].upper()],
        part_bytes=given["part_size"],
        retention=Retention(
            delete=given["delete"],
            delete_after=given["delete_after"],
            keep_versions=given["keep_versions"],
        ),
        limit=None if given["max_delete"] is None else parse_limit(given["max_delete"]),
        rules=PatternRules(
            include=given["include"],
            exclude=given["exclude"],
            exclude_from=[line for path in given["exclude_from"] for line in patterns_in(path)],
        ),
        follow_symlinks=given["follow_symlinks"],
        min_age=given["min_age"],
        allow_empty_source=given["allow_empty_source"],
    )
