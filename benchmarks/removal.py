"""The removal of a vault: its rate beside the bare SDK, and a whole one under a moved clock."""

import hashlib
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import boto3
from botocore.config import Config
from programs import ROOT, home, serving, table

from glaciercli.keymap.store import open_key_map
from glaciercli.model.vaults import StoreIdentity
from glaciercli.operations import vaults_removal
from glaciercli.operations.context import Context
from glaciercli.operations.vaults_removal import RemovalReport, RemovalRequest
from glaciercli.operations.vaults_survey import Removal
from glaciercli.ports import WireApplication, WireRequest, WireResponse
from glaciercli.reporting import Event
from glaciercli.server import identifiers, routes
from glaciercli.server.application import GlacierApplication
from glaciercli.server.catalogue import archives, vaults
from glaciercli.server.catalogue.records import NewArchive, NewBlob
from glaciercli.server.settings import ServiceSettings
from glaciercli.server.wire import parse_target
from glaciercli.service import session
from glaciercli.service.glacier import GlacierService
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy

_ROUNDS = 3
_JOBS = 8
_PACED = 3_000
_WHOLE = int(os.environ.get("BENCH_ARCHIVES", "100000"))

_START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_REAL = ServiceSettings(
    clock_skew=None,
    verify_signatures=False,
    inventory_delay=timedelta(hours=4),
    inventory_interval=timedelta(days=1),
)


class MovedClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    def __init__(self) -> None:
        self._now = _START

    def now(self) -> datetime:
        """Return the time of day."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds."""
        return (self._now - _START).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self._now += timedelta(seconds=seconds)


class Deaf:
    """Hears nothing."""

    def report(self, event: Event) -> None:
        """Take one event."""


@dataclass
class Counted:
    """Counts the requests that an application answers well."""

    inner: WireApplication
    seen: Counter[str] = field(default_factory=Counter)

    def handle(self, request: WireRequest) -> WireResponse:
        """Answer one request."""
        answer = self.inner.handle(request)
        route = routes.find(request.method, parse_target(request.target)).route
        self.seen[route.operation] += answer.status < 300  # noqa: PLR2004 - an answer of success
        return answer


def removal_rate(scratch: Path) -> list[str]:
    """Delete as many archives with the program as with the SDK in threads, in turns."""
    names = [f"v{number}" for number in range(2 * _ROUNDS)]
    ids = _stored(scratch / "data", names, _PACED, clock=_Now())
    bare: list[float] = []
    ours: list[float] = []
    with serving(scratch / "data") as server:
        env = home(scratch)
        for plain, planned in zip(names[::2], names[1::2], strict=True):
            bare.append(_by_sdk(server.url, env, plain, ids[plain]))
            ours.append(_by_program(server.url, env, planned))
    rates = [_PACED / median(one) for one in (bare, ours)]
    rows = [
        (name, f"{rate:,.0f}", f"{rate / rates[0]:.2f}")
        for name, rate in zip(
            (f"boto3, {_JOBS} threads", f"glaciercli, --jobs {_JOBS}"), rates, strict=True
        )
    ]
    title = f"Deleting {_PACED:,} archives over loopback: medians of {_ROUNDS}, in turns"
    return table(title, ("what", "archives a second", "x the SDK"), rows)


def whole_removal(scratch: Path) -> list[str]:
    """Remove a vault that nobody knows, from its first day to its last."""
    clock = MovedClock()
    _stored(scratch / "data", ["v"], _WHOLE, clock=clock)
    clock.sleep(86_400)
    begun = clock.now()
    with ExitStack() as stack:
        application = stack.enter_context(
            GlacierApplication.open(scratch / "data", clock=clock, settings=_REAL)
        )
        counted = Counted(application)
        started = time.perf_counter()
        reports = _until_gone(_service(counted, clock), clock, str(scratch / "key-map"))
        took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    facts = (
        ("runs of the line", f"{len(reports)}"),
        ("inventory jobs", f"{counted.seen['InitiateJob']}"),
        ("archives deleted", f"{counted.seen['DeleteArchive']:,}"),
        ("days by the service's clock", f"{(clock.now() - begun) / timedelta(days=1):.2f}"),
        ("seconds of work, the service's own included", f"{took:,.0f}"),
        ("peak memory, the service's own included", f"{peak:,.0f} MiB"),
    )
    title = f"Removing a vault of {_WHOLE:,} archives that nobody knows, under a moved clock"
    return table(title, ("", ""), facts)


