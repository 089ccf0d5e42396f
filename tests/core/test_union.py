"""What two key maps know of one archive, made one."""

from typing import Any

import pytest

from glaciercli.core.union import ArchiveFacts, unite
from glaciercli.model.archives import ArchiveState

FACTS: dict[str, Any] = {
    "archive_id": "ID",
    "name": b"a",
    "name_source": "description",
    "named_at": None,
    "description": b"a",
    "tag": "t",
    "size_bytes": 3,
    "tree_hash": b"h" * 32,
    "modified_ns": 1,
    "uploaded_at": 100,
    "state": ArchiveState.CONFIRMED,
    "listed_at": 110,
    "deleted_at": None,
    "inventory_at": 110,
}


def facts(state: str = "confirmed", **others: Any) -> ArchiveFacts:
    return ArchiveFacts(**{**FACTS, "state": ArchiveState(state), **others})


def united(one: ArchiveFacts, other: ArchiveFacts) -> ArchiveFacts:
    """Unite in both orders: the result has to be the same."""
    both = unite(one, other)
    assert unite(other, one) == both
    assert unite(both, both) == both
    return both


def test_what_a_user_said_beats_what_was_guessed() -> None:
    user = facts(name=b"mine", name_source="user", listed_at=None)
    for source in ("upload", "description", "none"):
        both = united(user, facts(name=b"zz", name_source=source))
        assert (both.name, both.name_source) == (b"mine", "user")


def test_the_later_of_two_names_that_users_gave_wins() -> None:
    early = facts(name=b"z", name_source="user", named_at=5)
    late = facts(name=b"a", name_source="user", named_at=6)
    assert united(early, late).name == b"a"
    assert united(early, facts(name=b"b", name_source="user")).name == b"z"


def test_a_name_that_was_read_beats_none() -> None:
    assert united(facts(name=None, name_source="none"), facts()).name == b"a"


@pytest.mark.parametrize("state", ["confirmed", "missing", "uploaded", "empty"])
@pytest.mark.parametrize("tombstone", ["deleting", "deleted"])
def test_a_tombstone_beats_whatever_lives(state: str, tombstone: str) -> None:
    both = united(facts(state, listed_at=900), facts(tombstone, deleted_at=500))
    assert (both.state.value, both.deleted_at) == (tombstone, 500)


def test_a_deletion_that_the_service_took_beats_one_that_was_begun() -> None:
    both = united(facts("deleting", deleted_at=5), facts("deleted", deleted_at=9))
    assert (both.state.value, both.deleted_at) == ("deleted", 9)


def test_an_archive_deleted_before_its_id_was_known_has_yet_to_be_deleted() -> None:
    lost = facts("deleted", archive_id=None, deleted_at=7)
    both = united(lost, facts())
    assert (both.state.value, both.archive_id, both.deleted_at) == ("deleting", "ID", 7)
    assert united(lost, lost).state.value == "deleted"


def test_an_answer_that_was_lost_is_settled_by_who_heard_it() -> None:
    both = united(facts("unsettled", archive_id=None, listed_at=None), facts("uploaded"))
    assert (both.state.value, both.archive_id) == ("uploaded", "ID")


@pytest.mark.parametrize(("listed", "looked", "state"), [
    (110, 120, "missing"),
    (120, 120, "confirmed"),
    (130, 120, "confirmed"),
    (110, None, "confirmed"),
])  # fmt: skip
def test_the_later_inventory_tells_whether_it_is_there(
    listed: int, looked: int | None, state: str
) -> None:
    missing = facts("missing", listed_at=105, inventory_at=looked)
    assert united(missing, facts("confirmed", listed_at=listed)).state.value == state


@pytest.mark.parametrize(("listed", "looked", "state"), [
    (110, 120, "missing"),
    (120, 120, "empty"),
    (None, 120, "missing"),
    (110, None, "empty"),
])  # fmt: skip
def test_the_later_inventory_tells_whether_what_stands_for_an_empty_file_is_there(
    listed: int | None, looked: int | None, state: str
) -> None:
    missing = facts("missing", size_bytes=0, tree_hash=None, listed_at=105, inventory_at=looked)
    there = facts("empty", size_bytes=0, tree_hash=None, listed_at=listed)
    both = united(missing, there)
    assert (both.state.value, both.size_bytes) == (state, 0)


def test_an_empty_file_whose_answer_one_has_heard_is_there() -> None:
    doubted = facts("missing", archive_id=None, size_bytes=0, tree_hash=None, listed_at=None)
    heard = facts("empty", size_bytes=0, tree_hash=None, listed_at=None)
    assert united(doubted, heard).state.value == "empty"


@pytest.mark.parametrize(("one", "other", "state"), [
    ("uploaded", "confirmed", "confirmed"),
    ("uploaded", "missing", "missing"),
    ("empty", "confirmed", "empty"),
    ("uploaded", "uploaded", "uploaded"),
])  # fmt: skip
def test_of_two_live_states_the_one_that_knows_more_wins(one: str, other: str, state: str) -> None:
    assert united(facts(one), facts(other)).state.value == state


def test_what_one_lacks_the_other_tells() -> None:
    taken_over = facts("uploaded", size_bytes=0, tree_hash=None, tag=None, description=b"",
                       modified_ns=None, listed_at=None, uploaded_at=999)  # fmt: skip
    known = facts("uploaded", listed_at=None)
    both = united(taken_over, known)
    assert (both.size_bytes, both.tree_hash, both.tag) == (3, b"h" * 32, "t")
    assert (both.description, both.modified_ns) == (b"a", 1)
