"""Memory: what a client process holds while much moves, in process and over HTTP."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from programs import GIB, MIB, Cost, cost, fill, home, serving, table


def memory(scratch: Path) -> list[str]:
    """Move 1 GiB of standard input and a 4 GiB file, both ways in, and note the peak memory."""
    rows = []
    one, four = scratch / "one.bin", scratch / "four.bin"
    fill(one, GIB)
    fill(four, 4 * GIB)
    for way, flags, user in _ways_in(scratch):
        glacier = [sys.executable, "-m", "glaciercli", *flags]
        cost([*glacier, "vault", "create", "bench"], user)
        for label, source, stdin in (("1 GiB of stdin", one, True), ("4 GiB file", four, False)):
            place = "-" if stdin else str(source)
            up = [*glacier, "upload", place, "bench", "--name", source.name, "--quiet"]
            with open(source, "rb") as stream:
                found = cost(up, user, stdin=stream if stdin else None)
            rows.append((way, f"{label} up", *_figures(found)))
            target = scratch / "back.bin"
            down = [*glacier, "retrieve", f"bench/{source.name}", "--to", str(target), "--quiet"]
            rows.append((way, f"{label} back", *_figures(cost(down, user))))
            if not _same(source, target):
                message = f"{label} came back different"
                raise RuntimeError(message)
            target.unlink()
    title = "Memory: peak resident set of the client process"
    return table(title, ("way in", "what", "MiB", "CPU s", "wall s"), rows)


def _ways_in(scratch: Path) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    user = home(scratch)
    yield "in process", ["--local"], user
    shutil.rmtree(user["HOME"])
    with serving(scratch / "served") as server:
        yield "HTTP", ["--endpoint-url", server.url], home(scratch)


def _figures(found: Cost) -> tuple[str, str, str]:
    return f"{found.peak_mib:.0f}", f"{found.cpu_s:.1f}", f"{found.wall_s:.1f}"


def _same(one: Path, other: Path) -> bool:
    with open(one, "rb") as left, open(other, "rb") as right:
        while True:
            a, b = left.read(MIB), right.read(MIB)
            if a != b or not a:
                return a == b
