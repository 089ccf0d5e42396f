"""``glaciercli report``."""

import click

from glaciercli import errors
from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import PATH
from glaciercli.core.refs import Ref

_EXAMPLES = """
glaciercli report photos
glaciercli report photos --html photos.html
glaciercli report photos -o json
"""


@click.command("report", cls=Command, examples=_EXAMPLES, codes="0 1 2 10 13 16")
@options.vault
@click.option(
    "--html", metavar="FILE", type=PATH, help="Write it as a page too: one file, with charts."
)
@click.option("--overwrite", is_flag=True, help="Replace the file of --html.")
@pass_app
def command(app: App, vault: Ref, html: str | None, overwrite: bool) -> int:
    """Report what a vault holds, what it costs, and the way out of it.

    What is in it by folder, age and size; a month of storage here and in each Glacier storage
    class of S3; what moving costs once, and when it has paid for itself; and what stands in the
    way.  The figures are those of the key map; the service is asked about locks and policies.
    """
    from glaciercli.operations import page_files, report
    from glaciercli.render import report_page
    from glaciercli.render.views import report as view

    if html == "-":
        raise errors.BadUsage(
            "standard output is for the report itself", hint="--html takes the name of a file"
        )
    page_files.refuse_taken(html, app.own, overwrite=overwrite)
    found = report.report(app.context(vault), vault.vault)
    if html is not None:
        page_files.write(html, report_page.page(found), overwrite=overwrite)
    return app.show(found, view)
