"""Progress on a terminal: a line for each transfer under way, and one for all of the command."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

from glaciercli.core.text import printable
from glaciercli.render import humanise
from glaciercli.render.progress import LineReporter
from glaciercli.reporting import (
    Event,
    TransferAdvanced,
    TransferFinished,
    TransferSpared,
    TransfersPlanned,
    TransferStarted,
)

#: How often the lines change, in seconds; at each event that would cost more than the transfer.
_REDRAW_S = 0.1

#: A rate and a time left are means over so long.
_RATE_OVER_S = 30.0

#: How many transfers have a line; the others count in the last line alone.
_MOST_LINES = 8
_LONGEST_NAME = 40

#: From how wide a terminal on there is room for a rate, and for a bar, in characters.
_ROOM_FOR_RATE = 60
_ROOM_FOR_BAR = 100


class _Rate(ProgressColumn):
    """How fast it goes, in the units of the sizes beside it."""

    def render(self, task: Task) -> Text:
        """Return the text of the column."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{humanise.size(int(speed))}/s")


class _SumLast(Progress):
    """Lines in the order in which they were added, but the first of them, the sum, last."""

    def get_renderables(self) -> Iterator[Table]:
        """Yield what is drawn."""
        yield self.make_tasks_table([*self.tasks[1:], *self.tasks[:1]])


@dataclass(slots=True)
class _Transfer:
    """One transfer under way."""

    name: str
    total_bytes: int | None
    done_bytes: int = 0


class _Above:
    """A stream for whole lines, which come to stand above what is drawn."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def write(self, text: str) -> None:
        """Write a line; the terminal breaks it where it is too long."""
        self._console.print(Text(text.removesuffix("\n")), soft_wrap=True)

    def flush(self) -> None:
        """Do nothing: a line is written at once."""


class TerminalReporter:
    """Draws the transfers of a command, and says notices above them.

    What is told is noted at once, and drawn at intervals: a line must not stand still on what
    was true before the service fell silent.
    """

    def __init__(self, stream: TextIO, *, verbose: bool) -> None:
        self._lock = threading.Lock()
        #: By name and number.
        self._under_way: dict[tuple[str, int], _Transfer] = {}
        #: Those of them that have a line.
        self._drawn: dict[tuple[str, int], TaskID] = {}
        self._planned = False
        self._count = 0
        self._begun = 0
        self._total_bytes = 0
        self._done_bytes = 0
        self._ended = threading.Event()
        self._redrawing = threading.Thread(target=self._redraw, daemon=True)
        console = Console(file=stream, markup=False, highlight=False, emoji=False)
        self._lines = LineReporter(_Above(console), quiet=False, verbose=verbose)
        self._progress = _SumLast(
            *_columns(console.width),
            console=console,
            transient=True,
            auto_refresh=False,
            # Standard output may lead elsewhere than this terminal.
            redirect_stdout=False,
            speed_estimate_period=_RATE_OVER_S,
        )
        self._longest_name = _longest_name(console.width)
        self._sum = self._progress.add_task("in all", total=None, visible=False)

    def report(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            match event:
                case TransfersPlanned():
                    self._planned = True
                    self._count += event.count
                    self._total_bytes += event.total_bytes
                case TransferSpared():
                    self._done_bytes += event.total_bytes
                case TransferStarted():
                    self._start(event)
                case TransferAdvanced():
                    self._advance(event)
                case TransferFinished():
                    self._under_way.pop((event.name, event.number), None)
                case _:
                    self._lines.report(event)

    def close(self) -> None:
        """Take the lines away."""
        if not self._begun or self._ended.is_set():
            return
        self._ended.set()
        try:
            self._redrawing.join()
            with self._lock:
                self._draw()
        finally:
            # Whatever interrupts this: else the terminal would stay without its cursor.
            self._progress.stop()

    def _redraw(self) -> None:
        """Draw at intervals, on a thread of its own, until the end."""
        while not self._ended.wait(_REDRAW_S):
            with self._lock:
                self._draw()

    def _start(self, event: TransferStarted) -> None:
        if not self._planned:
            # A stream: nobody knew of it, or of its length.
            self._total_bytes += event.total_bytes or 0
        if not self._begun:
            self._redrawing.start()
        self._begun += 1
        transfer = _Transfer(event.name, event.total_bytes)
        self._under_way[event.name, event.number] = transfer

    def _advance(self, event: TransferAdvanced) -> None:
        transfer = self._under_way.get((event.name, event.number))
        if transfer is not None:
            self._done_bytes += event.done_bytes - transfer.done_bytes
            transfer.done_bytes = event.done_bytes

    def _draw(self) -> None:
        """Bring the lines in line with what is under way."""
        if not self._progress.live.is_started:
            self._progress.start()
        for key in self._drawn.keys() - self._under_way.keys():
            self._progress.remove_task(self._drawn.pop(key))
        for key, transfer in self._under_way.items():
            if key not in self._drawn and len(self._drawn) < _MOST_LINES:
                shown = printable(transfer.name)[-self._longest_name :]
                self._drawn[key] = self._progress.add_task(shown, total=transfer.total_bytes)
            if key in self._drawn:
                self._progress.update(self._drawn[key], completed=transfer.done_bytes)
        self._progress.update(
            self._sum,
            completed=self._done_bytes,
            total=self._total_bytes or None,
            # A single transfer is its own sum.
            visible=max(self._begun, self._count) > 1,
        )
        self._progress.refresh()


def _longest_name(width: int) -> int:
    """Return how much of a name is shown on a terminal so wide: its end, which tells most."""
    return min(_LONGEST_NAME, width // 3)


def _columns(width: int) -> list[ProgressColumn]:
    """Return what a line shows on a terminal so wide: the figures before the bar."""

    def whole() -> Column:
        return Column(no_wrap=True)

    name = Column(no_wrap=True, overflow="ellipsis", max_width=_longest_name(width))
    # Markup stays off: names come from outside.
    columns: list[ProgressColumn] = [
        TextColumn("{task.description}", markup=False, table_column=name)
    ]
    if width >= _ROOM_FOR_BAR:
        columns.append(BarColumn(table_column=whole()))
    columns.append(DownloadColumn(binary_units=True, table_column=whole()))
    if width >= _ROOM_FOR_RATE:
        columns.append(_Rate(table_column=whole()))
    columns.append(TimeRemainingColumn(compact=True, table_column=whole()))
    return columns
