"""``glaciercli doctor``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.core.refs import Ref

_EXAMPLES = """
glaciercli doctor
glaciercli doctor photos -o json
"""


@click.command("doctor", cls=Command, examples=_EXAMPLES, codes="0 1 2 16")
@options.vaults
@pass_app
def command(app: App, vaults: tuple[Ref, ...]) -> int:
    """Look everything over, and say what to do.

    The key map, the disk, the credentials and who they are, the endpoint, the region, the clock,
    which operations are allowed, and for each vault its inventory, abandoned uploads, jobs about to
    expire and a lock in progress.  Nothing is changed: an operation is tried on what does not
    exist, or not at all.  It ends with 1 where something does not work.
    """
    from glaciercli.operations import doctor
    from glaciercli.render.views import doctor as view

    app.use_store_of(vaults)
    found = doctor.run(
        app.settings.key_map,
        lambda: app.context(*vaults),
        app.reporter,
        vaults=[one.vault for one in vaults],
    )
    return app.show(found, view)
