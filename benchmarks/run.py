"""Measures what the project promises, and writes the tables.

    make bench                              everything, into benchmarks/results.md
    make bench ARGS="start_up small_files"  some measurements, on the screen only

Absolute times depend on the machine; the ratios are what counts, and each is taken in one run.
``BENCH_ROUNDS`` says how often a transfer is repeated, ``BENCH_NAMES`` how many names are listed.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import inventories
import listing
import memory
import removal
import service
import start_up
import transfers
import trees
from programs import ROOT

RESULTS = ROOT / "benchmarks" / "results.md"

MEASUREMENTS: dict[str, Callable[[Path], list[str]]] = {
    "start_up": start_up.start_up,
    "listing": listing.listing,
    "uploads": transfers.uploads,
    "uploads_over_tls": transfers.uploads_over_tls,
    "downloads": transfers.downloads,
    "small_files": transfers.small_files,
    "long_lines": transfers.long_lines,
    "transfer_memory": transfers.transfer_memory,
    "memory": memory.memory,
    "inventories": inventories.inventories,
    "trees": trees.trees,
    "removal_rate": removal.removal_rate,
    "whole_removal": removal.whole_removal,
    "throughput": service.throughput,
    "service_memory": service.service_memory,
    "slow_clients": service.slow_clients,
}


def main(argv: Sequence[str]) -> int:
    """Run the measurements and write the tables."""
    lines = [*_heading()]
    for one in argv or MEASUREMENTS:
        with tempfile.TemporaryDirectory(prefix="glaciercli-bench-") as name:
            lines += ["", *MEASUREMENTS[one](Path(name))]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if not argv:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


def _heading() -> Iterator[str]:
    yield "# Measured"
    yield ""
    yield "Made by `make bench`. Absolute figures are those of one machine; ratios are taken in"
    yield "one run."
    yield ""
    yield f"Python {sys.version.split()[0]}, {os.cpu_count()} processors."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
