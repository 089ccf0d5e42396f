"""What several measurements need: tables, files to move, and a service to move them to."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent

MIB = 1024**2
GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A service in a process of its own; it accepts any signature."""

    url: str
    pid: int

    def peak_mib(self) -> int:
        """Return the most memory that the process ever had resident."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        (line,) = [one for one in status.splitlines() if one.startswith("VmHWM:")]
        return int(line.split()[1]) // 1024

    def cpu_s(self) -> float:
        """Return the processor time that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a command took."""

    cpu_s: float
    wall_s: float
    peak_mib: float


def median(found: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        cpu_s=statistics.median(one.cpu_s for one in found),
        wall_s=statistics.median(one.wall_s for one in found),
        peak_mib=statistics.median(one.peak_mib for one in found),
    )


@contextmanager
def serving(place: Path) -> Iterator[Served]:
    """Run the embedded service on a data directory."""
    command = [sys.executable, "-m", "glaciercli", "serve", "--port", "0", "--anonymous"]
    with subprocess.Popen(
        [*command, "--data", str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield Served(url=server.stdout.readline().strip(), pid=server.pid)
        finally:
            server.terminate()


@contextmanager
def sinking(*options: str) -> Iterator[str]:
    """Run the sink and yield its URL."""
    command = [sys.executable, str(Path(__file__).with_name("sink.py")), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        try:
            yield sink.stdout.readline().strip()
        finally:
            sink.terminate()


def home(scratch: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nobody has used the program yet, with some credentials."""
    place = tempfile.mkdtemp(prefix="home-", dir=scratch)
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "PYTHONPATH") if key in os.environ}
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    region = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    return {
        **kept,
        **keys,
        **region,
        "HOME": place,
        "AWS_EC2_METADATA_DISABLED": "true",
    } | more


def cost(
    words: Sequence[object],
    environment: Mapping[str, str],
    *,
    stdin: IO[bytes] | None = None,
    may_fail: bool = False,
) -> Cost:
    """Run a command to its end, which must be a good one, and return what it cost."""
    begun = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in words],
        env=environment,
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if may_fail else None,
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode and not may_fail:
        message = f"{words} ended with {process.returncode}"
        raise RuntimeError(message)
    return Cost(
        cpu_s=used.ru_utime + used.ru_stime,
        wall_s=time.perf_counter() - begun,
        peak_mib=used.ru_maxrss / 1024,
    )


def fill(path: Path, size_bytes: int) -> None:
    """Write a file whose every MiB is different and that no file system can make sparse."""
    with open(path, "wb") as file:
        block = bytearray(os.urandom(MIB))
        for number in range(size_bytes // MIB):
            block[:8] = number.to_bytes(8, "big")
            file.write(block)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a section with one table."""
    lines = [f"## {title}", "", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return lines + [f"| {' | '.join(row)} |" for row in rows]
