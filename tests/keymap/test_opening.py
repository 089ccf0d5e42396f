"""Making, reopening and refusing key maps."""

import os
import random
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.keymap import schema
from glaciercli.keymap.store import open_key_map, open_reader
from glaciercli.model.archives import ArchiveState
from tests.keymap.records import NOW, STORE, Opener, add, meet

MAKE = """
import sys
from datetime import UTC, datetime
from glaciercli.keymap.store import open_key_map
sys.stdin.readline()
open_key_map(sys.argv[1], now=datetime.now(UTC)).close()
"""

SAFE_WAL = sqlite3.sqlite_version_info >= (3, 51, 3)


def made(path: str, *, names: int = 1) -> bytes:
    """Make a key map with some archives and return its bytes."""
    with closing(open_key_map(path, now=NOW)) as key_map:
        vault = meet(key_map)
        for number in range(names):
            add(key_map, vault, f"name {number}", archive_id=f"ID{number}")
    return Path(path).read_bytes()


@pytest.mark.covers("P15")
def test_a_new_key_map_belongs_to_its_owner_alone(path: str) -> None:
    mask = os.umask(0)
    try:
        made(path)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


def test_a_new_key_map_leaves_nothing_but_the_locks_beside_it(path: str) -> None:
    open_key_map(path, now=NOW).close()
    found = {one for one in os.listdir(os.path.dirname(path)) if "journal" not in one}
    assert found == {"keymap.db", "keymap.db.locks"}


def test_a_key_map_is_there_when_it_is_opened_again(path: str) -> None:
    made(path)
    with closing(open_key_map(path, now=NOW)) as key_map:
        assert [one.name for one in key_map.archives.live(meet(key_map))] == ["name 0"]
        assert key_map.path == path


@pytest.mark.covers("P8")
def test_a_reader_sees_it_and_cannot_write(path: str) -> None:
    made(path)
    with closing(open_reader(path, now=NOW)) as reader:
        (vault,) = reader.vaults.in_store(STORE)
        (archive,) = reader.archives.live(vault)
        with pytest.raises(errors.KeyMapReadOnly, match="cannot be written"):
            reader.archives.set_state(archive.key, ArchiveState.DELETED, deleted_at=NOW)


def test_a_reader_of_no_file_answers_and_makes_none(path: str) -> None:
    with closing(open_reader(path, now=NOW)) as reader:
        assert not reader.vaults.in_store(STORE)
    assert not os.path.exists(path)


@pytest.mark.covers("P10")
def test_commits_are_made_to_last(path: str) -> None:
    made(path)
    with closing(open_key_map(path, now=NOW)) as key_map:
        database = key_map.archives._database  # noqa: SLF001 - the pragmas are of the connection
        assert database.one("PRAGMA synchronous") == (2,)
        assert database.one("PRAGMA foreign_keys") == (1,)
        assert database.one("PRAGMA journal_mode") == ("wal" if SAFE_WAL else "truncate",)


def test_names_that_mean_something_to_sqlite_are_only_names(tmp_path: Path) -> None:
    for name in ("a?mode=memory", "b%41#c", "ü", "\udcff"):
        path = str(tmp_path / name)
        made(path)
        with closing(open_reader(path, now=NOW)) as reader:
            assert reader.archives is not None
        assert os.path.getsize(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a database at all",
        random.Random(1).randbytes(64 * 1024),  # noqa: S311 - repeatable damage
        bytes(16 * 1024),
        b"SQLite format 3\0" + bytes(4080),
    ],
    ids=["empty", "text", "random", "zeros", "header"],
)
@pytest.mark.parametrize("opener", [open_key_map, open_reader])
def test_what_is_no_key_map_is_refused_and_left_alone(
    tmp_path: Path, content: bytes, opener: Opener
) -> None:
    path = tmp_path / "keymap.db"
    path.write_bytes(content)
    with pytest.raises(errors.KeyMapDamaged):
        opener(str(path), now=NOW)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["keymap.db"]


@pytest.mark.covers("P9")
def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cookies.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode=wal")
        other.execute("CREATE TABLE cookies (name)")
    before = path.read_bytes()
    with pytest.raises(errors.KeyMapDamaged, match="is not a key map"):
        open_key_map(str(path), now=NOW)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", [0, -3])
