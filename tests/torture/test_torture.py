"""A small, fixed part of ``make torture``: the same kills each time, and programs that fail it."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.torture import shim

pytestmark = pytest.mark.skipif(shim.compiler() is None, reason="there is no C compiler")


Torture = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def torture(tmp_path_factory: pytest.TempPathFactory) -> Torture:
    # Built once: each run would do it anew, and start a second time with it.
    library = shim.build(tmp_path_factory.mktemp("library"))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.torture", "--kinds", "kills", *words],
            env=shim.environment_with(library),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.covers("P1", "P2", "P14")
@pytest.mark.parametrize("lines", [
    ("upload large", "upload tree", "keymap migration"),
    ("sync", "retrieve", "keymap merge", "keymap backup"),
])  # fmt: skip
def test_nothing_is_lost_by_kills(torture: Torture, lines: tuple[str, ...]) -> None:
    done = torture("--only", *lines, "--seed", "64", "--trials", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    counted = done.stdout.splitlines()[-1]
    assert counted.startswith("torture: ")
    assert int(counted.split()[1]) >= len(lines)
    assert counted.endswith(" 0 power cuts, 0 histories, 0 faults, 0 lost")


@pytest.mark.parametrize(("program", "line", "at"), [
    ("forgetful", "upload small", 115),
    ("late", "upload small", 98),
    ("in place", "keymap export", 58),
])  # fmt: skip
def test_a_program_that_loses_something_is_found_out(
    torture: Torture, program: str, line: str, at: int
) -> None:
    done = torture("--program", program, "--only", line, "--at", str(at), "--seed", "7")
    assert done.returncode == 1, done.stdout + done.stderr
    told = f'--kinds kills --only "{line}" --at {at}'
    assert f"LOST: {told}: " in done.stderr
    assert done.stdout.splitlines() == [
        f"seed 7: {told}",
        "torture: 0 kill points, 0 power cuts, 0 histories, 0 faults, 1 lost",
    ]


def test_a_seed_has_the_same_kills_again(torture: Torture) -> None:
    line = ("--only", "vault tag set", "--trials", "2", "--seed", "41")
    once, again = torture(*line), torture(*line)
    assert (once.returncode, once.stderr, once.stdout) == (0, again.stderr, again.stdout)
