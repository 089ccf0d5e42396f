"""The contract of ``ArchiveService`` against the embedded service, over HTTP and in process."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from glaciercli.server.application import GlacierApplication
from glaciercli.server.http.front import HttpFront
from glaciercli.server.settings import ServiceSettings
from glaciercli.service import session
from glaciercli.service.glacier import GlacierService
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy
from tests.fakes import MovedClock
from tests.service.contract import ArchiveServiceContract, Store
from tests.service.settings_contract import SettingsServiceContract

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

#: The clock of the tests stands still, and botocore signs with the real time.
SETTINGS = ServiceSettings(clock_skew=None, bulk_delay=timedelta(hours=5))


def opened(stack: ExitStack, factory: pytest.TempPathFactory, *, over_http: bool) -> Store:
    clock = MovedClock(START)
    application = stack.enter_context(
        GlacierApplication.open(factory.mktemp("data"), clock=clock, settings=SETTINGS)
    )
    account = application.credentials
    url = stack.enter_context(HttpFront(application)).url if over_http else "http://local.invalid"
    endpoint = session.Endpoint(
        region="us-east-1",
        url=url,
        access_key=account.access_key_id,
        secret_key=account.secret_access_key,
    )
    client = (
        session.connect(endpoint)
        if over_http
        else session.connect_in_process(application, endpoint)
    )
    stack.callback(client.close)
    retrier = Retrier(
        clock,
        policy=RetryPolicy(),
        turns=Turns(8, clock),
        random=lambda: 0.5,
        heard=lambda *_: None,
    )
    return Store(service=GlacierService(client, retrier, Pace(clock)), clock=clock)


@pytest.fixture(scope="module")
def http_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with ExitStack() as stack:
        yield opened(stack, tmp_path_factory, over_http=True)


@pytest.fixture(scope="module")
def local_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with ExitStack() as stack:
        yield opened(stack, tmp_path_factory, over_http=False)


class TestOverHttp(ArchiveServiceContract, SettingsServiceContract):
    @pytest.fixture
    def store(self, http_store: Store) -> Store:
        return http_store


class TestInProcess(ArchiveServiceContract, SettingsServiceContract):
    @pytest.fixture
    def store(self, local_store: Store) -> Store:
        return local_store