class _Now(MovedClock):
    """The real time, as far as storing needs it."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def _stored(
    place: Path, names: Sequence[str], count: int, *, clock: MovedClock
) -> dict[str, list[str]]:
    """Enter archives into the catalogues of vaults; their content is nobody's business here."""
    content = hashlib.sha256(b"x").digest()
    made: dict[str, list[str]] = {}
    with GlacierApplication.open(place, clock=clock, settings=_REAL) as application:
        now_ms = application.service.now_ms()
        with application.service.catalogue.writing() as tx:
            for name in names:
                vaults.insert(tx, "us-east-1", name, now_ms)
                vault = vaults.find(tx, "us-east-1", name)
                assert vault is not None
                made[name] = [identifiers.new_archive_id() for _ in range(count)]
                for number, archive_id in enumerate(made[name]):
                    blob = NewBlob(
                        file=f"none-{archive_id[:32]}", size_bytes=1, tree_hash=content, leaves=b""
                    )
                    archive = NewArchive(
                        archive_id=archive_id,
                        description=f"file {number}",
                        size_bytes=1,
                        tree_hash=content,
                    )
                    places = [(0, archives.insert_blob(tx, blob))]
                    archives.insert(tx, vault, archive, places, now_ms=now_ms)
    return made


def _by_sdk(url: str, env: dict[str, str], vault: str, ids: Sequence[str]) -> float:
    client = boto3.client(
        "glacier",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        config=Config(max_pool_connections=_JOBS),
    )
    begun = time.perf_counter()
    with closing(client), ThreadPoolExecutor(_JOBS) as pool:
        for _ in pool.map(lambda one: client.delete_archive(vaultName=vault, archiveId=one), ids):
            pass
    return time.perf_counter() - begun


def _by_program(url: str, env: dict[str, str], vault: str) -> float:
    command = [sys.executable, "-m", "glaciercli", "--endpoint-url", url]
    refresh = [*command, "inventory", "refresh", vault]
    subprocess.run(refresh, env=env, cwd=ROOT, check=True, capture_output=True)
    line = [*command, "vault", "delete", vault, "--with-archives", "--yes", "--jobs", str(_JOBS)]
    begun = time.perf_counter()
    subprocess.run(line, env=env, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - begun


def _service(application: WireApplication, clock: MovedClock) -> GlacierService:
    place = session.Endpoint(
        region="us-east-1",
        url="http://local.invalid",
        access_key="key",
        secret_key="secret",  # noqa: S106 - nobody checks it
    )
    retrier = Retrier(
        clock,
        policy=RetryPolicy(),
        turns=Turns(_JOBS, clock),
        random=lambda: 0.5,
        heard=lambda *_: None,
    )
    return GlacierService(session.connect_in_process(application, place), retrier, Pace(clock))


def _until_gone(service: GlacierService, clock: MovedClock, path: str) -> list[RemovalReport]:
    request = RemovalRequest(vault="v", lag=timedelta(days=3))
    reports: list[RemovalReport] = []

    def yes(_: Removal) -> None:
        pass

    while not reports or reports[-1].at is not None:
        with closing(open_key_map(path, now=clock.now())) as key_map:
            context = Context(
                key_map=key_map,
                store=StoreIdentity(endpoint="bench", region=None, account=None),
                clock=clock,
                reporter=Deaf(),
                connect=lambda: service,
                new_tag=lambda: "tag-bench-01",
                jobs=_JOBS,
            )
            reports.append(vaults_removal.run(context, request, yes))
        if reports[-1].at is not None:
            clock.sleep((reports[-1].at - clock.now()).total_seconds())
    return reports
