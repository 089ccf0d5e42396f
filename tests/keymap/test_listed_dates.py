"""When archives were last listed: said once for a vault, and true of each of its archives."""

from pathlib import Path

from glaciercli.core.inventory import in_rows
from glaciercli.keymap import listed_dates
from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.keymap.values import from_ms
from glaciercli.model.archives import ArchiveState
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import HOUR, NOW, add, identity, meet
from tests.keymap.test_inventories import listed

DATE = NOW + HOUR


def dates(key_map: KeyMap, vault: KnownVault) -> list[object]:
    return [one.listed_at for one in key_map.inventories.known(vault.key)]


def raw_dates(key_map: KeyMap, vault: KnownVault) -> list[object]:
    rows = key_map.archives._database.query(  # noqa: SLF001 - nobody else asks for them
        "SELECT listed_at FROM archives WHERE vault_key = ? ORDER BY archive_id", (vault.key,)
    )
    return [from_ms(listed_at) for (listed_at,) in rows]


def fill(key_map: KeyMap, vault: KnownVault) -> None:
    """Put in A and B, which were listed first, and then a last time."""
    key_map.staging.take_in(in_rows(map(listed, "AB")))
    key_map.staging.add_all(vault.key, listed_at=NOW, complete=True)
    key_map.inventories.listed_all(vault.key, DATE)


def test_the_date_of_a_vault_counts_for_what_is_confirmed(
    key_map: KeyMap, vault: KnownVault
) -> None:
    fill(key_map, vault)
    add(key_map, vault, "c", archive_id="C", state=ArchiveState.UPLOADED)
    assert dates(key_map, vault) == [DATE, DATE, None]
    assert {one.listed_at for one in key_map.archives.live(vault)} == {DATE, None}
    later = key_map.inventories.known(vault.key)
    key_map.inventories.confirm(next(later).key, listed_at=DATE + HOUR, uploaded_at=NOW)
    assert dates(key_map, vault) == [DATE + HOUR, DATE, None]


def test_what_is_no_longer_confirmed_keeps_the_date(key_map: KeyMap, vault: KnownVault) -> None:
    fill(key_map, vault)
    first, second = key_map.inventories.known(vault.key)
    key_map.inventories.mark_missing(first.key)
    key_map.archives.set_state(second.key, ArchiveState.DELETED, deleted_at=NOW)
    assert dates(key_map, vault) == [DATE, DATE]


def test_a_merge_takes_the_date_for_what_it_is_true_of(
    key_map: KeyMap, vault: KnownVault, tmp_path: Path
) -> None:
    fill(key_map, vault)
    other = open_key_map(str(tmp_path / "other"), now=NOW)
    theirs = meet(other)
    other.staging.take_in(in_rows(map(listed, "BC")))
    other.staging.add_all(theirs.key, listed_at=NOW - HOUR, complete=True)
    other.inventories.listed_all(theirs.key, NOW)
    other.close()
    key_map.merger.merge(
        str(tmp_path / "other"), now=NOW, dry_run=False, heard=lambda _done, _total: None
    )
    assert vault.identity == identity()
    assert dates(key_map, vault) == [DATE, DATE, NOW]
    assert raw_dates(key_map, vault) == [DATE, DATE, NOW]


def test_settling_writes_the_date_into_each_archive_once(
    key_map: KeyMap, vault: KnownVault
) -> None:
    fill(key_map, vault)
    database = key_map.archives._database  # noqa: SLF001 - a merge does it for two key maps
    for _ in range(2):
        listed_dates.settle(database)
        assert raw_dates(key_map, vault) == [DATE, DATE]
        assert dates(key_map, vault) == [DATE, DATE]
