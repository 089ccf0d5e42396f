"""The service under test, with one boto3 client over HTTP and one without any transport."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from mypy_boto3_glacier import GlacierClient

from glaciercli.server.application import GlacierApplication
from glaciercli.server.http.front import HttpFront
from glaciercli.server.settings import ServiceSettings
from glaciercli.service.in_process import answer_in_process
from tests.fakes import MovedClock

START = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

# The clock of the tests stands still, and botocore signs with the real time.
SETTINGS = ServiceSettings(clock_skew=None)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A running service, its clock, and ways to talk to it."""

    application: GlacierApplication
    clock: MovedClock
    data_dir: Path
    url: str
    connect: Callable[..., GlacierClient]

    @property
    def client(self) -> GlacierClient:
        return self.connect()


OpenBench = Callable[..., Bench]


@pytest.fixture(autouse=True)
def _no_machine_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(START)


def _connector(
    stack: ExitStack, session: boto3.Session, application: GlacierApplication, url: str
) -> Callable[..., GlacierClient]:
    made: dict[str, GlacierClient] = {}

    def connect(region: str = "us-east-1", *, in_process: bool = not url) -> GlacierClient:
        if region not in made:
            client = session.client(
                "glacier",
                region_name=region,
                endpoint_url=url or "http://glacier.test",
                aws_access_key_id=application.credentials.access_key_id,
                aws_secret_access_key=application.credentials.secret_access_key,
                config=Config(retries={"total_max_attempts": 1}),
            )
            stack.callback(client.close)
            if in_process:
                answer_in_process(client, application)
            made[region] = client
        return made[region]

    return connect


@pytest.fixture
def open_bench(
    session: boto3.Session,
    clock: MovedClock,
    tmp_path: Path,
    lay_out: Callable[[Path], None],
) -> Iterator[OpenBench]:
    with ExitStack() as stack:

        def open_it(settings: ServiceSettings = SETTINGS, *, over_http: bool = False) -> Bench:
            data_dir = tmp_path / "data"
            lay_out(data_dir)
            application = stack.enter_context(
                GlacierApplication.open(data_dir, clock=clock, settings=settings)
            )
            url = stack.enter_context(HttpFront(application)).url if over_http else ""
            return Bench(
                application=application,
                clock=clock,
                data_dir=data_dir,
                url=url,
                connect=_connector(stack, session, application, url),
            )

        yield open_it


@pytest.fixture(params=["http", "in process"])
def bench(request: pytest.FixtureRequest, open_bench: OpenBench) -> Bench:
    return open_bench(over_http=request.param == "http")


@pytest.fixture
def client(bench: Bench) -> GlacierClient:
    return bench.client


@pytest.fixture
def http(open_bench: OpenBench) -> Bench:
    return open_bench(over_http=True)
