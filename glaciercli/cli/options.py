"""Options that several commands share, each a named decorator."""

import click

from glaciercli.cli.params import PATH, RATE, SIZE, VAULT
from glaciercli.model.jobs import Tier

#: What the help says of arguments that several commands take.
VAULT_HELP = "The vault; STORE:VAULT for one in another store."
NAMES = (
    "NAME may be a glob, quoted for the shell, id: and the start of an archive ID, or name: and a "
    "name as it is."
)
ARCHIVES = f"VAULT for all of it, or VAULT/NAME.  {NAMES}"
TARGET = "The vault, and what the names of all archives begin with."
POLICY = "The policy as JSON; - is standard input."

vault = click.argument("vault", metavar="VAULT", type=VAULT, help=VAULT_HELP)

vaults = click.argument(
    "vaults",
    metavar="[VAULT]...",
    type=VAULT,
    nargs=-1,
    help="The vaults; all of them where none is named.",
)

dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")

yes = click.option("--yes", is_flag=True, help="Say yes to what would be asked.")

jobs = click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many requests run at once; 8 by default.",
)

readers = click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many files are read, or requests run, at once; 8 by default.",
)

tier = click.option(
    "--tier",
    type=click.Choice([tier.value.lower() for tier in Tier]),
    default="standard",
    show_default=True,
    help="How fast, and how dear: minutes, hours, or half a day.",
)

limit_rate = click.option(
    "--limit-rate",
    type=RATE,
    metavar="SIZE",
    help="How much may be moved in a second, by all requests together, such as 2MiB.",
)

part_size = click.option(
    "--part-size",
    type=SIZE,
    metavar="SIZE",
    help="The size of a part: 1MiB, 2MiB, 4MiB and so on; by default as small as the file allows.",
)

all_versions = click.option(
    "--all-versions", is_flag=True, help="Every version of a name, not the newest alone."
)

wait = click.option("--wait", is_flag=True, help="Wait for the service, which may take hours.")

no_pager = click.option("--no-pager", is_flag=True, help="Never show long text in a pager.")

confirm = click.option(
    "--confirm", "confirmed", metavar="VAULT", help="The vault's name again: that it is meant."
)

preset = click.option(
    "--preset",
    "presets",
    multiple=True,
    metavar="NAME[=VALUE]",
    help="A ready-made rule, in the place of FILE; may be repeated.",
)

include = click.option(
    "--include",
    metavar="PATTERN",
    multiple=True,
    help="Take only files that match; may be repeated.",
)

exclude = click.option(
    "--exclude",
    metavar="PATTERN",
    multiple=True,
    help="Leave out files that match; may be repeated.",
)

exclude_from = click.option(
    "--exclude-from",
    metavar="FILE",
    multiple=True,
    type=PATH,
    help="Leave out files that match a line of FILE; may be repeated.",
)

follow_symlinks = click.option(
    "--follow-symlinks",
    is_flag=True,
    help="Take what symbolic links lead to in their place.",
)
