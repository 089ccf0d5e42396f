"""The real program in a process of its own, forked from one that has imported everything.

A new interpreter would need half a second for what a fork needs a hundredth of.
"""

import gc
import importlib
import os
import pkgutil
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import glaciercli
from glaciercli.cli.main import main
from glaciercli.service import session
from tests.torture.shim import Failure, KillPoints

#: No run takes so long; one that does waits for something that does not come.
PATIENCE_S = 60

#: How long a change of the disk takes, more or less.
_BLINK_S = 0.0001

#: What takes the arguments and returns the exit code.
Entry = Callable[[Sequence[str]], int]

#: A killed process has no exit code.
KILLED = -signal.SIGKILL


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a run of the program ended."""

    code: int
    #: How many changes of the disk it came to.
    points: int
    out: bytes
    err: str

    @property
    def was_killed(self) -> bool:
        return self.code == KILLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run has to do, and what happens to it."""

    line: tuple[str, ...]
    kill_at: int = 0
    torn: bool = False
    failure: Failure | None = None
    #: Where the clock stands still, 0 where it goes; and how far it is ahead.
    moment_s: int = 0
    ahead_s: int = 0
    #: What chance follows from, 0 for that of the machine.
    seed: int = 0

    @property
    def is_to_die(self) -> bool:
        return bool(self.kill_at) and self.failure is None


class Program:
    """Runs command lines in a home."""

    def __init__(
        self, points: KillPoints, home: Path, scratch: Path, *, entry: Entry = main
    ) -> None:
        self._points = points
        self._home = home
        self._scratch = scratch
        self._entry = entry
        self._moment_s = 0
        self._ahead_s = 0
        self._runs = 0
        _warm_up()

    def run(
        self,
        *line: str,
        stdin: bytes = b"",
        kill_at: int = 0,
        torn: bool = False,
        failure: Failure | None = None,
    ) -> Ended:
        """Run a line, and end it at its ``kill_at``-th change of the disk, or let that fail."""
        order = Order(line=line, kill_at=kill_at, torn=torn, failure=failure)
        return self.carry_out(self._given(order, stdin))

    def start(self, *line: str, stdin: bytes = b"") -> int:
        """Begin to run a line, and return the number of its process."""
        return self._start(self._given(Order(line=line), stdin))

    def carry_out(self, order: Order) -> Ended:
        """Run what an order says."""
        return self.finish(self._start(order))

    def finish(self, child: int) -> Ended:
        """Wait until a line has ended."""
        return self._ended(ended(child))

    def output(self) -> bytes:
        """Return what the line has written to its standard output so far."""
        return (self._scratch / "out").read_bytes()

    def wait_for_change(self, number: int, child: int) -> None:
        """Wait until a line comes to that change of the disk, or to its end."""
        is_over = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while self._points.passed < number and not os.waitid(os.P_PID, child, is_over):
            time.sleep(_BLINK_S)  # noqa: TID251 - another process is waited for

    def wait(self, seconds: int) -> None:
        """Let that much time go by for the runs to come."""
        self._ahead_s += seconds

    @property
    def ahead_s(self) -> int:
        """How much time was let go by."""
        return self._ahead_s

    def begin(self) -> None:
        """Let clock and chance be those of the machine."""
        self._moment_s = 0
        self.put_back()

    def keep(self) -> None:
        """Let the clock stand still from now on, and chance be the same after each time back.

        What runs leave can then be told to be the same.
        """
        self._moment_s = int(time.time()) + 1  # noqa: TID251 - that of the machine is wanted
        self.put_back()

    def put_back(self) -> None:
        """Let clock and chance be what was kept."""
        self._ahead_s = 0
        self._runs = 0

    def _given(self, order: Order, stdin: bytes) -> Order:
        (self._scratch / "in").write_bytes(stdin)
        (self._scratch / "out").write_bytes(b"")
        self._runs += 1
        return replace(
            order,
            moment_s=self._moment_s,
            ahead_s=self._ahead_s,
            seed=self._runs if self._moment_s else 0,
        )

    def _start(self, order: Order) -> int:
        self._points.begin()
        child = forked()
        if not child:
            self._be_the_program(order)
        return child

    def _ended(self, code: int) -> Ended:
        return Ended(
            code=code,
            points=self._points.passed,
            out=self.output(),
            err=(self._scratch / "err").read_text(errors="replace"),
        )

    def _be_the_program(self, order: Order) -> NoReturn:
        code = 1
        try:
            self._settle()
            self._take_streams()
            code = self._obey(order)
        finally:
            os._exit(code)

    def _obey(self, order: Order) -> int:
        self._points.let_fail(order.failure)
        self._points.stop_clock(order.moment_s)
        self._points.set_ahead(order.ahead_s)
        self._points.set_chance(order.seed)
        os.chdir(self._home / "work")
        self._points.arm(kill_at=order.kill_at, torn=order.torn)
        code = self._entry(["--local", *order.line])
        sys.stdout.flush()
        sys.stderr.flush()
        return code

    def _settle(self) -> None:
        environment = {
            "HOME": str(self._home),
            "XDG_DATA_HOME": str(self._home / "data"),
            "XDG_CONFIG_HOME": str(self._home / "config"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": os.defpath,
        }
        os.environ.clear()  # noqa: TID251 - what the machine has set must not count
        os.environ.update(environment)  # noqa: TID251

    def _take_streams(self) -> None:
        for number, name, flags in (
            (0, "in", os.O_RDONLY),
            (1, "out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            (2, "err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        ):
            opened = os.open(self._scratch / name, flags, 0o600)
            os.dup2(opened, number)
            os.close(opened)


def forked() -> int:
    """Fork as ``os.fork`` does."""
    # What waits to be written would wait in the child too, and stand before what it says.
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fork()


def ended(child: int, *, patience_s: int = PATIENCE_S) -> int:
    """Wait until a process ends, and return how; one that does not is ended, and shows by that."""
    handle = os.pidfd_open(child)
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        if not waiting.poll(patience_s * 1000):
            os.kill(child, signal.SIGABRT)
    finally:
        os.close(handle)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _warm_up() -> None:
    """Import all that a command may need, and let botocore read its models."""
    for module in pkgutil.walk_packages(glaciercli.__path__, "glaciercli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    # With the program's own reader, which remembers.
    nobody = session.Endpoint(region="us-east-1", access_key="a", secret_key="s")  # noqa: S106
    session.connect(nobody).close()
    # What a fork looks at it has to copy, and the search for garbage looks at everything.
    gc.collect()
    gc.freeze()
