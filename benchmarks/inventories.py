"""Taking in an inventory, measured against ``json.load`` of the same file."""

import os
import random
import sys
from pathlib import Path

from programs import cost, home, table

#: How many archives; 10,000,000 need about 10 GB of disk.
_COUNT = int(os.environ.get("BENCH_ARCHIVES", "1000000"))

_ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def inventories(scratch: Path) -> list[str]:
    """Reconcile an inventory with an empty key map, and again, unchanged."""
    saved = scratch / "inventory.json"
    _write(saved)
    environment = home(scratch)
    glaciercli = [sys.executable, "-m", "glaciercli", "--local"]
    taking = [*glaciercli, "inventory", "import", "bench", saved, "--quiet"]
    loading = [sys.executable, "-c", "import json, sys; json.load(open(sys.argv[1]))", saved]
    base = cost(loading, environment)
    cost([*glaciercli, "vault", "create", "bench"], environment)
    found = {"json.load": base}
    found |= {name: cost(taking, environment) for name in ("first", "again, unchanged")}
    rows = [
        (name, f"{one.cpu_s:.1f}", f"{one.cpu_s / base.cpu_s:.1f}", f"{one.peak_mib:.0f}")
        for name, one in found.items()
    ]
    return table(
        f"An inventory of {_COUNT:,} archives", ("what", "CPU s", "x json.load", "MiB"), rows
    )


def _write(path: Path) -> None:
    """Write an inventory of archives with the names that a backup gives."""
    made = random.Random(1)  # noqa: S311 - repeatable, and no secret
    with open(path, "w", encoding="ascii") as file:
        file.write('{"VaultARN":"arn:aws:glacier:us-east-1:000000000000:vaults/bench",')
        file.write('"InventoryDate":"2026-01-01T00:00:00Z","ArchiveList":[')
        for number in range(_COUNT):
            archive_id = "".join(made.choices(_ID_CHARACTERS, k=138))
            name = f"backups/host{number % 997:03}/dir{number // 100:05}/photo-{number:024}.tar.zst"
            file.write(
                f'{"," if number else ""}{{"ArchiveId":"{archive_id}","ArchiveDescription":"{name}"'
                f',"CreationDate":"2023-{1 + number % 12:02}-{1 + number % 28:02}T00:00:00Z"'
                f',"Size":{10**9 + number},"SHA256TreeHash":"{made.getrandbits(256):064x}"}}'
            )
        file.write("]}")
