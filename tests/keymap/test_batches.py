"""Many changes in one commit, each of which stands by itself."""

import subprocess
import sys
from contextlib import closing

import pytest

from glaciercli.keymap.store import KeyMap, open_key_map, open_reader
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import NOW, STORE, add, meet

FULL_DISK = """
import resource, sys
from tests.keymap.records import NOW, add, meet
from glaciercli import errors
from glaciercli.keymap.store import open_key_map
key_map = open_key_map(sys.argv[1], now=NOW)
vault = meet(key_map)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
told = []
try:
    with key_map.batch():
        for number in range(3000):
            try:
                add(key_map, vault, f"{number:0900}", archive_id=f"A{number}")
            except (errors.DiskFull, errors.FileProblem):
                told.append("refused")
                break
except (errors.DiskFull, errors.FileProblem):
    told.append("told at the end")
print(told)
"""


def elsewhere(path: str) -> list[str | None]:
    """Return the names that another process would see."""
    with closing(open_reader(path, now=NOW)) as reader:
        (vault,) = reader.vaults.in_store(STORE)
        return [one.name for one in reader.archives.live(vault)]


def test_a_batch_is_seen_by_others_at_its_end(
    key_map: KeyMap, vault: KnownVault, path: str
) -> None:
    with key_map.batch():
        add(key_map, vault, "a", archive_id="A")
        add(key_map, vault, "b", archive_id="B")
        assert elsewhere(path) == []
    assert elsewhere(path) == ["a", "b"]


@pytest.mark.parametrize("interruption", [ZeroDivisionError, KeyboardInterrupt])
def test_what_a_batch_changed_before_it_was_broken_off_is_kept(
    key_map: KeyMap, vault: KnownVault, path: str, interruption: type[BaseException]
) -> None:
    with pytest.raises(interruption), key_map.batch():  # noqa: PT012
        add(key_map, vault, "a", archive_id="A")
        raise interruption
    assert elsewhere(path) == ["a"]
    add(key_map, vault, "b", archive_id="B")
    assert elsewhere(path) == ["a", "b"]


def test_a_change_that_fails_half_way_is_taken_back_alone(
    key_map: KeyMap, vault: KnownVault, path: str
) -> None:
    with key_map.batch():
        add(key_map, vault, "a", archive_id="A")
        with pytest.raises(ZeroDivisionError), key_map.transaction():  # noqa: PT012
            add(key_map, vault, "b", archive_id="B")
            with key_map.transaction():
                add(key_map, vault, "c", archive_id="C")
            raise ZeroDivisionError
        with key_map.transaction():
            add(key_map, vault, "d", archive_id="D")
    assert elsewhere(path) == ["a", "d"]


def test_a_batch_that_changes_nothing_keeps_nobody_waiting(
    key_map: KeyMap, vault: KnownVault, path: str
) -> None:
    with closing(open_key_map(path, now=NOW)) as other, key_map.batch():
        assert list(key_map.archives.live(vault)) == []
        add(other, meet(other), "theirs", archive_id="T")
    assert elsewhere(path) == ["theirs"]


def test_a_batch_that_the_disk_cannot_take_is_told_and_leaves_the_key_map_whole(path: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path], stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.strip() == "['refused', 'told at the end']"
    with closing(open_key_map(path, now=NOW)) as reopened:
        assert list(reopened.archives.live(meet(reopened))) == []
