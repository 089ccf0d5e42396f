"""Versions, tombstones, and finding archives by ID."""

from contextlib import closing
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.core import tokens
from glaciercli.keymap import identifiers, values
from glaciercli.keymap.store import KeyMap, open_reader
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault, StoreIdentity, VaultIdentity
from tests.keymap.records import HOUR, NOW, STORE, add, identity, in_memory, meet, new

#: The alphabet of the service, and some of what other services may use.
starts = st.text("ABYZabyz0189-_", min_size=1, max_size=12)
service_ids = st.builds(lambda start, rest: start.ljust(138, rest), starts, st.sampled_from("Az_"))
any_ids = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=10)


def ids(found: list[Archive]) -> list[str | None]:
    return [one.archive_id for one in found]


def test_an_archive_comes_back_as_it_was_put_in(key_map: KeyMap, vault: KnownVault) -> None:
    given_one = new(
        "a/b",
        description="text",
        tag="tag",
        size_bytes=2**40,
        modified_ns=-1,
        uploaded_at=NOW,
        state=ArchiveState.CONFIRMED,
    )
    key = key_map.archives.add(vault.key, given_one)
    assert key_map.archives.by_id(vault, "ID") == Archive(
        key=key,
        vault=vault.identity,
        archive_id="ID",
        name="a/b",
        description="text",
        tag="tag",
        size_bytes=2**40,
        tree_hash=b"h" * 32,
        modified_ns=-1,
        uploaded_at=NOW,
        state=ArchiveState.CONFIRMED,
        listed_at=None,
        deleted_at=None,
    )


def test_the_newest_version_is_the_one_uploaded_last(key_map: KeyMap, vault: KnownVault) -> None:
    add(key_map, vault, "a", archive_id="middle", uploaded_at=NOW)
    add(key_map, vault, "a", archive_id="newest", uploaded_at=NOW + HOUR)
    add(key_map, vault, "a", archive_id="oldest", uploaded_at=NOW - HOUR)
    add(key_map, vault, "b", archive_id="other", uploaded_at=NOW + 2 * HOUR)
    assert ids(list(key_map.archives.named(vault, "a"))) == ["newest", "middle", "oldest"]
    newest = key_map.archives.newest(vault, "a")
    assert newest is not None
    assert newest.archive_id == "newest"
    assert key_map.archives.newest(vault, "c") is None


def test_of_two_versions_of_one_moment_the_later_row_is_newer(
    key_map: KeyMap, vault: KnownVault
) -> None:
    for archive_id in ("Z", "A"):
        add(key_map, vault, "a", archive_id=archive_id)
    assert ids(list(key_map.archives.named(vault, "a"))) == ["A", "Z"]


@pytest.mark.parametrize("state", ArchiveState)
def test_only_tombstones_are_not_live(
    key_map: KeyMap, vault: KnownVault, state: ArchiveState
) -> None:
    key = add(key_map, vault, "a")
    key_map.archives.set_state(key, state, deleted_at=None if state.is_live else NOW)
    live = [one.key for one in key_map.archives.live(vault)]
    assert live == ([key] if state.is_live else [])
    assert bool(list(key_map.archives.named(vault, "a"))) is state.is_live
    assert [one.key for one in key_map.archives.every(vault)] == [key]
    assert [one.key for one in key_map.archives.in_state(vault, state)] == [key]
    found = key_map.archives.by_id(vault, "ID")
    assert found is not None
    assert found.deleted_at == (None if state.is_live else NOW)


def test_archives_without_a_name_come_first_of_all(key_map: KeyMap, vault: KnownVault) -> None:
    add(key_map, vault, "", archive_id="1")
    add(key_map, vault, None, archive_id="2")
    assert ids(list(key_map.archives.live(vault))) == ["2", "1"]


def test_a_name_of_the_users_choice_replaces_the_old_one(
    key_map: KeyMap, vault: KnownVault
) -> None:
    key_map.archives.rename(add(key_map, vault, None), "found")
    assert [one.name for one in key_map.archives.named(vault, "found")] == ["found"]


def test_totals_count_what_is_live_and_at_the_service(key_map: KeyMap, vault: KnownVault) -> None:
    assert key_map.archives.totals(vault) == (0, 0)
    add(key_map, vault, "a", size_bytes=5)
    add(key_map, vault, "b", archive_id="B", size_bytes=0, state=ArchiveState.EMPTY)
    add(key_map, vault, "d", archive_id=None, size_bytes=0, state=ArchiveState.UNSETTLED)
    add(key_map, vault, "c", archive_id="C", size_bytes=7, state=ArchiveState.DELETED)
    assert key_map.archives.totals(vault) == (1, 5)


def test_a_time_no_column_holds_is_brought_to_the_nearest(
    key_map: KeyMap, vault: KnownVault
) -> None:
    # The year 9999, out of a description, and a file system that counts from year one.
    add(key_map, vault, "late", modified_ns=253_402_300_799 * 10**9)
    add(key_map, vault, "early", archive_id="E", modified_ns=-(10**20))
    assert [one.modified_ns for one in key_map.archives.live(vault)] == [-(2**63), 2**63 - 1]


@given(ms=st.integers(-(10**13), 10**14))
def test_times_keep_their_milliseconds(ms: int) -> None:
    moment = values.from_ms(ms)
    assert values.to_ms(moment) == ms
    assert values.to_ms(moment + timedelta(microseconds=999)) == ms


