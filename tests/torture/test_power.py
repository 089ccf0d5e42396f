"""A small, fixed part of the power cuts of ``make torture``: the same ones each time."""

import subprocess
import sys

import pytest

from tests.torture import power_disk, shim

#: One of each line right after its end, and one in the midst of the first.
_CUTS = 3


@pytest.mark.covers("P3")
@pytest.mark.skipif(shim.compiler() is None, reason="there is no C compiler")
def test_what_was_told_outlives_a_power_cut_and_a_lying_disk_is_found_out() -> None:
    missing = power_disk.what_is_missing("ext4")
    if missing is not None:
        pytest.skip(f"no power can be cut: {missing}")
    done = subprocess.run(
        [
            # Its output waits to be written, as that of any program does behind a pipe.
            *("env", "-u", "PYTHONUNBUFFERED", sys.executable, "-m", "tests.torture"),
            *("--kinds", "power", "--disks", "ext4"),
            *("--only", "upload large", "retrieve", "--seed", "1", "--cuts", str(_CUTS)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 lying disks were found out" in done.stdout
    assert f"torture: 0 kill points, {_CUTS} power cuts, " in done.stdout
