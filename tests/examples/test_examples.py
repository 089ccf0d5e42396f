"""Every example in a command's help does what it says, typed by somebody whose files it names."""

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from glaciercli.cli import serving
from glaciercli.cli.manual_entries import Entry, program
from tests.examples.world import ARCHIVE, JOB_OR_UPLOAD, READING, World, furnished

#: `demo` is left out: each of its lines starts a process, and tests/cli/test_serve.py runs it.
LEAVES = [entry for entry in program().leaves() if entry.words != ("demo",)]

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


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return furnished(tmp_path_factory.mktemp("examples"))


@pytest.mark.parametrize("entry", LEAVES, ids=lambda entry: entry.line)
def test_the_examples_of_a_command_do_what_they_say(entry: Entry, world: World) -> None:
    command = " ".join(entry.words)
    world.tidy()
    for example in entry.examples:
        shown = typed(world, command, example)
        assert world.typist.code == 0, f"{example}\n{shown}"
        assert "glaciercli: error:" not in shown
        assert "Traceback" not in shown
        if command not in READING:
            world.tidy()


def typed(world: World, command: str, example: str) -> str:
    """Type an example, as its reader would, and return what the terminal shows."""
    if command in BEFORE:
        shown = world.typist.type(BEFORE[command])
        assert world.typist.code == 0, shown
    line = world.typed(example)
    for stand_in in (ARCHIVE, JOB_OR_UPLOAD):
        line = line.replace(stand_in, world.ids.get(command, ""))
    for other in OTHERS:
        if shutil.which(other) is None:
            line = line.partition(f" | {other}")[0]
    if "|" in line:
        line = f"set -o pipefail; {line}"
    with signals_kept(), ended_once_it_serves() if command == "serve" else nullcontext():
        return world.typist.type(line, answer="photos" if command in TYPED_OUT else "y")


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
