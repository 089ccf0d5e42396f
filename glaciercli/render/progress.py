"""Reporters: what is said on standard error while a command runs."""

import json
import threading
from typing import Any, TextIO

from glaciercli.core.text import printable
from glaciercli.reporting import (
    Detail,
    Event,
    Notice,
    Reporter,
    TransferAdvanced,
    TransferFinished,
    TransferStarted,
)


class LineReporter:
    """Says notices, and details to those who asked for them, a line each."""

    def __init__(self, stream: TextIO, *, quiet: bool, verbose: bool) -> None:
        self._stream = stream
        self._quiet = quiet
        self._verbose = verbose
        self._lock = threading.Lock()

    def report(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Notice() if not self._quiet:
                self._say(event.message)
            case Detail() if self._verbose:
                self._say(event.message)
            case TransferStarted() if self._verbose:
                self._say(f"{event.name}: begun")
            case TransferFinished() if self._verbose:
                self._say(f"{event.name}: finished")

    def _say(self, message: str) -> None:
        with self._lock:
            # Messages hold names, and words of the service.
            self._stream.write(f"glaciercli: {printable(message)}\n")
            self._stream.flush()


class JsonReporter:
    """Says every event but the steps of a transfer as an object on a line of its own."""

    def __init__(self, stream: TextIO, *, quiet: bool) -> None:
        self._stream = stream
        self._quiet = quiet
        self._lock = threading.Lock()

    def report(self, event: Event) -> None:
        """Take one event."""
        if self._quiet or isinstance(event, TransferAdvanced | Detail):
            return
        said: dict[str, Any] = {"event": type(event).__name__}
        said.update({name: getattr(event, name) for name in event.__dataclass_fields__})
        with self._lock:
            self._stream.write(json.dumps(said) + "\n")
            self._stream.flush()


class TerminalReporter:
    """Draws one bar for all transfers of a command, and says notices above it."""

    def __init__(self, stream: TextIO, lines: Reporter) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        self._lines = lines
        self._lock = threading.Lock()
        self._done: dict[str, int] = {}
        self._total = 0
        self._progress = Progress(
            # Markup stays off: names come from outside.
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(file=stream, markup=False, highlight=False, emoji=False),
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, visible=False)

    def report(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            match event:
                case TransferStarted():
                    self._start(event)
                case TransferAdvanced():
                    self._done[event.name] = event.done_bytes
                    self._progress.update(self._task, completed=sum(self._done.values()))
                case TransferFinished():
                    self._progress.update(self._task, completed=sum(self._done.values()))
                case _:
                    self._lines.report(event)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()

    def _start(self, event: TransferStarted) -> None:
        self._total += event.total_bytes or 0
        self._done.setdefault(event.name, 0)
        if not self._progress.live.is_started:
            self._progress.start()
        self._progress.update(
            self._task,
            description=printable(event.name)[-40:],
            total=self._total or None,
            visible=True,
        )
