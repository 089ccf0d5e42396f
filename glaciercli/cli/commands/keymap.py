"""``glaciercli keymap``."""

import click

from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group


@click.group("keymap", cls=Group)
def command() -> None:
    """Care for the key map."""


@command.command("path", examples="glaciercli keymap path", codes="0 2")
@pass_app
def path(app: App) -> int:
    """Print where the key map is, or would be."""
    from glaciercli.render.views import plain

    rows = plain.Rows(heading="key_map", rows=[{"path": app.settings.key_map}], text="{path}")
    return app.show(rows, plain)
