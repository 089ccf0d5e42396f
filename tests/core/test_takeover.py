"""What another tool's store means for what is known here."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.description import encode
from glaciercli.core.foreign_stores.records import (
    NAMELESS,
    Event,
    Naming,
    StoreFormat,
    StoreRecord,
    told,
)
from glaciercli.core.takeover import Change, Outcome, Present, Remembered, decide, fold
from glaciercli.model.archives import ArchiveState

T0 = datetime(2012, 12, 16, tzinfo=UTC)
DAY = timedelta(days=1)
LAG = 3 * DAY
MT = StoreFormat.MT_AWS_GLACIER
HASH = b"h" * 32


def record(event: Event = Event.STORED, *, day: int | None = 0, name: str | None = None,
           **facts: Any) -> StoreRecord:  # fmt: skip
    at = None if day is None else T0 + day * DAY
    return StoreRecord(event=event, archive_id="ID", at=at, naming=told(name, MT), **facts)


def present(state: ArchiveState = ArchiveState.UPLOADED, **facts: Any) -> Present:
    given_facts: dict[str, Any] = {
        "name": "a",
        "name_source": "upload",
        "description": "d",
        "size_bytes": 5,
        "tree_hash": HASH,
        "modified_ns": 1,
        "listed_at": None,
        **facts,
    }
    return Present(key=1, state=state, **given_facts)


OF_NO_BYTES = encode(name="a", modified_ns=None, tag="mark_of_12__", size_bytes=0)


def remembered(**facts: Any) -> Remembered:
    return Remembered(archive_id="ID", **{"naming": told("a", MT), **facts})


def test_the_newest_name_counts_and_the_first_upload_time() -> None:
    whole = fold(
        [record(day=2, name="new", modified_ns=2), record(day=1, name="old", size_bytes=5)]
    )
    assert (whole.naming.name, whole.modified_ns) == ("new", 2)
    assert (whole.stored_at, whole.size_bytes) == (T0 + DAY, 5)


def test_a_name_is_not_lost_to_a_later_record_without_one() -> None:
    whole = fold([record(day=1, name="a"), record(day=2)])
    assert whole.naming.name == "a"


def test_of_names_without_a_time_the_first_counts() -> None:
    whole = fold([record(day=None, name="one"), record(day=None, name="two")])
    assert whole.naming.name == "one"


@given(st.permutations([record(day=0, name="a"), record(Event.DELETED, day=1), record(day=2)]))
def test_a_deletion_wins_in_any_order(records: list[StoreRecord]) -> None:
    whole = fold(records)
    assert (whole.deleted, whole.deleted_at) == (True, T0 + DAY)
    assert (whole.naming.name, whole.stored_at) == ("a", T0)


def test_two_contents_of_one_archive_contradict_one_another() -> None:
    assert fold([record(size_bytes=5), record(), record(size_bytes=6)]).contradictory
    assert fold([record(tree_hash=HASH), record(tree_hash=b"g" * 32)]).contradictory
    assert not fold([record(size_bytes=5), record(size_bytes=5, tree_hash=HASH)]).contradictory


@pytest.mark.parametrize(
    ("one", "known", "outcome"),
    [
        (remembered(), None, Outcome.ADD),
        (remembered(deleted=True), None, Outcome.ADD_DELETED),
        (remembered(contradictory=True), None, Outcome.CONTRADICTORY),
        (remembered(), present(), Outcome.SAME),
        (remembered(size_bytes=5, tree_hash=HASH), present(), Outcome.SAME),
        (remembered(size_bytes=6), present(), Outcome.OTHER_CONTENT),
        (remembered(tree_hash=b"g" * 32), present(), Outcome.OTHER_CONTENT),
        (remembered(contradictory=True), present(), Outcome.CONTRADICTORY),
        (remembered(size_bytes=6), present(ArchiveState.DELETED), Outcome.STAYS_DELETED),
        (remembered(), present(ArchiveState.DELETING), Outcome.STAYS_DELETED),
        (remembered(), present(ArchiveState.MISSING), Outcome.SAME),
        (remembered(size_bytes=1), present(ArchiveState.EMPTY, size_bytes=None), Outcome.SAME),
        (
            remembered(size_bytes=1),
            present(ArchiveState.MISSING, size_bytes=None, tree_hash=None, description=OF_NO_BYTES),
            Outcome.SAME,
        ),
        (remembered(naming=NAMELESS), present(), Outcome.SAME),
        (remembered(), present(name=None, name_source="none"), Outcome.NAME),
        (remembered(), present(name="mt2 x", name_source="description"), Outcome.NAME),
        (remembered(), present(name="b"), Outcome.OTHER_NAME),
        (remembered(), present(name="b", name_source="user"), Outcome.OTHER_NAME),
        (remembered(size_bytes=5), present(size_bytes=None), Outcome.COMPLETE),
        (remembered(tree_hash=HASH), present(tree_hash=None), Outcome.COMPLETE),
        (remembered(modified_ns=7), present(modified_ns=None), Outcome.COMPLETE),
        (remembered(deleted=True, deleted_at=T0), present(), Outcome.DELETE),
        (remembered(deleted=True, deleted_at=T0), present(ArchiveState.MISSING), Outcome.DELETE),
        (remembered(deleted=True), present(), Outcome.KNOWN_SINCE),
        (remembered(deleted=True, deleted_at=T0), present(listed_at=T0 + LAG), Outcome.DELETE),
        (
            remembered(deleted=True, deleted_at=T0),
            present(listed_at=T0 + LAG + DAY),
            Outcome.KNOWN_SINCE,
        ),
    ],
)
def test_each_archive_has_one_outcome(
    one: Remembered, known: Present | None, outcome: Outcome
) -> None:
    assert decide(one, known, lag=LAG).outcome is outcome


def test_a_description_that_was_read_does_not_beat_another() -> None:
    read = Naming(name="x", source="description", format="plain")
    change = decide(remembered(naming=read), present(name_source="description"), lag=LAG)
    assert change.outcome is Outcome.OTHER_NAME


facts = st.fixed_dictionaries(
    {
        "naming": st.sampled_from([NAMELESS, told("a", MT), told("b", MT)]),
        "size_bytes": st.sampled_from([None, 5, 6]),
        "tree_hash": st.sampled_from([None, HASH]),
        "modified_ns": st.sampled_from([None, 1]),
        "deleted": st.booleans(),
        "deleted_at": st.sampled_from([None, T0]),
    }
)
known_facts = st.fixed_dictionaries(
    {
        "state": st.sampled_from(ArchiveState),
        "name": st.sampled_from([None, "a", "c"]),
        "name_source": st.sampled_from(["none", "description", "upload", "user"]),
        "description": st.sampled_from(["", "d"]),
        "size_bytes": st.sampled_from([None, 5]),
        "tree_hash": st.sampled_from([None, HASH]),
        "modified_ns": st.sampled_from([None, 1]),
        "listed_at": st.sampled_from([None, T0, T0 + 9 * DAY]),
    }
)


def after(change: Change, known: Present) -> Present:
    """What the key map holds once a change is made."""
    if change.outcome is Outcome.DELETE:
        return present(ArchiveState.DELETED)
    naming = change.naming
    return Present(
        key=known.key,
        state=known.state,
        name=known.name if naming is None else naming.name,
        name_source=known.name_source if naming is None else naming.source,
        description=change.description or known.description,
        size_bytes=known.size_bytes or change.size_bytes,
        tree_hash=known.tree_hash or change.tree_hash,
        modified_ns=known.modified_ns or change.modified_ns,
        listed_at=known.listed_at,
    )


@given(facts, known_facts)
def test_the_same_word_twice_changes_nothing(words: dict[str, Any], known: dict[str, Any]) -> None:
    one, here = remembered(**words), present(**known)
    first = decide(one, here, lag=LAG)
    second = decide(one, after(first, here), lag=LAG)
    assert second.naming is None
    assert not second.completes
    assert second.outcome not in {Outcome.DELETE, Outcome.NAME, Outcome.COMPLETE}


@given(facts, known_facts)
def test_what_is_known_is_never_overwritten(words: dict[str, Any], known: dict[str, Any]) -> None:
    one, here = remembered(**words), present(**known)
    change = decide(one, here, lag=LAG)
    assert change.size_bytes is None or here.size_bytes is None
    assert change.tree_hash is None or here.tree_hash is None
    assert change.naming is None or here.name_source in {"none", "description"}
    if not here.state.is_live or change.outcome.is_conflict:
        assert change.naming is None
