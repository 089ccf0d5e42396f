"""A small, fixed part of the failing calls of ``make torture``: the same ones each time."""

import subprocess
import sys

import pytest

from tests.torture import shim

_ERRORS = 4


@pytest.mark.covers("P6", "P7")
@pytest.mark.skipif(shim.compiler() is None, reason="there is no C compiler")
def test_a_call_that_fails_is_told_and_the_same_line_ends_well() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.torture", "--kinds", "errors"),
            *("--only", "upload small", "--seed", "1", "--errors", str(_ERRORS)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f" {_ERRORS} faults, 0 lost\n")
