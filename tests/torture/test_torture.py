"""A small, fixed part of ``make torture``: the same kills each time."""

import subprocess
import sys

import pytest

from tests.torture import shim

_KILLS = 4

_TURNS = [
    ("upload large", 1),
    ("upload tree", 2),
    ("sync", 3),
    ("retrieve", 4),
    ("keymap merge", 5),
    ("keymap backup", 6),
]


@pytest.mark.covers("P1", "P2")
@pytest.mark.skipif(shim.compiler() is None, reason="there is no C compiler")
@pytest.mark.parametrize(("scenario", "seed"), _TURNS)
def test_nothing_is_lost_by_kills(scenario: str, seed: int) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.torture", "--kinds", "kills", "--only", scenario),
            *("--seed", str(seed), "--kills", str(_KILLS)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted = done.stdout.splitlines()[-1]
    assert counted.startswith("torture: ")
    assert int(counted.split()[1]) >= _KILLS
    assert counted.endswith(" 0 power cuts, 0 histories, 0 faults, 0 lost")
