"""``glaciercli cost``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import REF
from glaciercli.core.refs import Ref

_EXAMPLES = """
glaciercli cost photos
glaciercli cost 'photos/2024/**'
glaciercli cost photos/holiday.tar -o json
"""


@click.command("cost", cls=Command, examples=_EXAMPLES, codes="0 1 2 10 11 16")
@click.argument("ref", metavar="REF", type=REF, help=options.ARCHIVES)
@options.all_versions
@pass_app
def command(app: App, ref: Ref, all_versions: bool) -> int:
    """Show what archives cost to store, retrieve and delete.

    A month of storage, retrieving in each tier with the transfer to the internet, and the fee for
    deleting now what is younger than 90 days.  Each price is shown with its date and where it was
    read; prices of your own go into the configuration.  Asks no network.
    """
    from glaciercli.operations import cost
    from glaciercli.render.views import cost as view

    app.use_store_of((ref,))
    found = cost.cost(
        app.reader, app.store, app.billing, ref, all_versions=all_versions, now=app.clock.now()
    )
    return app.show(found, view)
