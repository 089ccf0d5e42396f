"""Options that several commands share, each a named decorator."""

import click

from glaciercli.cli.params import PATH, RATE, SIZE

dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")

yes = click.option("--yes", is_flag=True, help="Do not ask.")

jobs = click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="How many requests run at once."
)

limit_rate = click.option(
    "--limit-rate",
    type=RATE,
    metavar="SIZE",
    help="How much may be moved in a second, by all requests together.",
)

part_size = click.option(
    "--part-size",
    type=SIZE,
    metavar="SIZE",
    help="The size of a part, a power of two MiB; by default as small as the file allows.",
)

all_versions = click.option(
    "--all-versions", is_flag=True, help="Every version of a name, not the newest alone."
)

wait = click.option("--wait", is_flag=True, help="Wait until it is ready.")

no_pager = click.option("--no-pager", is_flag=True, help="Never show long text in a pager.")

confirm = click.option(
    "--confirm", "confirmed", metavar="VAULT", help="The vault's name again: that it is meant."
)

preset = click.option(
    "--preset",
    "presets",
    multiple=True,
    metavar="NAME[=VALUE]",
    help="A ready-made rule; may be repeated.",
)

include = click.option(
    "--include", metavar="PATTERN", multiple=True, help="Take only what matches one."
)

exclude = click.option(
    "--exclude", metavar="PATTERN", multiple=True, help="Leave out what matches."
)

exclude_from = click.option(
    "--exclude-from",
    metavar="FILE",
    multiple=True,
    type=PATH,
    help="Patterns to exclude, a line each.",
)

follow_symlinks = click.option(
    "--follow-symlinks", is_flag=True, help="Take what symbolic links lead to."
)
