"""A sync of a tree in which nothing has changed, beside ``find`` over the same tree."""

import os
import stat
import statistics
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from programs import Cost, cost, home, table

from glaciercli.core import description
from glaciercli.keymap.store import open_key_map
from glaciercli.model.archives import ArchiveState
from glaciercli.model.new_archives import NewArchive
from glaciercli.model.vaults import StoreIdentity
from glaciercli.transfer.tree import Walk

#: How large the trees are; the promises are about 200,000 files and a million.
_SIZES = tuple(map(int, os.environ.get("BENCH_FILES", "200000,1000000").split(",")))
_ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
_IN_FOLDER = 96
_IN_AREA = 100
_NOW = datetime(2026, 1, 2, tzinfo=UTC)


def trees(scratch: Path) -> list[str]:
    """Measure whole processes, start-up and the question to the service among them."""
    rows = []
    for size in _SIZES:
        place = scratch / f"files-{size}"
        place.mkdir()
        rows.append(_row(place, size))
    title = f"A sync with nothing to do, median of {_ROUNDS}"
    head = ("files", "find, s", "sync, s", "sync / find", "the same of CPU", "peak MiB")
    return table(title, head, rows)


def _row(place: Path, size: int) -> tuple[str, ...]:
    tree = place / "tree"
    _plant(tree, size)
    user = home(place, GLACIERCLI_KEY_MAP=str(place / "key-map.sqlite3"))
    cost(_sync("vault", "create", "photos"), user)
    data = Path(user["HOME"]) / ".local" / "share" / "glaciercli" / "local-store"
    _remember(place / "key-map.sqlite3", tree, endpoint=f"local:{data}")
    pairs = [
        (_find(tree, user), cost(_sync("sync", str(tree), "photos"), user)) for _ in range(_ROUNDS)
    ]
    ratio = statistics.median(sync.wall_s / find.wall_s for find, sync in pairs)
    return (
        f"{size:,}",
        f"{statistics.median(find.wall_s for find, _ in pairs):.2f}",
        f"{statistics.median(sync.wall_s for _, sync in pairs):.2f}",
        f"{ratio:.2f}",
        f"{statistics.median(sync.cpu_s / find.cpu_s for find, sync in pairs):.2f}",
        f"{max(sync.peak_mib for _, sync in pairs):.0f}",
    )


def _plant(tree: Path, size: int) -> None:
    """Make a tree of empty files with times of their own, in folders in folders."""
    for number in range(size):
        folder, place = divmod(number, _IN_FOLDER)
        directory = tree / f"area-{folder // _IN_AREA:03}" / f"folder-{folder % _IN_AREA:03}"
        if not place:
            directory.mkdir(parents=True)
        path = directory / f"file-{place:05}.dat"
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
        os.truncate(path, 1 + number % 9973)


def _remember(path: Path, tree: Path, *, endpoint: str) -> None:
    """Write into the key map that all of a tree is stored."""
    key_map = open_key_map(str(path), now=_NOW)
    (vault,) = key_map.vaults.in_store(StoreIdentity(endpoint=endpoint, region=None, account=None))
    with key_map.transaction():
        for number, (name, size, modified_ns, mode) in enumerate(_files(tree)):
            tag = f"{number:016}"
            key_map.archives.add(
                vault.key,
                NewArchive(
                    archive_id=sha256(name).hexdigest().ljust(138, "A"),
                    name=name.decode(),
                    name_source="upload",
                    description=description.encode(
                        name=name.decode(), modified_ns=modified_ns, tag=tag
                    ),
                    tag=tag,
                    size_bytes=size,
                    tree_hash=sha256(name).digest(),
                    modified_ns=modified_ns,
                    uploaded_at=_NOW,
                    state=ArchiveState.CONFIRMED,
                    mode=mode,
                ),
            )
    key_map.close()


def _files(tree: Path) -> Iterator[tuple[bytes, int, int, int]]:
    for batch in Walk(str(tree)).batches():
        yield from (row for row in batch if stat.S_ISREG(row[3]))


def _find(tree: Path, user: Mapping[str, str]) -> Cost:
    return cost(["find", str(tree), "-printf", r"%s %T@ %p\n"], user)


def _sync(*words: str) -> list[str]:
    return [str(Path(sys.executable).with_name("glaciercli")), "--local", *words]
