"""The program as a user meets it: in this process where that will do, else as a process."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.cli.clock import SystemClock
from glaciercli.cli.main import main
from glaciercli.ports import Clock
from glaciercli.server.application import GlacierApplication
from glaciercli.server.http.front import HttpFront
from glaciercli.server.http.limits import Limits
from glaciercli.server.settings import ServiceSettings
from tests.cli import documents
from tests.cli.wire import WatchedService

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command line did."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def jsonl(self) -> list[Any]:
        return [json.loads(line) for line in self.raw.splitlines()]

    def ok(self) -> "Done":
        """Return itself if the command succeeded."""
        assert self.code == 0, self.err + self.out
        return self

    def failed(self, code: int, words: str = "") -> "Done":
        """Return itself if the command failed in this way, in words for people."""
        assert self.code == code, self.err + self.out
        assert "Traceback" not in self.err
        assert words in self.err + self.out, self.err + self.out
        return self


Run = Callable[..., Done]
Spawn = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, and a work directory in it, with no trace of AWS."""
    for name in list(os.environ):  # noqa: TID251 - what the machine has set must not count
        if name.startswith(("AWS_", "GLACIERCLI_")):
            monkeypatch.delenv(name)
    place = tmp_path / "home"
    work = place / "work"
    work.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("XDG_DATA_HOME", str(place / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "config"))
    monkeypatch.setenv("GLACIERCLI_KEY_MAP", str(place / "key-map.sqlite3"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(work)
    return place


@pytest.fixture
def work(home: Path) -> Path:
    """The current directory."""
    return home / "work"


@pytest.fixture
def key_map(home: Path) -> Path:
    return home / "key-map.sqlite3"


@contextmanager
def _streams(stdin: bytes | None, err: io.StringIO) -> Iterator[io.BytesIO]:
    """Hand the program streams of the test's own, as a shell does."""
    given, out = sys.stdin, io.BytesIO()
    reader, writer = os.pipe()
    if stdin:
        os.write(writer, stdin)
    os.close(writer)
    text = io.TextIOWrapper(out, encoding="utf-8", write_through=True)
    try:
        with open(reader, encoding="utf-8") as pipe, redirect_stdout(text), redirect_stderr(err):
            sys.stdin = pipe
            yield out
    finally:
        sys.stdin = given
        text.detach()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in this process; standard input takes what fits in a pipe.

    What it prints for machines must be as the schema of its command says.
    """

    def run_it(
        *argv: object, stdin: bytes | None = None, env: dict[str, str] | None = None
    ) -> Done:
        kept = {number: signal.getsignal(number) for number in _SIGNALS}
        hook = sys.unraisablehook
        err = io.StringIO()
        try:
            with monkeypatch.context() as patch, _streams(stdin, err) as out:
                for name, value in (env or {}).items():
                    patch.setenv(name, value)
                code = main([str(one) for one in argv])
        finally:
            sys.unraisablehook = hook
            for number, handler in kept.items():
                signal.signal(number, handler)
        done = Done(code=code, raw=out.getvalue(), err=err.getvalue())
        words = [str(one) for one in argv]
        form = documents.form_of(words, (env or {}).get("GLACIERCLI_OUTPUT"))
        documents.check(words, form, out=done.raw, err=done.err, code=done.code)
        return done

    return run_it


@pytest.fixture
def local(run: Run) -> Run:
    """Run a command line in the embedded service."""

    def run_it(*argv: object, **given: Any) -> Done:
        return run("--local", *argv, **given)

    return run_it


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Start the real program; whatever is left of it is killed at the end."""
    with ExitStack() as stack:

        def start(
            *words: object, argv: Sequence[str] | None = None, **given: Any
        ) -> "subprocess.Popen[bytes]":
            settings: dict[str, Any] = {
                "stdin": subprocess.PIPE,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                **given,
            }
            own = [sys.executable, "-m", "glaciercli", *map(str, words)]
            process = subprocess.Popen(argv or own, **settings)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


def finished(process: "subprocess.Popen[bytes]", stdin: bytes | None = None) -> Done:
    """Return what a process did, once it has ended."""
    out, err = process.communicate(stdin, timeout=60)
    return Done(code=process.returncode, raw=out, err=err.decode())


@dataclass(frozen=True, kw_only=True)
class Server:
    """A watched service over HTTP, and the environment in which a client reaches it."""

    service: WatchedService
    url: str
    env: dict[str, str]
    client: GlacierClient

    @property
    def options(self) -> Sequence[str]:
        return ("--endpoint-url", self.url)


@dataclass(kw_only=True)
class Serving:
    """Starts services, each on a data directory."""

    place: Path
    stack: ExitStack
    lay_out: Callable[[Path], None]
    session: boto3.Session

    def __call__(
        self, settings: ServiceSettings | None = None, *, clock: Clock | None = None
    ) -> Server:
        data_dir = self.place / "served"
        self.lay_out(data_dir)
        application = self.stack.enter_context(
            GlacierApplication.open(
                data_dir,
                clock=clock or SystemClock(),
                settings=settings or ServiceSettings(),
            )
        )
        service = WatchedService(application)
        front = self.stack.enter_context(HttpFront(service, limits=Limits(stop_s=0.1)))
        account = application.credentials
        env = {
            "AWS_ACCESS_KEY_ID": account.access_key_id,
            "AWS_SECRET_ACCESS_KEY": account.secret_access_key,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_GLACIER": front.url,
        }
        client = self.session.client(
            "glacier",
            region_name="us-east-1",
            endpoint_url=front.url,
            aws_access_key_id=account.access_key_id,
            aws_secret_access_key=account.secret_access_key,
        )
        self.stack.callback(client.close)
        return Server(service=service, url=front.url, env=env, client=client)


@pytest.fixture
def serving(
    tmp_path: Path, lay_out: Callable[[Path], None], session: boto3.Session
) -> Iterator[Serving]:
    with ExitStack() as stack:
        yield Serving(place=tmp_path, stack=stack, lay_out=lay_out, session=session)


@pytest.fixture
def server(serving: Serving) -> Server:
    """A service over HTTP with nothing to wait for."""
    return serving()


@pytest.fixture
def vault(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A service over HTTP with one vault, which the environment leads to."""
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    server.client.create_vault(vaultName="photos")
    return server


@pytest.fixture
def remote(run: Run, server: Server) -> Run:
    """Run a command line against the service over HTTP."""

    def run_it(*argv: object, **given: Any) -> Done:
        return run(*server.options, *argv, env=server.env, **given)

    return run_it


@pytest.fixture
def photos(local: Run, work: Path, home: Path, lay_out: Callable[[Path], None]) -> Path:
    """A vault in the embedded service, and the current directory to fill it from."""
    lay_out(home / "data" / "glaciercli" / "local-store")
    local("vault", "create", "photos").ok()
    return work
