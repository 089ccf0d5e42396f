"""``glaciercli config``."""

import click

from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group


@click.group("config", cls=Group)
def command() -> None:
    """Show the settings and where they come from, and begin a configuration."""


@command.command(
    "show",
    examples="glaciercli config show\nglaciercli config show --store lab -o json",
    codes="0 1 2",
)
@pass_app
def show(app: App) -> int:
    """Show every setting that counts, and where its value comes from.

    The command line comes before the environment, and that before the configuration.
    """
    from glaciercli.operations import configuration
    from glaciercli.render.views import configured

    app.check_defaults()
    return app.show(configuration.show(app.settings), configured)


@command.command(
    "path",
    examples='glaciercli config path\ncp "$(glaciercli config path)" config.bak',
    codes="0 1 2",
)
@pass_app
def path(app: App) -> int:
    """Print where the configuration is, or would be."""
    from glaciercli.render.views import plain

    place = app.set_configuration_aside()
    rows = plain.Rows(heading="config", rows=[{"path": place}], text="{path}")
    return app.show(rows, plain)


@command.command(
    "init",
    examples="glaciercli config init\nglaciercli config init --config ./glaciercli.toml",
    codes="0 1 2",
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
@pass_app
def init(app: App, overwrite: bool) -> int:
    """Write a configuration to begin with: every setting explained, none in use yet."""
    from glaciercli.operations import configuration
    from glaciercli.render.views import configured

    place = app.set_configuration_aside()
    return app.report(configuration.write(place, overwrite=overwrite), configured)