@pytest.mark.parametrize("column", ["text", b"blob", 2**62])
def test_a_column_that_holds_no_time_is_damage(column: object) -> None:
    with pytest.raises(errors.KeyMapDamaged):
        values.from_ms(column)


def test_a_word_that_no_state_has_is_damage() -> None:
    with pytest.raises(errors.KeyMapDamaged, match="'lost'"):
        values.member(ArchiveState, "lost")


def sorted_as_kept(kept: tokens.Kept) -> tuple[bool, tokens.Kept]:
    """As SQLite sorts: text comes before bytes."""
    return isinstance(kept, bytes), kept


@given(first=st.one_of(service_ids, any_ids), second=st.one_of(service_ids, any_ids))
def test_ranks_are_in_the_order_in_which_ids_are_kept(first: str, second: str) -> None:
    low, high = sorted((first, second), key=tokens.order)
    ranks = [sorted_as_kept(identifiers.rank(tokens.pack(one))) for one in (low, high)]
    assert ranks == sorted(ranks)


@given(archive_id=st.one_of(service_ids, any_ids), length=st.integers(0, 12))
def test_an_id_is_between_the_ranks_of_its_prefix(archive_id: str, length: int) -> None:
    bounds = identifiers.prefix_ranks(archive_id[:length])
    rank = sorted_as_kept(identifiers.rank(tokens.pack(archive_id)))
    assert any(sorted_as_kept(low) <= rank <= sorted_as_kept(high) for low, high in bounds)


@settings(deadline=None)
@given(
    made=st.sets(st.text("Ab-_", min_size=1, max_size=11), max_size=15),
    prefix=st.text("Ab-_", max_size=10),
)
def test_archives_are_found_by_the_start_of_their_id(made: set[str], prefix: str) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        for archive_id in made:
            add(key_map, vault, None, archive_id=archive_id)
        found = ids(key_map.archives.by_id_prefix(vault, prefix))
        exact = key_map.archives.by_id(vault, prefix or "none")
    assert found == sorted(one for one in made if one.startswith(prefix))
    assert (exact is not None) is (prefix in made)


def test_archives_of_one_rank_are_told_apart(key_map: KeyMap, vault: KnownVault) -> None:
    for archive_id in ("same-start-2", "same-start-1"):
        add(key_map, vault, None, archive_id=archive_id)
    found = key_map.archives.by_id(vault, "same-start-1")
    assert found is not None
    assert found.archive_id == "same-start-1"
    assert key_map.archives.by_id(vault, "same-start-3") is None


def test_a_vault_is_its_endpoint_account_region_and_name(key_map: KeyMap) -> None:
    first = key_map.vaults.remember(identity(), created_at=None)
    again = key_map.vaults.remember(identity(), created_at=NOW)
    other = key_map.vaults.remember(identity(account="210987654321"), created_at=NOW)
    assert first.key == again.key != other.key
    assert (first.created_at, again.created_at) == (None, NOW)
    assert key_map.vaults.in_store(STORE) == [again, other]


def test_vaults_are_found_by_what_is_known_of_their_store(key_map: KeyMap) -> None:
    for region, name in (("eu-west-1", "b"), ("us-east-1", "a"), ("us-east-1", "c")):
        place = VaultIdentity(endpoint="e", account="1", region=region, name=name)
        key_map.vaults.remember(place, created_at=None)

    def found(name: str | None = None, **where: str) -> list[str]:
        store = StoreIdentity(
            endpoint="e", region=where.get("region"), account=where.get("account")
        )
        return [one.name for one in key_map.vaults.in_store(store, name=name)]

    assert found() == ["a", "b", "c"]
    assert found(region="us-east-1") == ["a", "c"]
    assert found(account="2") == []
    assert found("b") == ["b"]


def test_a_vault_that_is_gone_comes_back_when_it_is_met(key_map: KeyMap, vault: KnownVault) -> None:
    add(key_map, vault, "a")
    key_map.vaults.forget(vault.key, gone_at=NOW)
    assert key_map.vaults.in_store(STORE) == []
    met: datetime | None = meet(key_map).gone_at
    assert met is None
    assert [one.name for one in key_map.archives.live(vault)] == ["a"]


def test_a_listing_that_is_left_half_read_lets_others_commit(
    key_map: KeyMap, vault: KnownVault, path: str
) -> None:
    for number in range(3):
        add(key_map, vault, f"n{number}", archive_id=f"ID{number}")
    with closing(open_reader(path, now=NOW)) as reader:
        listing = reader.archives.live(vault)
        assert next(listing).name == "n0"
        # With an open question this would wait for its end.
        key_map.archives.rename(1, "other")
        assert [one.name for one in listing] == ["n1", "n2"]


def test_pages_join_without_a_gap_or_a_repetition(key_map: KeyMap, vault: KnownVault) -> None:
    with key_map.transaction():
        for number in range(2500):
            when = NOW + number % 3 * HOUR
            name = None if number % 5 == 0 else f"name{number % 700:03}"
            add(key_map, vault, name, archive_id=f"ID{number:04}", uploaded_at=when)
    found = list(key_map.archives.live(vault))
    assert len({one.key for one in found}) == len(found) == 2500
    order = [(one.name or "", -values.to_ms(one.uploaded_at), -one.key) for one in found]
    assert order == sorted(order)
    assert list(key_map.archives.every(vault)) == found
    assert list(key_map.archives.in_state(vault, ArchiveState.UPLOADED)) == found
