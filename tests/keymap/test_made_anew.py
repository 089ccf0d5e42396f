"""A vault that was deleted and made anew: what was in the one before is not in this one."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from glaciercli.keymap.inventories import SeenInventory
from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.model.archives import ArchiveState
from glaciercli.model.uploads import UploadIntent
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import HOUR, NOW, add, identity, in_memory

FIRST, AGAIN = NOW - 1000 * HOUR, NOW - 10 * HOUR
MINUTE = HOUR / 60


def meet(key_map: KeyMap, created_at: datetime | None) -> KnownVault:
    return key_map.vaults.remember(identity("photos"), created_at=created_at)


def fill(key_map: KeyMap, vault: KnownVault) -> None:
    for name, uploaded_at, listed, state in (
        ("listed", AGAIN - MINUTE, True, ArchiveState.UPLOADED),
        ("told", AGAIN - HOUR, False, ArchiveState.UPLOADED),
        ("doubtful", AGAIN - HOUR, False, ArchiveState.UNSETTLED),
        ("empty", AGAIN - HOUR, True, ArchiveState.EMPTY),
        ("deleted", AGAIN - HOUR, False, ArchiveState.DELETING),
        ("told now", AGAIN - MINUTE, False, ArchiveState.UPLOADED),
        ("listed now", AGAIN + MINUTE, True, ArchiveState.UPLOADED),
    ):
        archive_id = None if state is ArchiveState.UNSETTLED else f"ID {name}"
        key = add(key_map, vault, name, archive_id=archive_id, state=state, uploaded_at=uploaded_at)
        if listed:
            key_map.inventories.confirm(key, listed_at=NOW, uploaded_at=uploaded_at)


def begin(key_map: KeyMap, vault: KnownVault, name: str, at: datetime) -> None:
    intent = UploadIntent(name=name, source=None, part_bytes=1, description="", tag=None)
    key_map.uploads.begin(vault.key, intent, begun_at=at)


def missing(key_map: KeyMap, vault: KnownVault) -> set[str | None]:
    every = key_map.archives.every(vault)
    return {one.name for one in every if one.state is ArchiveState.MISSING}


GONE = {"listed", "told", "doubtful", "empty"}


@pytest.fixture
def key_map() -> Iterator[KeyMap]:
    with in_memory() as made:
        yield made


def test_what_is_older_than_its_vault_is_missing(key_map: KeyMap) -> None:
    vault = meet(key_map, FIRST)
    fill(key_map, vault)
    assert key_map.vaults.leave_former(vault.key) == 0
    # What only a clock of ours tells may be young by a quarter of an hour.
    assert vault.gave_way_to(again := meet(key_map, AGAIN))
    assert key_map.vaults.leave_former(again.key) == len(GONE)
    assert missing(key_map, again) == GONE


def test_an_inventory_of_the_vault_before_is_none(key_map: KeyMap) -> None:
    vault = meet(key_map, FIRST)
    for date in (AGAIN - HOUR, AGAIN):
        seen = SeenInventory(
            inventory_date=date, job_id=None, complete=True, archive_count=0, reconciled_at=NOW
        )
        key_map.inventories.record(vault.key, seen)
        meet(key_map, AGAIN)
        newest = key_map.inventories.newest(vault.key)
        assert (None if newest is None else newest.inventory_date) == (
            date if date == AGAIN else None
        )


def test_uploads_to_the_vault_before_are_over(key_map: KeyMap) -> None:
    vault = meet(key_map, FIRST)
    for name, begun_at in (("a", AGAIN - HOUR), ("b", AGAIN)):
        begin(key_map, vault, name, begun_at)
    key_map.vaults.leave_former(meet(key_map, AGAIN).key)
    assert [one.intent.name for one in key_map.uploads.under_way(vault.key)] == ["b"]


@pytest.mark.parametrize("known_at", [FIRST, None])
@pytest.mark.parametrize("into_former", [False, True])
def test_a_merge_with_a_key_map_of_the_vault_before_brings_nothing_back(
    tmp_path: Path,
    known_at: datetime | None,
    into_former: bool,  # noqa: FBT001
) -> None:
    paths = [str(tmp_path / "former"), str(tmp_path / "new")]
    with closing(open_key_map(paths[0], now=NOW)) as former:
        fill(former, vault := meet(former, known_at))
        begin(former, vault, "upload", FIRST)
    with closing(open_key_map(paths[1], now=NOW)) as new:
        meet(new, AGAIN)
    own, other = paths if into_former else reversed(paths)
    with closing(open_key_map(own, now=NOW)) as key_map:
        for count in (1, 0):
            copy = tmp_path / "copy"
            copy.write_bytes(Path(other).read_bytes())
            counts = key_map.merger.merge(str(copy), now=NOW, dry_run=False, heard=lambda *_: None)
            vault = meet(key_map, AGAIN)
            assert missing(key_map, vault) == GONE
            assert list(key_map.uploads.under_way(vault.key)) == []
            assert bool(counts.changes) == (count and not into_former)


def test_a_merge_of_key_maps_of_one_vault_misses_nothing(tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    with closing(open_key_map(other, now=NOW)) as made:
        fill(made, meet(made, AGAIN))
    with closing(open_key_map(str(tmp_path / "own"), now=NOW)) as key_map:
        vault = meet(key_map, AGAIN)
        key_map.merger.merge(other, now=NOW, dry_run=False, heard=lambda *_: None)
        assert missing(key_map, vault) == set()
