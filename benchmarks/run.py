"""Measures what the project promises: start-up, memory over the size of what moves, the service.

    make bench                    everything, into benchmarks/results.md
    make bench ARGS="start_up"    one of: start_up, memory, throughput, service_memory, slow_clients

Absolute times depend on the machine; the ratios are what counts, and each is taken in one run.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import service
from programs import GIB, MIB, fill, serving, table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.md"

_ROUNDS = 21


def main(argv: Sequence[str]) -> int:
    """Run the measurements and write the tables."""
    chosen = list(argv) or list(MEASUREMENTS)
    with tempfile.TemporaryDirectory(prefix="glaciercli-bench-") as name:
        lines = [*_heading()]
        for one in chosen:
            lines += ["", *MEASUREMENTS[one](Path(name))]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if not argv:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


def start_up(scratch: Path) -> list[str]:
    """Compare whole commands of an installed wheel with importing Click."""
    python = _installed(scratch)
    program = python.with_name("glaciercli")
    home = _home(scratch / "home")
    for words in (["vault", "create", "photos"], ["upload", __file__, "photos"]):
        _run([program, "--local", *words], home)
    commands: dict[str, tuple[Sequence[object], dict[str, str]]] = {
        "python3 -c 'import click'": ([python, "-c", "import click"], home),
        "glaciercli --help": ([program, "--help"], home),
        "glaciercli --nosuch": ([program, "--nosuch"], home),
        "glaciercli list --local photos": ([program, "list", "--local", "photos"], home),
        "completion of a name": ([program], _completing(home)),
    }
    costs = _interleaved(commands)
    base = statistics.median(costs["python3 -c 'import click'"])
    rows = [
        (name, f"{statistics.median(times) * 1000:.0f}", f"{statistics.median(times) / base:.2f}")
        for name, times in costs.items()
    ]
    title = f"Start-up: CPU of the whole process, median of {_ROUNDS}, taken in turns"
    return table(title, ("command", "ms", "x import click"), rows)


def memory(scratch: Path) -> list[str]:
    """Move 1 GiB of standard input and a 4 GiB file, both ways in, and note the peak memory."""
    rows = []
    one, four = scratch / "one.bin", scratch / "four.bin"
    fill(one, GIB)
    fill(four, 4 * GIB)
    for way, flags, home in _ways_in(scratch):
        glacier = [sys.executable, "-m", "glaciercli", *flags]
        _run([*glacier, "vault", "create", "bench"], home)
        for label, source, stdin in (("1 GiB of stdin", one, True), ("4 GiB file", four, False)):
            place = "-" if stdin else str(source)
            up = [*glacier, "upload", place, "bench", "--name", source.name, "--quiet"]
            with open(source, "rb") as stream:
                rows.append((way, f"{label} up", *_cost(up, home, stream if stdin else None)))
            target = scratch / "back.bin"
            down = [*glacier, "retrieve", f"bench/{source.name}", "--to", str(target), "--quiet"]
            rows.append((way, f"{label} back", *_cost(down, home, None)))
            if not _same(source, target):
                message = f"{label} came back different"
                raise RuntimeError(message)
            target.unlink()
    title = "Memory: peak resident set of the client process"
    return table(title, ("way in", "what", "MiB", "CPU s", "wall s"), rows)


MEASUREMENTS: dict[str, Callable[[Path], list[str]]] = {
    "start_up": start_up,
    "memory": memory,
    "throughput": service.throughput,
    "service_memory": service.service_memory,
    "slow_clients": service.slow_clients,
}


def _heading() -> Iterator[str]:
    yield "# Measured"
    yield ""
    yield "Made by `make bench`. Absolute figures are those of one machine; ratios are taken in"
    yield "one run."
    yield ""
    yield f"Python {sys.version.split()[0]}, {os.cpu_count()} processors."


def _installed(scratch: Path) -> Path:
    """Install the wheel into an environment of its own and return its Python."""
    wheels = scratch / "wheels"
    hatchling = Path(sys.executable).with_name("hatchling")
    _run([hatchling, "build", "-t", "wheel", "-d", wheels], dict(os.environ), cwd=ROOT)
    place = scratch / "installed"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    wheel = next(wheels.glob("*.whl"))
    _run([python, "-m", "pip", "install", "--quiet", wheel], dict(os.environ))
    return python


def _home(place: Path) -> dict[str, str]:
    """Return an environment in which nobody has used the program yet."""
    place.mkdir()
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    return {**kept, "HOME": str(place), "AWS_EC2_METADATA_DISABLED": "true"}


def _completing(home: dict[str, str]) -> dict[str, str]:
    return {
        **home,
        "_GLACIERCLI_COMPLETE": "bash_complete",
        "COMP_WORDS": "glaciercli --local list photos/r",
        "COMP_CWORD": "3",
    }


def _ways_in(scratch: Path) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    yield "in process", ["--local"], _home(scratch / "local-home")
    shutil.rmtree(scratch / "local-home")
    with serving(scratch / "served") as server:
        keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
        home = {**_home(scratch / "http-home"), **keys, "AWS_REGION": "us-east-1"}
        yield "HTTP", ["--endpoint-url", server.url], home


def _same(one: Path, other: Path) -> bool:
    with open(one, "rb") as left, open(other, "rb") as right:
        while True:
            a, b = left.read(MIB), right.read(MIB)
            if a != b or not a:
                return a == b


def _interleaved(
    commands: dict[str, tuple[Sequence[object], dict[str, str]]],
) -> dict[str, list[float]]:
    """Return the CPU seconds of each command, run in turns so that all meet the same weather."""
    costs: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(_ROUNDS + 1):
        for name, (words, home) in commands.items():
            cpu = _usage(words, home, None)[1]
            if turn:  # the first turn warms the caches
                costs[name].append(cpu)
    return costs


def _cost(
    words: Sequence[object], home: dict[str, str], stdin: IO[bytes] | None
) -> tuple[str, str, str]:
    peak, cpu, wall = _usage(words, home, stdin, check=True)
    return f"{peak / 1024:.0f}", f"{cpu:.1f}", f"{wall:.1f}"


def _usage(
    words: Sequence[object],
    home: dict[str, str],
    stdin: IO[bytes] | None,
    *,
    check: bool = False,
) -> tuple[float, float, float]:
    """Return the peak memory in KiB, the CPU seconds and the wall seconds of a command."""
    import time

    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in words],
        env=home,
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if check and process.returncode:
        message = f"{words} ended with {process.returncode}"
        raise RuntimeError(message)
    return used.ru_maxrss, used.ru_utime + used.ru_stime, wall


def _run(words: Sequence[object], home: dict[str, str], cwd: Path | None = None) -> None:
    command = [str(word) for word in words]
    subprocess.run(command, env=home, cwd=cwd, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
