"""Requests to end that come at a bad moment."""

import signal
import subprocess
import sys

import pytest

_LATE = """
import os, signal, sys, time
from glaciercli.cli.signals import Termination, stop_as_on_interrupt

class Late:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        for _ in range(100_000):
            pass

stop_as_on_interrupt()
try:
    late = Late()
    del late
    time.sleep(20)
    print("went on")
except KeyboardInterrupt as interrupt:
    print(type(interrupt) is Termination)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_an_object_goes_away_is_not_lost(number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LATE, str(int(number))],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == f"{number is signal.SIGTERM}\n"
    assert "ignored" not in done.stderr
