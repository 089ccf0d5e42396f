"""What several measurements need: tables, files to move, and a service to move them to."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
        yield Served(url=server.stdout.readline().strip(), pid=server.pid)
        server.terminate()


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
