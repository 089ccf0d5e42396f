"""The access log: one line a request, written by a thread of its own.

A disk that is slow or full costs lines, never requests: the place of what is missing is marked.
No line holds a secret: neither the query nor any header is written.
"""

import contextlib
import enum
import logging
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeAlias

from glaciercli.errors import FileProblem
from glaciercli.ports import Clock
from glaciercli.server import routes, times
from glaciercli.server.wire import WireError, parse_target

_LOG = logging.getLogger(__name__)

#: Stands for standard error.
STANDARD_ERROR = "-"
_STANDARD_ERROR_FILE = 2

#: How many lines wait for a slow disk; more are lost.
_MOST_WAITING = 10_000

#: How long the end waits for a slow disk.
_CLOSE_S = 2.0

_FIRST_VISIBLE, _LAST_VISIBLE = 0x21, 0x7E


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request that was answered, as an operator wants to see it; ``-`` for what is not known."""

    client: str
    request_id: str
    status: int
    method: str = "-"
    target: str = "-"
    received_bytes: int = 0
    sent_bytes: int = 0
    duration_s: float = 0.0


#: What is told of each request that was answered.
Note: TypeAlias = Callable[[Exchange], None]


def line_of(exchange: Exchange, at: str) -> str:
    """Return the line of a request: ten fields between single blanks, visible ASCII only."""
    return " ".join(
        (
            at,
            exchange.client,
            exchange.request_id,
            _operation(exchange),
            _visible(exchange.method),
            _visible(exchange.target.partition("?")[0]),
            str(exchange.status),
            str(exchange.received_bytes),
            str(exchange.sent_bytes),
            f"{exchange.duration_s * 1000:.1f}",
        )
    )


def _operation(exchange: Exchange) -> str:
    try:
        return routes.find(exchange.method, parse_target(exchange.target)).route.operation
    except WireError:
        return "-"


def _visible(text: str) -> str:
    return "".join(
        char if _FIRST_VISIBLE <= ord(char) <= _LAST_VISIBLE else _escaped(char) for char in text
    )


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("latin-1", "replace"))


class _Order(enum.Enum):
    REOPEN = enum.auto()
    CLOSE = enum.auto()


class AccessLog:
    """A log file that is appended to, from entering to leaving the context."""

    def __init__(self, path: str, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        # A SimpleQueue may be put to by a signal handler, whatever it interrupts.
        self._queue: queue.SimpleQueue[str | _Order] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._file = -1
        self._overflowed = 0
        self._overflow_told = 0
        self._failed = 0
        self._torn = False

    def __enter__(self) -> Self:
        """Open the file; raise ``FileProblem`` where that is not possible."""
        try:
            self._file = _open(self._path)
        except OSError as error:
            raise FileProblem(
                f'cannot write the access log "{self._path}": {error.strerror}'
            ) from error
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Write what is waiting and close the file, unless the disk takes too long."""
        self._queue.put(_Order.CLOSE)
        self._thread.join(_CLOSE_S)

    def note(self, exchange: Exchange) -> None:
        """Have a line written; never waits and never fails.  For one thread only."""
        if self._queue.qsize() >= _MOST_WAITING:
            self._overflowed += 1
            return
        self._queue.put(line_of(exchange, times.api_date(times.to_ms(self._clock.now()))))

    def reopen(self) -> None:
        """Open the file anew, as log rotation asks for; fit to be called from a signal handler."""
        self._queue.put(_Order.REOPEN)

    def _run(self) -> None:
        while (item := self._queue.get()) is not _Order.CLOSE:
            if item is _Order.REOPEN:
                self._reopen()
            else:
                self._append(str(item))
        self._let_go()

    def _append(self, line: str) -> None:
        missing = self._failed + self._overflowed - self._overflow_told
        told = self._overflowed
        head = "\n" if self._torn else ""
        if missing:
            head += f"# {missing} lines are missing here\n"
        if self._write(f"{head}{line}\n".encode("ascii")):
            self._failed, self._overflow_told = 0, told
            return
        if not self._failed:
            _LOG.warning("the access log cannot be written: lines are being lost")
        self._failed += 1

    def _write(self, data: bytes) -> bool:
        try:
            written = os.write(self._file, data)
        except OSError:
            return False
        # A disk that fills up takes the first half of a line.
        self._torn = written < len(data)
        return not self._torn

    def _reopen(self) -> None:
        try:
            opened = _open(self._path)
        except OSError as error:
            _LOG.warning("the access log cannot be opened anew: %s", error.strerror)
            return
        self._let_go()
        self._file, self._torn = opened, False

    def _let_go(self) -> None:
        if self._file != _STANDARD_ERROR_FILE:
            with contextlib.suppress(OSError):
                os.close(self._file)


def _open(path: str) -> int:
    if path == STANDARD_ERROR:
        return _STANDARD_ERROR_FILE
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
