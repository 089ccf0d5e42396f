"""Inventories that are taken in: staged, read in order, and recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.core.description import encode
from glaciercli.core.inventory import (
    ListedArchive,
    MalformedInventory,
    in_rows,
    open_inventory,
)
from glaciercli.core.reconcile import merge
from glaciercli.keymap.inventories import SeenInventory
from glaciercli.keymap.store import KeyMap
from glaciercli.model.archives import ArchiveState
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import HOUR, NOW, add, in_memory, meet

CREATED = datetime(2025, 5, 6, 7, 8, 9, tzinfo=UTC)

ids = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=9)


def listed(archive_id: str, description: str = "", size_bytes: int = 3) -> ListedArchive:
    return ListedArchive(
        archive_id=archive_id,
        description=description,
        created_at=CREATED,
        size_bytes=size_bytes,
        tree_hash=b"h" * 32,
    )


def seen(*, hours: int, complete: bool = True, job_id: str | None = None) -> SeenInventory:
    return SeenInventory(
        inventory_date=NOW + hours * HOUR,
        job_id=job_id,
        complete=complete,
        archive_count=1,
        reconciled_at=NOW,
    )


@settings(deadline=None)
@given(theirs=st.lists(ids, max_size=20), ours=st.sets(ids, max_size=20))
def test_what_is_staged_and_what_is_known_are_merged_by_id(
    theirs: list[str], ours: set[str]
) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        for archive_id in ours:
            add(key_map, vault, None, archive_id=archive_id)
        add(key_map, vault, "empty", archive_id=None, state=ArchiveState.EMPTY)
        assert key_map.staging.take_in(in_rows(map(listed, theirs))) == len(theirs)
        pairs = list(merge(key_map.inventories.known(vault.key), key_map.staging.staged()))
    both = {mine.archive_id for mine, other in pairs if mine and other}
    added = {other.archive_id for mine, other in pairs if other and not mine}
    alone = [mine.archive_id for mine, other in pairs if mine and not other]
    assert both == set(theirs) & ours
    assert added == set(theirs) - ours
    assert sorted(map(str, alone)) == sorted(["None", *(ours - set(theirs))])


def test_a_staged_archive_comes_back_as_it_was(key_map: KeyMap) -> None:
    one = listed("ID", "\ud800 \n\0\udcff", 2**62)
    key_map.staging.take_in(in_rows([one]))
    (found,) = key_map.staging.staged()
    assert found.description.endswith(" \n\0\udcff")
    assert (found.archive_id, found.size_bytes) == (one.archive_id, one.size_bytes)
    assert (found.created_at, found.tree_hash) == (one.created_at, one.tree_hash)


def test_staging_again_starts_from_nothing(key_map: KeyMap) -> None:
    key_map.staging.take_in(in_rows([listed("1")]))
    assert key_map.staging.take_in(in_rows([listed("2"), listed("3")])) == 2
    assert [one.archive_id for one in key_map.staging.staged()] == ["2", "3"]


def test_staged_archives_are_added_as_they_are_listed(key_map: KeyMap, vault: KnownVault) -> None:
    staging = key_map.staging
    described = encode(name="n", modified_ns=7, tag="t")
    staging.take_in(in_rows([listed("C", "text"), listed("A", described), listed("B")]))
    chosen = [one.row for one in staging.staged() if one.archive_id != "B"]
    formats = staging.add(vault.key, chosen, listed_at=NOW, complete=False)
    assert formats == {"plain": 1, "gc1": 1}
    told, plain = key_map.archives.live(vault)
    assert (told.archive_id, told.name, told.tag, told.modified_ns) == ("A", "n", "t", 7)
    assert (plain.archive_id, plain.name, plain.tag) == ("C", "text", None)
    assert (plain.state, plain.listed_at) == (ArchiveState.CONFIRMED, NOW)
    assert (plain.uploaded_at, plain.size_bytes, plain.tree_hash) == (CREATED, 3, b"h" * 32)


def test_what_is_known_as_it_is_listed_is_not_staged(key_map: KeyMap, vault: KnownVault) -> None:
    staging = key_map.staging
    staging.take_in(in_rows(map(listed, "ABC")))
    staging.add_all(vault.key, listed_at=NOW, complete=True)
    again = [*map(listed, "ABB"), listed("C", size_bytes=4), listed("D"), listed("A", "", 4)]
    assert staging.take_in(in_rows(again), sparing=vault.key) == 6
    assert staging.spared_count == 2
    assert [one.archive_id for one in staging.staged()] == ["A", "C", "D"]
    # A is listed a second time, otherwise, and has to be told from a new one.
    assert [one.archive_id for one in staging.known(vault.key)] == ["A", "C"]


def test_an_inventory_torn_in_the_middle_leaves_nothing_behind(
    key_map: KeyMap, vault: KnownVault
) -> None:
    def torn() -> Iterator[ListedArchive]:
        yield listed("1")
        raise MalformedInventory("it is cut off", offset=9)

    with pytest.raises(MalformedInventory), key_map.transaction():  # noqa: PT012
        add(key_map, vault, "a")
        key_map.staging.take_in(in_rows(torn()))
    assert list(key_map.archives.live(vault)) == []
    assert key_map.staging.take_in(in_rows([listed("2")])) == 1


@pytest.mark.parametrize("archive_id", ["", "a b", "ä", "a\\nb", "a\\u0000", "\\ud800"])
def test_an_inventory_with_an_id_that_is_none_is_malformed(
    key_map: KeyMap, archive_id: str
) -> None:
    text = (
        '{"VaultARN":"arn","InventoryDate":"2026-01-02T03:04:05Z","ArchiveList":[{"ArchiveId":"'
        f'{archive_id}","ArchiveDescription":"","CreationDate":"2025-01-02T03:04:05Z","Size":3,'
        f'"SHA256TreeHash":"{"0" * 64}"}}]}}'
    )
    with pytest.raises(MalformedInventory):
        key_map.staging.take_in(in_rows(open_inventory([text])))


def test_confirming_takes_the_time_of_the_service(key_map: KeyMap, vault: KnownVault) -> None:
    key = add(key_map, vault, "a")
    key_map.inventories.confirm(key, listed_at=NOW + HOUR, uploaded_at=CREATED)
    (archive,) = key_map.archives.live(vault)
    assert (archive.state, archive.listed_at) == (ArchiveState.CONFIRMED, NOW + HOUR)
    assert archive.uploaded_at == CREATED


def test_a_lost_answer_is_settled_by_description_size_and_hash(
    key_map: KeyMap, vault: KnownVault
) -> None:
    inventories = key_map.inventories
    for archive_id, state in ((None, ArchiveState.UNSETTLED), ("KNOWN", ArchiveState.UPLOADED)):
        add(key_map, vault, "a", archive_id=archive_id, state=state, description="mine")
    ((key, lost),) = inventories.unmarked(vault.key)
    candidates = [listed("1", "other"), listed("2", "mine", 4), listed("KNOWN", "mine")]
    key_map.staging.take_in(in_rows(candidates))
    assert key_map.staging.find(lost, vault.key) is None
    key_map.staging.take_in(in_rows([*candidates, listed("LOST", "mine")]))
    found = key_map.staging.find(lost, vault.key)
    assert found is not None
    inventories.settle(key, found.archive_id, empty=False)
    settled = key_map.archives.by_id(vault, "LOST")
    assert settled is not None
    assert (settled.key, settled.state) == (key, ArchiveState.UPLOADED)
    assert inventories.unmarked(vault.key) == []


def test_a_missing_archive_is_kept_and_shown(key_map: KeyMap, vault: KnownVault) -> None:
    key_map.inventories.mark_missing(add(key_map, vault, "a"))
    (archive,) = key_map.archives.live(vault)
    assert archive.state is ArchiveState.MISSING


def test_the_newest_inventory_is_the_latest_complete_one(
    key_map: KeyMap, vault: KnownVault
) -> None:
    inventories = key_map.inventories
    assert inventories.newest(vault.key) is None
    for one in (seen(hours=2, job_id="J"), seen(hours=1), seen(hours=3, complete=False)):
        inventories.record(vault.key, one)
    assert inventories.newest(vault.key) == seen(hours=2, job_id="J")
    assert inventories.used(vault.key, "J")
    assert not inventories.used(vault.key, "K")


def test_two_archives_that_look_the_same_are_both_decided_about(
    key_map: KeyMap, vault: KnownVault
) -> None:
    key_map.staging.take_in(in_rows(map(listed, "AB")))
    key_map.staging.add_all(vault.key, listed_at=NOW, complete=True)
    database = key_map.archives._database  # noqa: SLF001 - no run ever makes two of one
    database.execute("UPDATE archives SET archive_id = 'A'")
    key_map.staging.take_in(in_rows([listed("A")]), sparing=vault.key)
    assert key_map.staging.spared_count == 1
    assert len(list(key_map.staging.known(vault.key))) == 1
