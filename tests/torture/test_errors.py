"""A small, fixed part of the failing calls of ``make torture``: the same ones each time."""

import subprocess
import sys

import pytest

from tests.torture import shim

_FAULTS = (
    "CHANGES:60:ENOSPC:on",
    "CHANGES:115:EIO",
    # What a file of another name holds cannot be read once, and is not stored again for that.
    "OPENS:7:EMFILE",
    "READS:20:EIO",
)


@pytest.mark.covers("P6", "P7")
@pytest.mark.skipif(shim.compiler() is None, reason="there is no C compiler")
def test_a_call_that_fails_is_told_and_the_same_line_ends_well() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.torture", "--kinds", "errors"),
            *("--only", "upload small", "sync", "--failing", *_FAULTS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f" {2 * len(_FAULTS)} faults, 0 lost\n")
