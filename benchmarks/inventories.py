"""Taking in an inventory, measured against ``json.load`` of the same file."""

import os
import random
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from programs import MIB, Cost, cost, home, median, table

#: How many archives; 10,000,000 need about 15 GB of disk, and 12 GB of memory for ``json.load``.
_COUNT = int(os.environ.get("BENCH_ARCHIVES", "1000000"))

#: How often each is done, in turns; the figures are medians.
_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))

#: What an archive's ID and tree hash count as: the characters of the one, the bytes of the other.
_ID_AND_HASH = 138 + 32

Described = tuple[str, str]


def inventories(scratch: Path) -> list[str]:
    """Reconcile an inventory with an empty key map, and again, unchanged."""
    lines: list[str] = []
    for title, described in (
        ("descriptions that are names", _plain),
        ("descriptions of our own", _ours),
    ):
        lines += [*([""] if lines else []), *_measured(scratch, title, described)]
    return lines


def _measured(scratch: Path, title: str, described: Callable[[int], Described]) -> list[str]:
    saved = scratch / "inventory.json"
    name_bytes = _write(saved, described)
    environment = home(scratch)
    key_map = scratch / "key-map.sqlite3"
    environment["GLACIERCLI_KEY_MAP"] = str(key_map)
    glaciercli = [sys.executable, "-m", "glaciercli", "--local"]
    taking = [*glaciercli, "inventory", "import", "bench", saved, "--quiet"]
    loading = [sys.executable, "-c", "import json, sys; json.load(open(sys.argv[1]))", saved]
    rounds: dict[str, list[Cost]] = {"json.load": [], "first": [], "again, unchanged": []}
    for _ in range(_ROUNDS):
        key_map.unlink(missing_ok=True)
        cost([*glaciercli, "vault", "create", "bench"], environment)
        for name, costs in rounds.items():
            costs.append(cost(loading if name == "json.load" else taking, environment))
    found = {name: median(costs) for name, costs in rounds.items()}
    base = found["json.load"]
    size, content = key_map.stat().st_size, name_bytes + _COUNT * _ID_AND_HASH
    key_map.unlink()
    rows = [
        (name, f"{one.cpu_s:.1f}", f"{one.cpu_s / base.cpu_s:.1f}", f"{one.peak_mib:.0f}")
        for name, one in found.items()
    ]
    heading = f"An inventory of {_COUNT:,} archives, {title}"
    return [
        *table(heading, ("what", "CPU s", "x json.load", "MiB"), rows),
        "",
        (
            f"The key map: {size // MIB:,} MiB, {size / _COUNT:.0f} bytes an archive, "
            f"{size / content:.2f} x its names, IDs and hashes."
        ),
    ]


def _plain(number: int) -> Described:
    """Return a name that a backup gives, and a description that is nothing else."""
    name = f"backups/host{number % 997:03}/dir{number // 100:05}/photo-{number:024}.tar.zst"
    return name, name


def _ours(number: int) -> Described:
    """Return a name, and what an upload of ours writes."""
    name = f"photos/2024/{number // 1000:05}/img_{number:08}.jpg"
    time = f"2025-0{1 + number % 9}-03T04:05:06.{number * 7919 % 10**8:08}1Z"
    return name, f'gc1 {{\\"n\\":\\"{name}\\",\\"m\\":\\"{time}\\",\\"u\\":\\"{number:016}\\"}}'


def _write(path: Path, described: Callable[[int], Described]) -> int:
    """Write an inventory, and return how many bytes the names in it have."""
    made = random.Random(1)  # noqa: S311 - repeatable, and no secret
    name_bytes = 0
    with open(path, "w", encoding="ascii") as file:
        file.write('{"VaultARN":"arn:aws:glacier:us-east-1:000000000000:vaults/bench",')
        file.write('"InventoryDate":"2026-01-01T00:00:00Z","ArchiveList":[')
        for number in range(_COUNT):
            archive_id = urlsafe_b64encode(made.randbytes(105)).decode("ascii")[:138]
            name, text = described(number)
            name_bytes += len(name)
            file.write(
                f'{"," if number else ""}{{"ArchiveId":"{archive_id}","ArchiveDescription":"{text}"'
                f',"CreationDate":"2023-{1 + number % 12:02}-{1 + number % 28:02}T00:00:00Z"'
                f',"Size":{10**9 + number},"SHA256TreeHash":"{made.getrandbits(256):064x}"}}'
            )
        file.write("]}")
    return name_bytes
