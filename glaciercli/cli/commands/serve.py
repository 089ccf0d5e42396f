"""``glaciercli serve``."""

import os
from typing import Any

import click

from glaciercli.cli.app import App, pass_app
from glaciercli.cli.framework import Command
from glaciercli.cli.params import DURATION, PATH

_EXAMPLES = """
glaciercli serve
glaciercli serve --port 0 --data /srv/glacier
glaciercli serve --anonymous --retrieval-delay 10s --retrieval-delay bulk=1m
glaciercli serve --notify-to http://127.0.0.1:9000/done
glaciercli serve --access-log /var/log/glaciercli/access.log
glaciercli serve --fault faults.toml --clock ahead
glaciercli serve --check
"""


@click.command("serve", cls=Command, examples=_EXAMPLES, codes="0 1 2 12 15 130")
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=8010,
    show_default=True,
    help="The port to listen on; 0 picks a free one.",
)
@click.option(
    "--data",
    metavar="DIR",
    type=PATH,
    help="Where the archives are kept; the local store's place by default.",
)
@click.option("--anonymous", is_flag=True, help="Accept any signature.")
@click.option(
    "--retrieval-delay",
    "delays",
    metavar="[TIER=]DURATION",
    multiple=True,
    help="How long a retrieval takes, such as 10s or bulk=1m; may be repeated.",
)
@click.option(
    "--inventory-delay",
    type=DURATION,
    metavar="DURATION",
    help="How long an inventory job takes, such as 10s.",
)
@click.option(
    "--inventory-interval",
    type=DURATION,
    metavar="DURATION",
    help="How often an inventory is made; by default after every change.",
)
@click.option("--realistic", is_flag=True, help="Take as long as the real service does.")
@click.option(
    "--notify-to",
    type=PATH,
    metavar="URL|FILE",
    help="Where the notifications of vaults and jobs go.",
)
@click.option(
    "--expedited-needs-capacity",
    is_flag=True,
    help="Refuse Expedited retrievals without provisioned capacity.",
)
@click.option(
    "--late-failures",
    is_flag=True,
    help="Accept a retrieval of a deleted archive, and let the job fail.",
)
@click.option(
    "--closed-to-new-customers", is_flag=True, help="Turn an account away that has no vault."
)
@click.option(
    "--request-rate",
    type=click.FloatRange(0, min_open=True),
    metavar="N",
    help="How many requests a second are let in.",
)
@click.option(
    "--access-log",
    type=PATH,
    metavar="FILE",
    help="Append a line for each request; - means standard error.",
)
@click.option(
    "--fault",
    type=PATH,
    metavar="PLAN",
    help="Have the faults of a plan in TOML, for tests of clients.",
)
@click.option(
    "--clock",
    type=PATH,
    metavar="FILE",
    help="Be ahead of the time by the duration in a file, read again and again.",
)
@click.option("--check", is_flag=True, help="Read all content, say what is damaged, and end.")
@pass_app
def command(app: App, **given: Any) -> int:
    """Run the embedded Glacier service over HTTP.

    Speaks the protocol of Amazon Glacier for boto3, the AWS CLI and other clients.  The first
    line on standard output is its URL.  The credentials it accepts are made on the first start
    and kept in the data directory.  SIGTERM and Ctrl-C let requests under way finish, a second
    Ctrl-C does not; SIGHUP opens the access log anew.
    """
    from glaciercli.cli import serving

    serving.serve(
        serving.ServeRequest(
            host=given["host"],
            port=given["port"],
            data=given["data"] or os.path.join(app.data_directory, "local-store"),
            anonymous=given["anonymous"],
            delays=tuple(given["delays"]),
            inventory_delay=given["inventory_delay"],
            inventory_interval=given["inventory_interval"],
            realistic=given["realistic"],
            notify_to=given["notify_to"],
            expedited_needs_capacity=given["expedited_needs_capacity"],
            late_failures=given["late_failures"],
            closed_to_new_customers=given["closed_to_new_customers"],
            request_rate=given["request_rate"],
            access_log=given["access_log"],
            fault=given["fault"],
            clock=given["clock"],
            check=given["check"],
        ),
        clock=app.clock,
        say=click.echo,
    )
    return 0
