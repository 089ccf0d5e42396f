"""What is left after a failed transaction, a killed process and a full disk."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.keymap import database, restore, sources, sqlite_errors
from glaciercli.keymap.store import KeyMap, open_key_map, open_reader
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import NOW, STORE, Opener, add, in_memory, meet

WRITER = """
import sys
from tests.keymap.records import NOW, add, meet
from glaciercli.keymap.store import open_key_map
key_map = open_key_map(sys.argv[1], now=NOW)
vault = meet(key_map)
for number in range(100_000):
    with key_map.transaction():
        add(key_map, vault, f"first {number}", archive_id=f"A{number}")
        add(key_map, vault, f"second {number}", archive_id=f"B{number}")
    print(number, flush=True)
"""

FULL_DISK = """
import resource, sys
from tests.keymap.records import NOW, add, meet
from glaciercli import errors
from glaciercli.keymap.store import open_key_map
key_map = open_key_map(sys.argv[1], now=NOW)
vault = meet(key_map)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
number = 0
try:
    while True:
        add(key_map, vault, f"{number:0900}", archive_id=f"A{number}")
        number += 1
except (errors.DiskFull, errors.FileProblem):
    print(number)
"""


def names(key_map: KeyMap) -> list[str | None]:
    return [one.name for one in key_map.archives.live(meet(key_map))]


def test_a_transaction_that_fails_leaves_nothing(key_map: KeyMap, vault: KnownVault) -> None:
    with pytest.raises(ZeroDivisionError), key_map.transaction():  # noqa: PT012
        add(key_map, vault, "a")
        with key_map.transaction():
            add(key_map, vault, "b", archive_id="ID2")
        raise ZeroDivisionError
    assert names(key_map) == []
    add(key_map, vault, "c")
    assert names(key_map) == ["c"]


def test_an_interrupted_transaction_leaves_nothing(key_map: KeyMap, vault: KnownVault) -> None:
    with pytest.raises(KeyboardInterrupt), key_map.transaction():  # noqa: PT012
        add(key_map, vault, "a")
        raise KeyboardInterrupt
    assert names(key_map) == []


def test_what_was_reported_committed_outlives_kill_9(path: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        for _ in range(60):
            reported = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        reported = max([reported, *map(int, writer.stdout.read().split())])
    with closing(open_key_map(path, now=NOW)) as key_map:
        found = set(names(key_map))
    assert {f"first {number}" for number in range(reported + 1)} <= found
    # One transaction more may have been committed and not reported; it is whole.
    assert len(found) in {2 * (reported + 1), 2 * (reported + 2)}


def torn(path: str) -> str:
    """Return a copy of a key map in the state of a run that was killed in a commit."""
    copy = f"{path}.torn"
    with closing(open_key_map(path, now=NOW)) as key_map:
        vault = meet(key_map)
        add(key_map, vault, "before", archive_id="ID0")
        connection = key_map.archives._database  # noqa: SLF001 - to make the writer spill
        connection.execute("PRAGMA cache_size=5")
        connection.execute("PRAGMA cache_spill=1")
        with pytest.raises(ZeroDivisionError), key_map.transaction():  # noqa: PT012
            for number in range(500):
                add(key_map, vault, f"{number:0900}", archive_id=f"ID{number}")
            shutil.copy(path, copy)
            shutil.copy(f"{path}-journal", f"{copy}-journal")
            raise ZeroDivisionError
    assert Path(copy).read_bytes() != Path(path).read_bytes()
    return copy


@pytest.mark.skipif(
    sqlite3.sqlite_version_info >= (3, 51, 3), reason="with WAL there is no journal to roll back"
)
@pytest.mark.parametrize("opener", [open_key_map, open_reader])
def test_a_commit_that_was_cut_off_is_taken_back(path: str, opener: Opener) -> None:
    with closing(opener(torn(path), now=NOW)) as reader:
        (vault,) = reader.vaults.in_store(STORE)
        assert [one.name for one in reader.archives.live(vault)] == ["before"]


@pytest.mark.skipif(
    sqlite3.sqlite_version_info >= (3, 51, 3), reason="with WAL there is no journal to roll back"
)
def test_what_only_reads_leaves_a_commit_that_was_cut_off_alone(path: str) -> None:
    left = torn(path)
    before = Path(left).read_bytes(), Path(f"{left}-journal").read_bytes()
    with pytest.raises(errors.FileProblem, match="middle of a commit"), sources.source(left):
        pass
    assert (Path(left).read_bytes(), Path(f"{left}-journal").read_bytes()) == before


@pytest.mark.skipif(
    sqlite3.sqlite_version_info >= (3, 51, 3), reason="with WAL there is no journal to roll back"
)
def test_the_journal_of_what_was_there_does_not_reach_what_is_restored(
    path: str, tmp_path: Path
) -> None:
    left, made = torn(path), str(tmp_path / "made")
    with closing(open_key_map(made, now=NOW)) as key_map:
        add(key_map, meet(key_map), "restored", archive_id="R")
    kept = restore.replace(made, left, now=NOW)
    assert kept is not None
    for place, name in ((left, "restored"), (kept, "before")):
        with closing(open_key_map(place, now=NOW)) as key_map:
            assert names(key_map) == [name]


@pytest.mark.covers("P6")
def test_a_full_disk_is_told_and_keeps_what_was_there(path: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path], stdout=subprocess.PIPE, text=True, check=True
    )
    with closing(open_key_map(path, now=NOW)) as key_map:
        assert len(names(key_map)) == int(done.stdout)


@pytest.mark.covers("P11")
def test_another_run_in_the_middle_of_a_transaction_is_waited_for_then_told(path: str) -> None:
    with closing(open_key_map(path, now=NOW)) as key_map, closing(database.connect(path)) as other:
        other.execute("PRAGMA busy_timeout=1")
        with (
            key_map.transaction(),
            pytest.raises(errors.Busy, match="held by another run"),
            other.transaction(),
        ):
            pass


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, errors.Busy),
        (sqlite3.SQLITE_LOCKED, errors.Busy),
        (sqlite3.SQLITE_CORRUPT, errors.KeyMapDamaged),
        (sqlite3.SQLITE_NOTADB, errors.KeyMapDamaged),
        (sqlite3.SQLITE_READONLY, errors.KeyMapReadOnly),
        (sqlite3.SQLITE_PERM, errors.KeyMapReadOnly),
        (sqlite3.SQLITE_FULL, errors.DiskFull),
        (sqlite3.SQLITE_CANTOPEN, errors.FileProblem),
        (sqlite3.SQLITE_IOERR, errors.FileProblem),
        (sqlite3.SQLITE_MISUSE, sqlite3.OperationalError),
    ],
)
def test_errors_of_sqlite_become_ours(code: int, kind: type[Exception]) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    # The high bytes are the extended code.
    error.sqlite_errorcode = code | 3 << 8
    with pytest.raises(kind) as caught, sqlite_errors.translated("keymap.db"):
        raise error
    assert type(caught.value) is kind


def test_a_size_beyond_any_memory_is_damage() -> None:
    with pytest.raises(errors.KeyMapDamaged), sqlite_errors.translated("keymap.db"):
        raise MemoryError


def test_a_question_that_was_not_read_to_its_end_can_outlive_the_key_map() -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        for number in range(3):
            add(key_map, vault, f"{number}", archive_id=f"ID{number}")
        begun = key_map.archives.live(vault)
        assert next(begun).name == "0"
    del begun
