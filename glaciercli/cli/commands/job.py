"""``glaciercli job``."""

import click

from glaciercli.cli import options
from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Group
from glaciercli.cli.params import JOB
from glaciercli.core.refs import Ref


@click.group("job", cls=Group)
def command() -> None:
    """Show what the service is preparing."""


@command.command(
    "list",
    examples="glaciercli job list\nglaciercli job list photos -o json",
    codes="0 1 2 10 13 16 17",
)
@options.vaults
@pass_app
def list_(app: App, vaults: tuple[Ref, ...]) -> int:
    """List the jobs of some vaults, or of all: what each is for, and when it expires."""
    from glaciercli.operations import jobs
    from glaciercli.render.views import jobs as view

    context = app.context(*vaults)
    return app.show(jobs.show_all(context, [one.vault for one in vaults]), view)


@command.command(
    "show",
    examples="glaciercli job show photos HkF9p6o7\n"
    "glaciercli job show photos HkF9p6o7 -o json | jq .jobs[0].expires_at",
    codes="0 1 2 10 13 16 17",
)
@options.vault
@click.argument("job_id", metavar="JOB", type=JOB, help="The ID of the job, or its start.")
@pass_app
def show(app: App, vault: Ref, job_id: str) -> int:
    """Show one job; the start of its ID will do."""
    from glaciercli.operations import jobs
    from glaciercli.render.views import jobs as view

    return app.show(jobs.show_one(app.context(vault), vault.vault, job_id), view)
