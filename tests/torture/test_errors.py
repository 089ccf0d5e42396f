"""A small, fixed part of the failing calls of ``make torture``: the same ones each time."""

import subprocess
import sys

import pytest

from tests.torture import shim

_FAULTS = (
    "CHANGES:60:ENOSPC:on",
    "CHANGES:115:EIO",
    # What a file of another name holds cannot be read once, or a directory beside it, and it is not
    # stored again for that.
    "OPENS:6:EMFILE",
    "OPENS:7:EMFILE",
    "READS:20:EIO",
    # A file that may be an archive cannot be read, and another does not give it its name.
    "READS:16:EIO",
)

#: The last of the lines changes the disk 26 times only.
_REACHED = 3 * len(_FAULTS) - 2


@pytest.mark.covers("P6", "P7")
@pytest.mark.skipif(shim.compiler() is None, reason="there is no C compiler")
def test_a_call_that_fails_is_told_and_the_same_line_ends_well() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.torture", "--kinds", "errors"),
            *("--only", "upload small", "sync", "keymap name-from", "--failing", *_FAULTS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(f" {_REACHED} faults, 0 lost\n")
