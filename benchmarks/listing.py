"""Questions to a key map of very many names: the first screen, completion, sorting, duplicates."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from programs import cost, home, table

from glaciercli.keymap import codes, database, described, identifiers, schema
from glaciercli.keymap.store import KeyMap
from glaciercli.model.vaults import VaultIdentity

#: How many names the key map holds; the promise is about ten million.
_NAMES = int(os.environ.get("BENCH_NAMES", "1000000"))
_ROUNDS = 11
_IN_FOLDER = 1000
_NOW = datetime(2026, 1, 2, tzinfo=UTC)

_PUT = (
    "INSERT INTO archives (vault_key, archive_id, name, name_source, description, modified_ns, tag,"
    " size_bytes, tree_hash, uploaded_at, state)"
    " VALUES (?, ?, CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?, ?)"
)


def listing(scratch: Path) -> list[str]:
    """Measure whole commands, start-up among them, over a key map of very many names."""
    path = scratch / "key-map.sqlite3"
    fill_key_map(path, names=_NAMES)
    user = home(scratch, GLACIERCLI_KEY_MAP=str(path))
    screens = [
        (f"first 40 lines of list {words}", f"{_first_screen(words.split(), user):.0f}")
        for words in (
            "photos/year-2/folder-00010/0001.jpg",
            "photos/year-2*/**",
            "photos/year-3/folder-0*/0*",
            "photos/*",
            "photos",
            "photos --reverse",
        )
    ]
    typed = ("photos/", "photos/year-2/", "photos/year-3/folder-00010/")
    completions = [(f"completion of {one}", f"{_completion(one, user):.0f}") for one in typed]
    title = f"Listing: {_NAMES:,} names, start-up included, median of {_ROUNDS}"
    return [
        *table(title, ("command", "ms"), [*screens, *completions]),
        "",
        *table("Whole listings of these names", ("command", "s", "MiB"), list(_whole(user))),
    ]


def fill_key_map(path: Path, *, names: int) -> None:
    """Write a key map with one vault; a tenth of its archives are held twice."""
    path.touch(mode=0o600)
    opened = database.connect(str(path))
    database.make_durable(opened)
    schema.migrate(opened, now=_NOW)
    identity = VaultIdentity(endpoint="aws", account="1" * 12, region="us-east-1", name="photos")
    vault = KeyMap(opened).vaults.remember(identity, created_at=_NOW)
    indexes = [
        (str(name), str(sql))
        for name, sql in opened.query(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'archives'"
            " AND sql IS NOT NULL"
        )
    ]
    # An index that is made afterwards is written in order, and in a tenth of the time.
    with opened.transaction():
        for name, _ in indexes:
            opened.execute(f"DROP INDEX {name}")
        opened.execute_many(_PUT, _rows(vault.key, names))
        for _, sql in indexes:
            opened.execute(sql)
    opened.close()


def _rows(vault_key: int, names: int) -> Iterator[Sequence[int | str | bytes | None]]:
    for number in range(names):
        folder, place = divmod(number, _IN_FOLDER)
        name = f"year-{folder % 10}/folder-{folder // 10:05}/{place:04}.jpg"
        archive_id = f"{number * 2654435761 % 2**64:020d}".ljust(138, "A")
        content = number if number % 10 else number // 20 * 20
        told = described.Words(
            name=name,
            source="upload",
            description=f'gc1 {{"n":"{name}","m":"2026-01-01T00:00:00Z","u":"{number:016}"}}',
            modified_ns=1_767_225_600 * 10**9,
            tag=f"{number:016}",
        )
        yield (
            vault_key,
            identifiers.kept(archive_id),
            *described.columns(told),
            1 + content * 7919 % 10**9,
            content.to_bytes(4, "big") * 8,
            1_700_000_000_000 + number,
            codes.CONFIRMED,
        )


def _first_screen(words: Sequence[str], user: Mapping[str, str]) -> float:
    """Return the median milliseconds until forty lines are there, or the end."""
    times = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        with subprocess.Popen(
            _command("list", *words),
            env=user,
            stdout=subprocess.PIPE,
            # A glob that finds nothing, after a look at ten folders, says so.
            stderr=subprocess.DEVNULL,
        ) as child:
            assert child.stdout is not None
            for _line in range(40):
                child.stdout.readline()
            times.append(time.perf_counter() - begun)
            child.stdout.close()
    return statistics.median(times) * 1000


def _completion(typed: str, user: Mapping[str, str]) -> float:
    asking = {
        **user,
        "_GLACIERCLI_COMPLETE": "bash_complete",
        "COMP_WORDS": f"glaciercli list {typed}",
        "COMP_CWORD": "2",
    }
    times = [cost(_command(), asking, may_fail=True).wall_s for _ in range(_ROUNDS)]
    return statistics.median(times) * 1000


def _whole(user: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for words in (
        "photos -o jsonl",
        "photos -o csv",
        "photos --sort size -o jsonl",
        "--duplicates -o jsonl",
    ):
        used = cost(_command("list", *words.split()), user)
        yield f"list {words}", f"{used.wall_s:.1f}", f"{used.peak_mib:.0f}"


def _command(*words: str) -> list[str]:
    return [str(Path(sys.executable).with_name("glaciercli")), *words]
