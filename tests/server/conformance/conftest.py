"""The service over HTTP, and a client that writes its own requests."""

from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from glaciercli.server.settings import ServiceSettings
from tests.server.conformance.signing import Signer
from tests.server.conformance.steps import VAULT
from tests.server.conformance.wire import Wire
from tests.server.conftest import SETTINGS, Bench, OpenBench


@pytest.fixture
def settings() -> ServiceSettings:
    """How the service behaves; a module with other wishes has a fixture of this name."""
    return SETTINGS


@pytest.fixture
def bench(open_bench: OpenBench, settings: ServiceSettings) -> Bench:
    return open_bench(settings, over_http=True)


@pytest.fixture
def wire(bench: Bench) -> Iterator[Wire]:
    parts = urlsplit(bench.url)
    known = bench.application.credentials
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=20)) as connection:
        yield Wire(
            connection=connection,
            signer=Signer(access_key_id=known.access_key_id, secret=known.secret_access_key),
            clock=bench.clock,
        )


@pytest.fixture
def vault(wire: Wire) -> str:
    wire.ask("PUT", VAULT).ok(201)
    return VAULT
