"""``glaciercli rename``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import REF
from glaciercli.core.refs import Ref

_EXAMPLES = """
glaciercli rename photos/img1.jpg beach.jpg
glaciercli rename photos/id:ab12cd 2009/wedding.tar
"""


@click.command("rename", cls=Command, examples=_EXAMPLES, codes="0 1 2 10 11 14 16")
@click.argument(
    "ref",
    metavar="REF",
    type=REF,
    help="The archive: VAULT/NAME, or VAULT/id: with the start of its ID.",
)
@click.argument("name", metavar="NAME", help="Its new name in the same vault.")
@options.dry_run
@pass_app
def command(app: App, ref: Ref, name: str, dry_run: bool) -> int:
    """Give an archive another name.

    The archive itself is untouched: the service cannot rename, so the name lives in the key map.
    """
    from glaciercli.operations import rename
    from glaciercli.render.views import rename as view

    return app.report(rename.rename(app.context(ref), ref, name, dry_run=dry_run), view)
