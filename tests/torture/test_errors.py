"""A small, fixed part of the failing calls of ``make torture``: the same ones each time."""

import re
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


@pytest.mark.covers("P6", "P7", "F3")
@pytest.mark.skipif(shim.compiler() is None, reason="there is no C compiler")
def test_a_call_that_fails_is_told_and_the_same_line_ends_well() -> None:
    lines = ("upload small", "sync", "keymap name-from")
    assert faults("--only", *lines, "--failing", *_FAULTS) == _REACHED


@pytest.mark.covers("P7")
@pytest.mark.skipif(shim.compiler() is None, reason="there is no C compiler")
def test_what_comes_back_is_written_again_where_a_sync_has_failed() -> None:
    # Of each of five files with content the one range, and the whole; and an empty one.
    assert faults("--only", "retrieve", "--failing", "SYNCS:each:EIO") == 2 * 5 + 1


def faults(*words: str) -> int:
    """Return how many calls failed, none of which cost anything."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture", "--kinds", "errors", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r" (\d+) faults, 0 lost\n$", done.stdout)
    assert told is not None, done.stdout
    return int(told[1])
