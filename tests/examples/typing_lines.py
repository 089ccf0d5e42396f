"""Lines of the examples, typed by somebody in a furnished home."""

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from glaciercli.cli import serving
from tests.examples.world import ARCHIVE, JOB_OR_UPLOAD, World

#: What is typed before an example, so that there is something to do.
BEFORE = {
    "config init": "rm .config/glaciercli/config.toml",
    "keymap backup": "rm key-map.bak",
    "keymap export": "rm key-map.jsonl.gz",
    "keymap import": "rm .local/share/glaciercli/key-map.sqlite3",
    "keymap name-from": "glaciercli inventory import photos journal.log",
    "vault lock complete": "glaciercli vault lock start photos policy.json",
    "vault lock abort": "glaciercli vault lock start photos policy.json",
}

#: What has to be typed out where a yes is not enough.
TYPED_OUT = ("vault lock complete", "vault delete")

#: The programs that examples lead to, and which need not be installed.
OTHERS = ("jq", "less")

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


def prepared(world: World, command: str) -> World:
    """Return the home with something to do for a command."""
    if command in BEFORE:
        shown = world.type("", BEFORE[command])
        assert world.typist.code == 0, shown
    return world


def typed(world: World, command: str, example: str) -> str:
    """Type an example, as its reader would, and return what the terminal shows."""
    line = world.typed(example)
    for stand_in in (ARCHIVE, JOB_OR_UPLOAD):
        line = line.replace(stand_in, world.ids.get(command, ""))
    for other in OTHERS:
        if shutil.which(other) is None:
            line = line.partition(f" | {other}")[0]
    if "|" in line:
        line = f"set -o pipefail; {line}"
    with signals_kept(), ended_once_it_serves() if command == "serve" else nullcontext():
        return world.type(command, line, answer="photos" if command in TYPED_OUT else "y")


@contextmanager
def signals_kept() -> Iterator[None]:
    """Have the signals mean what they meant, once a line is over."""
    kept = {number: signal.getsignal(number) for number in _SIGNALS}
    hook = sys.unraisablehook
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def ended_once_it_serves() -> Iterator[None]:
    """End a service as a system does, as soon as it obeys."""
    over = threading.Event()

    def end() -> None:
        while not over.wait(0.02):
            if getattr(signal.getsignal(signal.SIGTERM), "__module__", "") == serving.__name__:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    watch = threading.Thread(target=end)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()
