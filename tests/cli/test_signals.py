"""Requests to end that come at a bad moment."""

import signal
import subprocess
import sys

_LATE = """
import os, signal, time
from glaciercli.cli.signals import stop_as_on_interrupt

class Late:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(100_000):
            pass

stop_as_on_interrupt()
late = Late()
del late
time.sleep(20)
print("went on")
"""


def test_an_interrupt_while_an_object_goes_away_is_not_lost() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LATE], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == -signal.SIGINT
    assert "went on" not in done.stdout
    assert "ignored" not in done.stderr