def test_a_key_map_without_tables_is_damaged(path: str, version: int) -> None:
    made(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version={version}")
    with pytest.raises(errors.KeyMapDamaged, match="no tables"):
        open_key_map(path, now=NOW)


@pytest.mark.covers("P9")
def test_damage_that_sqlite_describes_in_no_text_is_damage(path: str) -> None:
    made(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA writable_schema=ON")
        raw.execute(
            "UPDATE sqlite_master SET sql = CAST(? AS TEXT) WHERE name = 'jobs'",
            (b"CREATE TABLE jobs (job_key INTEGER \x82) STRICT",),
        )
        raw.commit()
    with (
        closing(open_reader(path, now=NOW)) as reader,
        pytest.raises(errors.KeyMapDamaged, match="is damaged"),
    ):
        reader.vaults.in_store(STORE)


@pytest.mark.parametrize("opener", [open_key_map, open_reader])
def test_a_file_of_a_format_that_sqlite_does_not_know_is_damage(path: str, opener: Opener) -> None:
    whole = made(path)
    # The format of the tables' descriptions, https://sqlite.org/fileformat2.html.
    Path(path).write_bytes(whole[:47] + b"\xf5" + whole[48:])
    with (
        pytest.raises(errors.KeyMapDamaged, match="unsupported file format"),
        closing(opener(path, now=NOW)) as key_map,
    ):
        key_map.vaults.in_store(STORE)


def test_sizes_that_no_sum_holds_are_damage(path: str) -> None:
    made(path, names=2)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE archives SET size_bytes = 9223372036854775807")
        raw.commit()
    with closing(open_reader(path, now=NOW)) as reader:
        (vault,) = reader.vaults.in_store(STORE)
        with pytest.raises(errors.KeyMapDamaged, match="integer overflow"):
            reader.archives.totals(vault)


@pytest.mark.covers("P9", "P14")
@pytest.mark.parametrize("opener", [open_key_map, open_reader])
def test_a_newer_key_map_is_refused(path: str, opener: Opener) -> None:
    made(path)
    newer = len(schema.MIGRATIONS) + 1
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version={newer}")
    with pytest.raises(errors.KeyMapTooNew, match=f"has format {newer}") as caught:
        opener(path, now=NOW)
    assert caught.value.exit_code == 16


def use_all(path: str) -> None:
    """Ask a key map for all that it holds."""
    with closing(open_key_map(path, now=NOW)) as key_map:
        for vault in key_map.vaults.in_store(STORE):
            for _ in key_map.archives.every(vault):
                pass
            key_map.archives.by_id_prefix(vault, "ID")
            list(key_map.jobs.known(vault.key))
            list(key_map.uploads.under_way(vault.key))
            list(key_map.inventories.known(vault.key))


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Return a file cut off, or with a stretch of it overwritten."""
    start = chance.choice([chance.randrange(100), chance.randrange(len(whole))])
    if chance.random() < 0.2:
        return whole[:start]
    length = min(chance.choice([1, 2, 100, 4096]), len(whole) - start)
    return whole[:start] + chance.randbytes(length) + whole[start + length :]


@pytest.mark.covers("P9")
def test_damage_anywhere_is_told_as_damage_or_does_no_harm(path: str) -> None:
    whole = made(path, names=60)
    chance = random.Random(4)  # noqa: S311 - repeatable damage
    found = 0
    for _ in range(200):
        Path(path).write_bytes(damaged(whole, chance))
        try:
            use_all(path)
        except (errors.KeyMapDamaged, errors.KeyMapTooNew, errors.FileProblem):
            found += 1
    assert found > 50


def test_a_directory_in_its_place_is_a_file_problem(tmp_path: Path) -> None:
    with pytest.raises(errors.FileProblem, match="cannot be read or written"):
        open_key_map(str(tmp_path), now=NOW)


def test_a_link_to_a_disk_that_is_not_there_makes_no_new_key_map(tmp_path: Path) -> None:
    link = tmp_path / "keymap.db"
    link.symlink_to(tmp_path / "unmounted.db")
    for opener in (open_key_map, open_reader):
        with pytest.raises(errors.FileProblem, match="cannot be read or written"):
            opener(str(link), now=NOW)
    assert os.listdir(tmp_path) == ["keymap.db"]


def test_a_place_where_nothing_can_be_made_is_a_file_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "keymap.db", Path("/proc/keymap.db")):
        with pytest.raises(errors.FileProblem, match="no key map can be made"):
            open_key_map(str(place), now=NOW)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_a_file_without_permission_is_a_file_problem(path: str) -> None:
    made(path)
    os.chmod(path, 0)
    with pytest.raises(errors.FileProblem):
        open_reader(path, now=NOW)


def test_two_processes_may_make_a_key_map_at_once(path: str) -> None:
    makers = [
        subprocess.Popen([sys.executable, "-c", MAKE, path], stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write(b"\n")
        maker.stdin.flush()
    for maker in makers:
        maker.communicate()
    assert [maker.returncode for maker in makers] == [0, 0, 0, 0]
    assert not [one for one in os.listdir(os.path.dirname(path)) if one.startswith(".key-map-")]
    with closing(open_key_map(path, now=NOW)) as key_map:
        database = key_map.archives._database  # noqa: SLF001 - nobody else asks for migrations
        assert database.one("SELECT count(*) FROM migrations") == (len(schema.MIGRATIONS),)
