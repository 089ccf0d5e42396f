"""Start-up: what a whole command of an installed wheel costs."""

import re
import statistics
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

from programs import ROOT, cost, home, table

_ROUNDS = 21


def start_up(scratch: Path) -> list[str]:
    """Compare whole commands with Python alone."""
    python = _installed(scratch)
    program = python.with_name("glaciercli")
    user = home(scratch)
    for words in (["vault", "create", "photos"], ["upload", __file__, "photos"]):
        cost([program, "--local", *words], user)
    commands: dict[str, tuple[Sequence[object], dict[str, str]]] = {
        "python3 -c pass": ([python, "-c", "pass"], user),
        "python3 -c 'import click'": ([python, "-c", "import click"], user),
        "glaciercli --help": ([program, "--help"], user),
        "glaciercli --nosuch": ([program, "--nosuch"], user),
        "glaciercli list --local photos": ([program, "list", "--local", "photos"], user),
        "completion of a command": ([program], _completing(user, "glaciercli up")),
        "completion of a name": ([program], _completing(user, "glaciercli list local:photos/s")),
    }
    costs = _interleaved(commands)
    base = statistics.median(costs["python3 -c pass"])
    rows = [
        (name, f"{statistics.median(times) * 1000:.0f}", f"{statistics.median(times) / base:.2f}")
        for name, times in costs.items()
    ]
    title = f"Start-up: CPU of the whole process, median of {_ROUNDS}, taken in turns"
    return table(title, ("command", "ms", "x python3 -c pass"), rows)


def _installed(scratch: Path) -> Path:
    """Install the wheel into an environment of its own and return its Python."""
    wheels = scratch / "wheels"
    hatchling = Path(sys.executable).with_name("hatchling")
    subprocess.run([hatchling, "build", "-t", "wheel", "-d", wheels], cwd=ROOT, check=True)
    place = scratch / "installed"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    wheel = next(wheels.glob("*.whl"))
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    return python


def _completing(user: Mapping[str, str], line: str) -> dict[str, str]:
    return {
        **user,
        "_GLACIERCLI_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": re.split(r"[ :]", line)[-1],
    }


def _interleaved(
    commands: Mapping[str, tuple[Sequence[object], Mapping[str, str]]],
) -> dict[str, list[float]]:
    """Return the CPU seconds of each command, run in turns so that all meet the same weather."""
    costs: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(_ROUNDS + 1):
        for name, (words, user) in commands.items():
            found = cost(words, user, may_fail=True)
            if turn:  # the first turn warms the caches
                costs[name].append(found.cpu_s)
    return costs
