"""Long text on a terminal goes through a pager, as it is made.

The first screenful is kept back: what fits on the screen starts no pager.  Whoever quits the pager
has seen enough, and the program ends as it does when a reader of its output has gone.
"""

import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from glaciercli.config.environment import Environment
from glaciercli.render.columns import cells

#: Quit if it fits, show colours, leave the text on the screen.
_DEFAULT = ("less", "-FRX")


def pager_command(environment: Environment) -> list[str] | None:
    """Return the pager of the user's choice, ``None`` where there is none to use."""
    if environment.get("TERM") == "dumb":
        return None
    chosen = environment.first("GLACIERCLI_PAGER", "PAGER")
    words = list(_DEFAULT) if chosen is None else _words(chosen)
    usable = bool(words) and words != ["cat"] and shutil.which(words[0]) is not None
    return words if usable else None


def _words(chosen: str) -> list[str]:
    # A quote that nothing closes: there is no such program.
    with suppress(ValueError):
        return shlex.split(chosen)
    return []


@contextmanager
def paged(stream: TextIO, command: list[str]) -> Iterator[TextIO]:
    """Give a stream that shows on a terminal, through a pager once it is longer than the screen."""
    pager = _Pager(stream, command)
    try:
        yield pager  # type: ignore[misc]  # what writes lines needs no more of a stream
        pager.end()
    except BaseException:
        pager.give_up()
        raise


class _Pager:
    """Lines kept back until they fill the screen, and then the pager that they go to."""

    def __init__(self, stream: TextIO, command: list[str]) -> None:
        self._stream = stream
        self._command = command
        size = shutil.get_terminal_size()
        # The last line is the prompt's.
        self._columns, self._rows_left = size.columns, size.lines - 1
        self._kept: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def writelines(self, lines: Iterator[str]) -> None:
        """Show lines."""
        for line in lines:
            self.write(line)

    def write(self, line: str) -> None:
        """Show a line, which ends with a line feed."""
        if self._process is not None:
            self._feed(line)
            return
        self._kept.append(line)
        self._rows_left -= max(1, -(-cells(line.rstrip("\n")) // self._columns))
        if self._rows_left < 0:
            self._start()

    def flush(self) -> None:
        """Do nothing: lines reach the pager as they are written."""

    def end(self) -> None:
        """Show what was kept back, or wait until the user has seen enough."""
        if self._process is None:
            self._stream.writelines(self._kept)
            self._stream.flush()
        else:
            self._wait()

    def give_up(self) -> None:
        """Let the user look at what there is, before an error is told."""
        if self._process is not None:
            self._wait()
        else:
            self._stream.writelines(self._kept)

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the user's own pager
            self._command,
            stdin=subprocess.PIPE,
            stdout=self._stream,
            text=True,
            encoding=self._stream.encoding,
            errors=self._stream.errors,
            bufsize=1,
        )
        for line in self._kept:
            self._feed(line)
        self._kept.clear()

    def _feed(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line)

    def _wait(self) -> None:
        """Wait for the pager; Ctrl-C is for it and not for the program."""
        assert self._process is not None
        kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with suppress(BrokenPipeError):
                assert self._process.stdin is not None
                self._process.stdin.close()
            self._process.wait()
        finally:
            signal.signal(signal.SIGINT, kept)
