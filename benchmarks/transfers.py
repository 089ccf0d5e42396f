"""Transfers, measured against the machine's own limit and against what others do.

Every comparison is made in turns within one run, so that all meet the same weather; the figures
are medians.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from programs import GIB, MIB, Cost, cost, fill, home, median, sinking, table

_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
_HERE = Path(__file__).parent
_SMALL, _SMALL_BYTES = 2000, 64 * 1024
_SPARSE_BYTES = 40 * GIB
_PATTERN_BYTES = 64 * MIB

Runner = Callable[[Path], Cost]


def uploads(scratch: Path) -> list[str]:
    """Compare uploads: CPU a GiB, of a 4 GiB run less a 1 GiB run, and the wall time of 2 GiB."""
    with sinking() as url:
        rows = _compared(scratch, _uploaders(scratch, url))
    title = f"Uploads over loopback: medians of {_ROUNDS}, in turns"
    return table(title, ("what", "CPU s/GiB", "x floor", "2 GiB wall s", "x floor"), rows)


def uploads_over_tls(scratch: Path) -> list[str]:
    """Compare the same over TLS with a certificate of our own."""
    certificate, key = _certificate(scratch)
    with sinking("--tls", str(certificate), str(key)) as url:
        trusted = {"AWS_CA_BUNDLE": str(certificate)}
        every = _uploaders(scratch, url, **trusted)
        rows = _compared(scratch, {name: every[name] for name in ("floor", "glaciercli")})
    title = f"Uploads over TLS: medians of {_ROUNDS}, in turns"
    return table(title, ("what", "CPU s/GiB", "x floor", "2 GiB wall s", "x floor"), rows)


def downloads(scratch: Path) -> list[str]:
    """Compare downloads of 2 GiB, to the disk and to memory."""
    rows = []
    source = scratch / "two.bin"
    with _stored(scratch, source) as (url, path, environment):
        for where, place in _places(scratch):
            runs = _downloaders(url, path, environment, place / "back.bin")
            costs = _in_turns(runs, place / "back.bin")
            base = median(costs["floor"])
            for name, found in costs.items():
                one = median(found)
                cpu = f"{one.cpu_s / 2:.2f}", f"{one.cpu_s / base.cpu_s:.2f}"
                rows.append((where, name, *cpu, f"{one.wall_s:.2f}", f"{one.peak_mib:.0f}"))
    title = f"Downloads over loopback: medians of {_ROUNDS}, in turns"
    return table(title, ("to", "what", "CPU s/GiB", "x floor", "2 GiB wall s", "MiB"), rows)


def small_files(scratch: Path) -> list[str]:
    """Store 2,000 files of 64 KiB, near and over a line of 50 ms."""
    folder = scratch / "small"
    folder.mkdir()
    for number in range(_SMALL):
        (folder / f"{number:04d}").write_bytes(os.urandom(_SMALL_BYTES))
    rows = []
    with sinking() as url:
        runs = {"boto3, one after the other": _naive(scratch, "small", url)}
        runs |= {f"glaciercli --jobs {jobs}": _ours(scratch, url, jobs) for jobs in (1, 8, 32)}
        rows += _small_rows("none", _in_turns(runs, folder))
    with sinking("--delay-ms", "50") as url:
        runs = {f"glaciercli --jobs {jobs}": _ours(scratch, url, jobs) for jobs in (8, 32, 64)}
        rows += _small_rows("50 ms", _in_turns(runs, folder, rounds=1))
    title = f"{_SMALL:,} files of 64 KiB: medians of {_ROUNDS}"
    return table(title, ("delay", "what", "CPU ms/file", "wall s"), rows)


def long_lines(scratch: Path) -> list[str]:
    """Store 512 MiB over lines of 100 ms and 5 MB/s each, by the number of requests at once."""
    source = scratch / "half.bin"
    fill(source, GIB // 2)
    rows = []
    with sinking("--delay-ms", "100", "--bytes-per-s", "5e6") as url:
        for jobs in (4, 8, 16, 32):
            found = _ours(scratch, url, jobs, "--part-size", "4MiB")(source)
            rows.append((str(jobs), f"{found.wall_s:.1f}", f"{512 / found.wall_s:.0f}"))
    return table("512 MiB over lines of 100 ms and 5 MB/s", ("--jobs", "wall s", "MiB/s"), rows)


def transfer_memory(scratch: Path) -> list[str]:
    """Note the peak memory of uploads: of 40 GiB, and by the number of requests at once."""
    rows = []
    with sinking() as url:
        for size, jobs in ((_SPARSE_BYTES, 8), (4 * GIB, 8), (4 * GIB, 32), (4 * GIB, 64)):
            source = scratch / "sparse.bin"
            with open(source, "wb") as file:
                file.truncate(size)
            found = _ours(scratch, url, jobs)(source)
            rows.append((f"{size // GIB} GiB", str(jobs), f"{found.peak_mib:.0f}"))
    return table("Memory of an upload", ("file", "--jobs", "MiB"), rows)


def _compared(scratch: Path, runs: Mapping[str, Runner]) -> list[tuple[str, ...]]:
    costs: dict[int, dict[str, list[Cost]]] = {}
    for gib in (1, 2, 4):
        source = scratch / "up.bin"
        fill(source, gib * GIB)
        costs[gib] = _in_turns(runs, source)
        source.unlink()
    cpu = {name: (median(costs[4][name]).cpu_s - median(costs[1][name]).cpu_s) / 3 for name in runs}
    wall = {name: median(costs[2][name]).wall_s for name in runs}
    return [
        (
            name,
            f"{cpu[name]:.2f}",
            f"{cpu[name] / cpu['floor']:.2f}",
            f"{wall[name]:.2f}",
            f"{wall[name] / wall['floor']:.2f}",
        )
        for name in runs
    ]


def _uploaders(scratch: Path, url: str, **more: str) -> dict[str, Runner]:
    floor = [sys.executable, _HERE / "floor.py", "up"]
    environment = home(scratch, **more)
    aws = [Path(sys.executable).with_name("aws"), "--endpoint-url", url, "glacier"]
    words = ["upload-archive", "--account-id", "-", "--vault-name", "bench", "--body"]
    return {
        "floor": lambda source: cost([*floor, source, url], environment),
        "glaciercli": _ours(scratch, url, 4, **more),
        "boto3 as documented": _naive(scratch, "up", url),
        "AWS CLI, one request": lambda source: cost([*aws, *words, source], environment),
    }


def _ours(scratch: Path, url: str, jobs: int, *flags: str, **more: str) -> Runner:
    """Return what stores a file or a folder with a key map that knows nothing yet."""

    def run(source: Path) -> Cost:
        environment = home(scratch, **more)
        words = ["upload", source, "bench", "--quiet", "--jobs", jobs, *flags]
        return cost([*_glaciercli(url), *words], environment)

    return run


def _naive(scratch: Path, work: str, url: str) -> Runner:
    environment = home(scratch)
    words = [sys.executable, _HERE / "naive.py", work]
    return lambda source: cost([*words, source, url], environment)


def _glaciercli(url: str) -> list[str]:
    return [sys.executable, "-m", "glaciercli", "--endpoint-url", url]


@contextmanager
def _stored(scratch: Path, source: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Store 2 GiB in a sink and ask for it: its URL, the output's path, an environment."""
    environment = home(scratch)
    pattern = scratch / "pattern.bin"
    fill(pattern, _PATTERN_BYTES)
    with open(source, "wb") as file:
        for _ in range(2 * GIB // _PATTERN_BYTES):
            # Never in memory at once: a child's peak begins with that of its parent.
            with open(pattern, "rb") as read:
                shutil.copyfileobj(read, file)
    with sinking("--pattern", str(pattern)) as url:
        glaciercli = _glaciercli(url)
        cost([*glaciercli, "upload", source, "bench", "--name", "two", "--quiet"], environment)
        back = scratch / "asked.bin"
        cost([*glaciercli, "retrieve", "bench/two", "--to", back, "--quiet"], environment)
        back.unlink()
        listed = [*glaciercli, "job", "list", "bench", "-o", "csv"]
        said = subprocess.check_output(listed, env=environment, text=True).splitlines()
        job = dict(zip(said[0].split(","), said[1].split(","), strict=True))["job_id"]
        yield url, f"/-/vaults/bench/jobs/{job}/output", environment


def _downloaders(
    url: str, path: str, environment: dict[str, str], target: Path
) -> dict[str, Runner]:
    aws = [Path(sys.executable).with_name("aws"), "--endpoint-url", url, "glacier"]
    job = path.split("/")[-2]
    asked = ["get-job-output", "--account-id", "-", "--vault-name", "bench", f"--job-id={job}"]
    theirs = [*aws, *asked, target]
    # Ours is done when the bytes are on the disk; so that theirs are, too:
    synced = ["sh", "-c", 'file=$1; shift; "$@" && sync "$file"', "sh", target, *theirs]
    ours = [*_glaciercli(url), "retrieve", "bench/two", "--to", target, "--quiet", "--jobs", 4]
    floor = [sys.executable, _HERE / "floor.py", "down", url, path, target]
    return {
        "floor": lambda _: cost(floor, environment),
        "glaciercli": lambda _: cost(ours, environment),
        "AWS CLI, which proves nothing": lambda _: cost(theirs, environment),
        "AWS CLI, then sync": lambda _: cost(synced, environment),
    }


def _places(scratch: Path) -> Iterator[tuple[str, Path]]:
    yield "disk", scratch
    memory = Path("/dev/shm")  # noqa: S108 - a measurement's own folder is made in it
    if memory.is_dir() and shutil.disk_usage(memory).free > 3 * GIB:
        place = memory / f"glaciercli-bench-{os.getpid()}"
        place.mkdir()
        try:
            yield "memory", place
        finally:
            shutil.rmtree(place)


def _in_turns(
    runs: Mapping[str, Runner], subject: Path, *, rounds: int = _ROUNDS
) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            costs[name].append(run(subject))
            if subject.name == "back.bin":
                subject.unlink()
    return costs


def _small_rows(delay: str, costs: Mapping[str, Sequence[Cost]]) -> Iterator[tuple[str, ...]]:
    for name, found in costs.items():
        one = median(found)
        yield delay, name, f"{one.cpu_s / _SMALL * 1000:.2f}", f"{one.wall_s:.1f}"


def _certificate(scratch: Path) -> tuple[Path, Path]:
    certificate, key = scratch / "certificate.pem", scratch / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate)]
    command = ["openssl", "req", "-x509", "-days", "2", *subject, *made]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key
