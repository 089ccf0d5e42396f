"""``glaciercli demo``."""

import click

from glaciercli.cli.framework import Command

_EXAMPLES = """
glaciercli demo
glaciercli demo ~/Documents
"""


@click.command("demo", cls=Command, examples=_EXAMPLES, codes="0 1 2 130 143")
@click.argument(
    "paths",
    metavar="[PATH]...",
    nargs=-1,
    type=click.Path(exists=True),
    help="The files and directories to show it with; by default some that every Python has.",
)
def command(paths: tuple[str, ...]) -> int:
    """Show the main job on the embedded service, with real files.

    Stores a tree, throws the key map away, rebuilds it from the vault's inventory alone, brings
    everything back and compares every byte.  Needs no account, and leaves nothing behind.
    """
    from glaciercli.cli import demonstration
    from glaciercli.cli.signals import stop_as_on_interrupt

    stop_as_on_interrupt()
    return demonstration.run(paths, say=click.echo)
