"""The embedded service over HTTP, from its options to its end."""

import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from glaciercli import errors
from glaciercli.core.durations import parse_duration
from glaciercli.model.jobs import Tier
from glaciercli.ports import Clock
from glaciercli.server.application import GlacierApplication
from glaciercli.server.http.front import HttpFront
from glaciercli.server.locks import serving
from glaciercli.server.notices import receivers
from glaciercli.server.notices.delivery import NoticeDelivery
from glaciercli.server.notices.outbox import Outbox
from glaciercli.server.notices.receivers import Receiver
from glaciercli.server.settings import ServiceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeRequest:
    """What the command asks for."""

    host: str
    port: int
    data: str
    anonymous: bool
    delays: Sequence[str]
    inventory_interval: timedelta | None
    realistic: bool
    notify_to: str | None
    expedited_needs_capacity: bool
    late_failures: bool
    closed_to_new_customers: bool
    request_rate: float | None


def serve(request: ServeRequest, *, clock: Clock, say: Callable[..., None]) -> None:
    """Serve until a signal ends it; requests under way finish first."""
    data = Path(request.data)
    receiver = receivers.receiver(request.notify_to) if request.notify_to else None
    with (
        serving(data),
        GlacierApplication.open(data, clock=clock, settings=settings_of(request)) as application,
        HttpFront(application, host=request.host, port=request.port) as front,
        _delivery(application, receiver),
    ):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: front.stop())
        say(front.url)
        for line in _instructions(application, front.url, anonymous=request.anonymous):
            say(line, err=True)
        front.wait()


def _delivery(
    application: GlacierApplication, receiver: Receiver | None
) -> AbstractContextManager[object]:
    if receiver is None:
        return nullcontext()
    account = application.credentials.account_id
    return NoticeDelivery(Outbox(application.service, account, receiver))


def settings_of(request: ServeRequest) -> ServiceSettings:
    """Return the behaviour that the options describe."""
    settings = ServiceSettings.realistic() if request.realistic else ServiceSettings()
    changes: dict[str, Any] = {
        "verify_signatures": not request.anonymous,
        "on_demand_expedited": not request.expedited_needs_capacity,
        "accept_deleted_archives": request.late_failures,
        "closed_to_new_customers": request.closed_to_new_customers,
        "request_rate": request.request_rate,
    }
    for text in request.delays:
        tier, equals, duration = text.rpartition("=")
        for one in [_tier(tier)] if equals else Tier:
            changes[f"{one.value.lower()}_delay"] = parse_duration(duration)
    if request.inventory_interval is not None:
        changes["inventory_interval"] = request.inventory_interval
    return replace(settings, **changes)


def _tier(text: str) -> Tier:
    for tier in Tier:
        if tier.value.lower() == text.lower():
            return tier
    names = ", ".join(tier.value.lower() for tier in Tier)
    raise errors.BadUsage(f'"{text}" is no tier', hint=f"the tiers are {names}")


def _instructions(application: GlacierApplication, url: str, *, anonymous: bool) -> Sequence[str]:
    if anonymous:
        return (f"any signature is accepted; try: glaciercli --endpoint-url {url} vault list",)
    account = application.credentials
    return (
        "to use it from another shell:",
        f"  export AWS_ACCESS_KEY_ID={account.access_key_id}",
        f"  export AWS_SECRET_ACCESS_KEY={account.secret_access_key}",
        "  export AWS_REGION=us-east-1",
        f"  glaciercli --endpoint-url {url} vault list",
    )
