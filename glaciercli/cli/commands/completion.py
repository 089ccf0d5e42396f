"""``glaciercli completion``."""

import click

from glaciercli.cli.framework import Command

_EXAMPLES = """
glaciercli completion bash > ~/.local/share/bash-completion/completions/glaciercli
glaciercli completion fish > ~/.config/fish/completions/glaciercli.fish
"""

SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command("completion", cls=Command, examples=_EXAMPLES, codes="0 2")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    Commands, options, vaults and names are completed, from the key map and never the network.
    """
    from glaciercli.cli import shells

    click.echo(shells.script(shell))
