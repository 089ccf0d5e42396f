"""What every test may rely on."""

import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from hypothesis import HealthCheck, settings

from glaciercli.server.application import GlacierApplication
from glaciercli.server.settings import ServiceSettings
from tests.fakes import MovedClock

# A shell starts what runs in its background with Ctrl-C ignored, nohup ignores a lost terminal,
# and every child inherits that. The tests send these signals, so they listen, and what they start
# listens too.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# How busy a machine is says nothing about the program.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """A session for all clients of tests: to read botocore's models takes a tenth of a second."""
    made = boto3.Session(aws_access_key_id="unused", aws_secret_access_key="unused")  # noqa: S106
    # What it reads once it reads now, and not in the home of whichever test comes first.
    made.client("glacier", region_name="us-east-1").close()
    return made


@pytest.fixture(scope="session")
def lay_out(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Give the embedded service a data directory, unless it has one already.

    It is a copy of one that the service made: to make one is a dozen syncs, and thousands of
    tests need one.
    """
    made = tmp_path_factory.mktemp("service") / "data"
    clock = MovedClock(datetime(2026, 1, 1, tzinfo=UTC))
    GlacierApplication.open(made, clock=clock, settings=ServiceSettings()).close()

    def lay_out_at(place: Path) -> None:
        if not place.exists():
            shutil.copytree(made, place)

    return lay_out_at
