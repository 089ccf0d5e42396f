"""The embedded service over HTTP, from its options to its end."""

import signal
from collections.abc import Callable, Sequence
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


def serve(request: ServeRequest, *, clock: Clock, say: Callable[..., None]) -> None:
    """Serve until a signal ends it; requests under way finish first."""
    data = Path(request.data)
    with (
        serving(data),
        GlacierApplication.open(data, clock=clock, settings=settings_of(request)) as application,
        HttpFront(application, host=request.host, port=request.port) as front,
    ):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: front.stop())
        say(front.url)
        for line in _instructions(application, front.url, anonymous=request.anonymous):
            say(line, err=True)
        front.wait()


def settings_of(request: ServeRequest) -> ServiceSettings:
    """Return the behaviour that the options describe."""
    settings = ServiceSettings.realistic() if request.realistic else ServiceSettings()
    changes: dict[str, Any] = {"verify_signatures": not request.anonymous}
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
