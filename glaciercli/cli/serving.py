"""The embedded service over HTTP, from its options to its end."""

import ipaddress
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from glaciercli import errors
from glaciercli.core.durations import parse_duration
from glaciercli.model.jobs import Tier
from glaciercli.ports import Clock, WireApplication
from glaciercli.server import integrity
from glaciercli.server.application import GlacierApplication
from glaciercli.server.credentials import FILE_NAME
from glaciercli.server.faults.application import FaultyApplication
from glaciercli.server.faults.plan import Plan
from glaciercli.server.faults.reading import read_plan
from glaciercli.server.http.access_log import AccessLog, Exchange
from glaciercli.server.http.front import HttpFront
from glaciercli.server.http.limits import raise_open_files
from glaciercli.server.locks import serving
from glaciercli.server.moved_clock import MovedClock
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
    inventory_delay: timedelta | None
    inventory_interval: timedelta | None
    realistic: bool
    notify_to: str | None
    expedited_needs_capacity: bool
    late_failures: bool
    closed_to_new_customers: bool
    request_rate: float | None
    access_log: str | None
    fault: str | None
    clock: str | None
    check: bool


def serve(request: ServeRequest, *, clock: Clock, say: Callable[..., None]) -> None:
    """Serve until a signal ends it; requests under way finish first."""
    data = Path(request.data)
    plan = read_plan(request.fault) if request.fault else None
    own_clock = MovedClock(clock, request.clock) if request.clock else clock
    receiver = receivers.receiver(request.notify_to) if request.notify_to else None
    raise_open_files()
    # Only once: what is printed at every start ends up in the logs of whatever runs it.
    has_keys = (data / FILE_NAME).exists()
    with (
        serving(data),
        GlacierApplication.open(
            data, clock=own_clock, settings=settings_of(request)
        ) as application,
        _access_log(request, clock) as log,
    ):
        if request.check:
            _check(application, say)
            return
        integrity.look(application.service.catalogue, application.service.blobs)
        note = log.note if log else _ignore
        answering = _spoiled(application, plan, service_clock=own_clock, clock=clock)
        with (
            HttpFront(answering, host=request.host, port=request.port, note=note) as front,
            _delivery(application, receiver),
        ):
            _obey_signals(front, log)
            say(front.url)
            for line in _instructions(request, application, front.url, has_keys=has_keys):
                say(line, err=True)
            front.wait()


def _spoiled(
    application: GlacierApplication, plan: Plan | None, *, service_clock: Clock, clock: Clock
) -> WireApplication:
    """Return a service with the faults of a plan, if there is one."""
    if plan is None:
        return application
    return FaultyApplication(application, plan, clock=service_clock, sleeper=clock)


def _check(application: GlacierApplication, say: Callable[..., None]) -> None:
    """Say of each damaged file what is wrong, and raise if there is any."""
    damaged = 0
    for found in integrity.check(application.service.catalogue, application.service.blobs):
        damaged += 1
        say(f"{found.file} {found.reason}")
        for archive_id in found.archive_ids:
            say(f"  needed by archive {archive_id}")
    if damaged:
        raise errors.ChecksumMismatch(f"damaged content files: {damaged}")
    say("all content is as it was stored")


def _access_log(
    request: ServeRequest, clock: Clock
) -> AbstractContextManager[AccessLog] | AbstractContextManager[None]:
    return AccessLog(request.access_log, clock=clock) if request.access_log else nullcontext()


def _ignore(_: Exchange) -> None:
    """Write no access log."""


def _obey_signals(front: HttpFront, log: AccessLog | None) -> None:
    signal.signal(signal.SIGTERM, lambda *_: front.stop())
    signal.signal(signal.SIGINT, lambda *_: _stop_or_end(front))
    # Log rotation sends SIGHUP; without a log it means what it means to any program.
    reaction = log.reopen if log else front.stop
    if log or signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: reaction())
    front.wake_by_signals()


def _stop_or_end(front: HttpFront) -> None:
    # Ending at once loses nothing that was acknowledged, as a kill does not.
    signal.signal(signal.SIGINT, lambda *_: os._exit(errors.Interrupted.exit_code))
    front.stop()


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


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
    if request.clock:
        # The clients' clocks stay behind.
        changes["clock_skew"] = None
    for text in request.delays:
        tier, equals, duration = text.rpartition("=")
        for one in [_tier(tier)] if equals else Tier:
            changes[f"{one.value.lower()}_delay"] = parse_duration(duration)
    if request.inventory_delay is not None:
        changes["inventory_delay"] = request.inventory_delay
    if request.inventory_interval is not None:
        changes["inventory_interval"] = request.inventory_interval
    return replace(settings, **changes)


def _tier(text: str) -> Tier:
    for tier in Tier:
        if tier.value.lower() == text.lower():
            return tier
    names = ", ".join(tier.value.lower() for tier in Tier)
    raise errors.BadUsage(f'"{text}" is no tier', hint=f"the tiers are {names}")


def _instructions(
    request: ServeRequest, application: GlacierApplication, url: str, *, has_keys: bool
) -> Iterator[str]:
    if request.anonymous:
        yield f"any signature is accepted; try: glaciercli --endpoint-url {url} vault list"
    else:
        yield "to use it from another shell:"
        yield from _keys(request, application, has_keys=has_keys)
        yield "  export AWS_REGION=us-east-1"
        yield f"  glaciercli --endpoint-url {url} vault list"
    if not is_loopback(request.host):
        risk = "do anything" if request.anonymous else "read what is sent: this is plain HTTP"
        yield f"glaciercli: warning: whoever can reach {request.host} can {risk}"


def _keys(
    request: ServeRequest, application: GlacierApplication, *, has_keys: bool
) -> Iterator[str]:
    if has_keys:
        yield f'  (the keys are in "{os.path.join(request.data, FILE_NAME)}")'
        return
    account = application.credentials
    yield f"  export AWS_ACCESS_KEY_ID={account.access_key_id}"
    yield f"  export AWS_SECRET_ACCESS_KEY={account.secret_access_key}"
