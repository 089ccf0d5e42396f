"""Command lines whose output is a terminal."""

import os
import pty
from collections.abc import Collection
from dataclasses import dataclass

from tests.cli.conftest import Spawn

#: The streams that a process may have.
STREAMS = ("stdin", "stdout", "stderr")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a terminal showed of a line, and how that ended."""

    code: int
    text: str


def on_terminal(
    spawn: Spawn, *words: str, streams: Collection[str] = STREAMS, **variables: str
) -> Shown:
    """Run a command line, some of its streams being a terminal of 80 columns and 24 rows."""
    ours, its = pty.openpty()
    env = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", "PAGER": "cat", **variables}
    given = dict.fromkeys(streams, its)
    child = spawn("--local", *words, env={**os.environ, **env}, **given)  # noqa: TID251 - a child's
    os.close(its)
    seen = b""
    try:
        while piece := os.read(ours, 65536):
            seen += piece
    except OSError:
        # What Linux says once the other end is closed.
        pass
    finally:
        os.close(ours)
    text = seen.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    return Shown(code=child.wait(timeout=60), text=text)
