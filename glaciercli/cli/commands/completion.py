"""``glaciercli completion``."""

import click

from glaciercli.cli.framework import Command

_EXAMPLES = """
glaciercli completion bash --install
glaciercli completion --install
glaciercli completion fish > ~/.config/fish/completions/glaciercli.fish
"""

SHELLS = ("bash", "zsh", "fish", "powershell")


@click.command("completion", cls=Command, examples=_EXAMPLES, codes="0 1 2")
@click.argument(
    "shell",
    type=click.Choice(SHELLS),
    required=False,
    help="The shell; by default the one that SHELL names.",
)
@click.option("--install", is_flag=True, help="Write it where the shell looks for it.")
def command(shell: str | None, install: bool) -> None:
    """Print the completion script of a shell, or install it for this user.

    Commands, options, stores, vaults, names and jobs are completed, from the key map and never the
    network.  Without a name it is the script of the shell that SHELL names.  --install replaces
    an older script and leaves the shell's own configuration alone.
    """
    from glaciercli.cli.completion import places, scripts
    from glaciercli.config.environment import process_environment

    environment = process_environment()
    chosen = shell or places.shell_of(environment)
    if not install:
        click.echo(scripts.script(chosen))
        return
    place = places.place_of(chosen, environment)
    scripts.install(chosen, place.path)
    click.echo(f"written {place.path}")
    if place.advice:
        click.echo(place.advice, err=True)
