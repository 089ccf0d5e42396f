"""Reporters: what is said on standard error while a command runs."""

import json
import threading
from typing import Any, Protocol, TextIO

from glaciercli.core.text import printable
from glaciercli.reporting import (
    Detail,
    Event,
    Notice,
    TransferAdvanced,
    TransferFinished,
    TransferSpared,
    TransfersPlanned,
    TransferStarted,
)


class Lines(Protocol):
    """Where whole lines go."""

    def write(self, text: str, /) -> object:
        """Write a line with its end."""

    def flush(self) -> object:
        """Let the reader have what was written."""


class LineReporter:
    """Says notices, and details to those who asked for them, a line each."""

    def __init__(self, stream: Lines, *, quiet: bool, verbose: bool) -> None:
        self._stream = stream
        self._quiet = quiet
        self._verbose = verbose and not quiet
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
                self._say(f"{event.name}: ended")

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
        if self._quiet or isinstance(event, TransferAdvanced):
            return
        said: dict[str, Any] = {"event": _EVENTS[type(event)]}
        said.update({name: getattr(event, name) for name in event.__dataclass_fields__})
        with self._lock:
            self._stream.write(json.dumps(said) + "\n")
            self._stream.flush()


#: What each event is called in JSON (docs/json-output.md).
_EVENTS: dict[type[Event], str] = {
    TransfersPlanned: "transfers_planned",
    TransferSpared: "transfer_spared",
    TransferStarted: "transfer_started",
    TransferFinished: "transfer_finished",
    Notice: "notice",
    Detail: "detail",
}
