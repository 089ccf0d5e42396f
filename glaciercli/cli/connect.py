"""From a store's settings to its service: the only place that joins client and server."""

import random
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from glaciercli import errors
from glaciercli.config.settings import StoreSettings
from glaciercli.ports import ArchiveService, Clock
from glaciercli.reporting import Detail, Reporter
from glaciercli.service import session
from glaciercli.service.glacier import GlacierService
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient


#: A connection that the service has closed meanwhile is still counted for a moment.
_SPARE_CONNECTIONS = 2

#: How long a failing call is repeated where the service is in the same process.
_LOCAL_BUDGET_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast a run may go."""

    #: How many requests may be under way at once.
    jobs: int
    #: How many bytes may be moved in a second; ``None`` is no limit.
    bytes_per_s: int | None = None


def connect(
    store: StoreSettings,
    *,
    clock: Clock,
    speed: Speed,
    reporter: Reporter,
    closing: ExitStack,
) -> ArchiveService:
    """Return the service of a store; ``closing`` ends what has to be ended."""
    policy = RetryPolicy()
    if store.kind == "local":
        client = _local(store, clock=clock, closing=closing)
        # There is no line that may get better.
        policy = RetryPolicy(budget_s=_LOCAL_BUDGET_S)
    else:
        client = session.connect(
            session.Endpoint(
                region=store.region,
                profile=store.profile,
                url=store.endpoint_url,
                account=store.account,
                connections=speed.jobs + _SPARE_CONNECTIONS,
            )
        )

    def heard(failure: errors.TransientFailure, pause: float) -> None:
        reporter.report(Detail(message=f"{failure.message}; again in {pause:.1f} s"))

    retrier = Retrier(
        clock,
        policy=policy,
        turns=Turns(speed.jobs, clock),
        random=random.random,
        heard=heard,
    )
    return GlacierService(client, retrier, Pace(clock, bytes_per_s=speed.bytes_per_s))


def _local(store: StoreSettings, *, clock: Clock, closing: ExitStack) -> "GlacierClient":
    from glaciercli.server.application import GlacierApplication
    from glaciercli.server.settings import ServiceSettings

    assert store.data is not None
    application = closing.enter_context(
        GlacierApplication.open(Path(store.data), clock=clock, settings=ServiceSettings())
    )
    account = application.credentials
    return session.connect_in_process(
        application,
        session.Endpoint(
            region=store.region,
            url="http://local.invalid",
            access_key=account.access_key_id,
            secret_key=account.secret_access_key,
        ),
    )
