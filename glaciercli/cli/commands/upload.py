"""``glaciercli upload``."""

from typing import Any

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import REF, SOURCE
from glaciercli.core.refs import Ref

_EXAMPLES = """
glaciercli upload holiday.tar photos
glaciercli upload ~/Pictures photos/2024
tar c /etc | glaciercli upload - configs --name etc.tar
"""


@click.command(
    "upload", cls=Command, examples=_EXAMPLES, codes="0 1 2 3 10 12 13 14 15 16 17 75 130 143"
)
@click.argument(
    "sources",
    metavar="FILE...",
    type=SOURCE,
    nargs=-1,
    required=True,
    help="The files and directories; - is standard input, and needs --name.",
)
@click.argument("target", metavar="VAULT[/PREFIX]", type=REF, help=options.TARGET)
@click.option("--name", metavar="NAME", help="The name of the archive, for a single file.")
@click.option(
    "--description",
    metavar="TEXT",
    help="Store this text as the description, and leave the name to the key map alone.",
)
@options.part_size
@options.jobs
@options.limit_rate
@click.option(
    "--force", is_flag=True, help="Store again though the name already holds the same content."
)
@options.dry_run
@pass_app
def command(app: App, sources: tuple[str, ...], target: Ref, **given: Any) -> int:
    """Store files, directories or standard input.

    A file is named by its base name, the files of a directory by their paths below it, with
    PREFIX before both.  A file of - is standard input.  An interrupted upload is continued by
    the same line; no finished part is sent twice.
    """
    from glaciercli.core.description import verbatim
    from glaciercli.operations import small_files, upload
    from glaciercli.operations.selection import prefix_of
    from glaciercli.operations.upload_flow import UploadOptions
    from glaciercli.render.views import uploads

    text = given["description"]
    request = upload.UploadRequest(
        sources=sources,
        vault=target.vault,
        prefix=prefix_of(target),
        name=given["name"],
        options=UploadOptions(
            part_bytes=given["part_size"],
            description=None if text is None else verbatim(text),
            force=given["force"],
        ),
    )
    app.use_store_of((target,))
    planned = upload.plan(request, app.own)
    small_files.warn(app.reporter, app.billing, app.store.region, planned.small)
    if given["dry_run"]:
        return app.show(planned, uploads)
    context = app.context(target, jobs=given["jobs"], limit_rate=given["limit_rate"])
    return app.report(upload.run(context, request, planned, stdin=app.stdin), uploads)
