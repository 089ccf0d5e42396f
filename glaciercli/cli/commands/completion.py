"""``glaciercli completion``."""

import click
from click.shell_completion import get_completion_class

from glaciercli.cli.framework import Command

_EXAMPLES = """
glaciercli completion bash > ~/.local/share/bash-completion/completions/glaciercli
glaciercli completion fish > ~/.config/fish/completions/glaciercli.fish
"""

SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command("completion", cls=Command, examples=_EXAMPLES, codes="0 2")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    Commands, options, vaults and names are completed, from the key map and never the network.
    """
    found = get_completion_class(shell)
    assert found is not None
    root = context.find_root()
    script = found(root.command, {}, "glaciercli", "_GLACIERCLI_COMPLETE")
    click.echo(script.source())
