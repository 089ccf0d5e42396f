"""``glaciercli treehash``."""

import click

from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import PATH

_EXAMPLES = """
glaciercli treehash holiday.tar
glaciercli treehash *.tar -o json
"""


@click.command("treehash", cls=Command, examples=_EXAMPLES, codes="0 1 2 3")
@click.argument("files", metavar="FILE...", type=PATH, nargs=-1, required=True, help="The files.")
@pass_app
def command(app: App, files: tuple[str, ...]) -> int:
    """Print the tree hash of files.

    It is the hash by which Glacier itself knows what it stores.
    """
    from glaciercli.operations import hashes
    from glaciercli.render.views import hashes as view

    return app.show(hashes.of_files(files), view)
