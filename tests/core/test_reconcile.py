"""What an inventory means: nothing is dropped, nothing deleted comes back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.description import encode
from glaciercli.core.listed import ListedArchive
from glaciercli.core.reconcile import DEFAULT_LAG, KnownArchive, Verdict, decide, merge
from glaciercli.model.archives import ArchiveState

SNAPSHOT = datetime(2024, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HASH = bytes(32)
LIVE = [state for state in ArchiveState if state.is_live]
S = ArchiveState
V = Verdict


def known(
    archive_id: str | None = "a",
    state: ArchiveState = S.UPLOADED,
    *,
    age: timedelta = 10 * DAY,
    tag: str | None = None,
    deleted_age: timedelta | None = None,
    listed_age: timedelta | None = None,
) -> KnownArchive:
    return KnownArchive(
        key=1,
        archive_id=archive_id,
        state=state,
        uploaded_at=SNAPSHOT - age,
        deleted_at=None if deleted_age is None else SNAPSHOT - deleted_age,
        size_bytes=5,
        tree_hash=HASH,
        tag=tag,
        listed_at=None if listed_age is None else SNAPSHOT - listed_age,
    )


def listed(archive_id: str = "a", *, description: str = "", size_bytes: int = 5) -> ListedArchive:
    return ListedArchive(
        archive_id=archive_id,
        description=description,
        created_at=SNAPSHOT - 10 * DAY,
        size_bytes=size_bytes,
        tree_hash=HASH,
    )


def judge(
    ours: KnownArchive | None, theirs: ListedArchive | None, *, complete: bool = True
) -> Verdict:
    return decide(ours, theirs, snapshot_at=SNAPSHOT, lag=DEFAULT_LAG, complete=complete)


def tagged(tag: str) -> str:
    return encode(name="n", modified_ns=None, tag=tag)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (S.UPLOADED, V.CONFIRM),
        (S.MISSING, V.CONFIRM),
        (S.CONFIRMED, V.UNCHANGED),
        (S.UNSETTLED, V.SETTLE),
        (S.DELETING, V.KEEP_DELETED),
        (S.DELETED, V.KEEP_DELETED),
    ],
)
def test_a_known_archive_is_listed(state: ArchiveState, verdict: Verdict) -> None:
    for complete in (True, False):
        assert judge(known(state=state), listed(), complete=complete) is verdict


def test_an_unknown_archive_is_added() -> None:
    for complete in (True, False):
        assert judge(None, listed(), complete=complete) is V.ADD


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [
        (known(), V.MISSING),
        (known(age=DEFAULT_LAG), V.NOT_YET_LISTED),
        (known(age=DEFAULT_LAG + DAY / 1000), V.MISSING),
        (known(age=-DAY), V.NOT_YET_LISTED),
        (known(state=S.CONFIRMED), V.MISSING),
        (known(state=S.CONFIRMED, age=DAY), V.MISSING),
        (known(state=S.CONFIRMED, age=-DAY), V.UNCHANGED),
        (known(state=S.CONFIRMED, listed_age=DAY), V.MISSING),
        (known(state=S.CONFIRMED, listed_age=DAY * 0), V.UNCHANGED),
        (known(state=S.CONFIRMED, listed_age=-DAY), V.UNCHANGED),
        (known(state=S.MISSING), V.UNCHANGED),
        (known(None, S.EMPTY), V.UNCHANGED),
        (known(state=S.EMPTY), V.MISSING),
        (known(state=S.EMPTY, age=DAY), V.NOT_YET_LISTED),
        (known(state=S.EMPTY, age=DAY, listed_age=DAY / 2), V.MISSING),
        (known(state=S.EMPTY, listed_age=DAY * 0), V.UNCHANGED),
        (known(None, S.UNSETTLED, tag="t"), V.MISSING),
        (known(None, S.UNSETTLED, tag="t", age=DAY), V.NOT_YET_LISTED),
        (known(state=S.DELETED, deleted_age=DAY), V.AGREED),
        (known(state=S.DELETED, deleted_age=DAY, age=DAY), V.AGREED),
        (known(state=S.DELETED, deleted_age=-DAY), V.KEEP_DELETED),
        (known(state=S.DELETED, deleted_age=0 * DAY), V.KEEP_DELETED),
        (known(state=S.DELETING, deleted_age=DAY), V.AGREED),
        (known(state=S.DELETING, deleted_age=DAY, age=2 * DAY), V.KEEP_DELETED),
        (known(state=S.DELETING, deleted_age=-DAY), V.KEEP_DELETED),
        (known(state=S.DELETED), V.AGREED),
    ],
)
def test_a_known_archive_is_not_listed(ours: KnownArchive, verdict: Verdict) -> None:
    assert judge(ours, None) is verdict


@pytest.mark.parametrize(
    ("ours", "for_days", "verdict"),
    [
        (None, 4, V.ADD_MISSING),
        (None, 3, V.ADD_UNCONFIRMED),
        (known(), 4, V.MISSING),
        (known(), 3, V.NOT_YET_LISTED),
        # The service's own date counts.
        (known(age=DAY), 4, V.MISSING),
        (known(state=S.UNSETTLED), 4, V.MISSING),
        (known(state=S.UNSETTLED), 3, V.SETTLE_UNCONFIRMED),
        (known(state=S.EMPTY), 4, V.MISSING),
        (known(state=S.EMPTY), 3, V.NOT_YET_LISTED),
        (known(state=S.EMPTY, listed_age=DAY), 4, V.UNCHANGED),
        (known(state=S.CONFIRMED), 4, V.UNCHANGED),
        (known(state=S.MISSING), 3, V.MISSING),
        (known(state=S.DELETED), 4, V.KEEP_DELETED),
        (replace(known(), size_bytes=6), 4, V.CONTRADICTION),
    ],
)
def test_what_may_be_older_than_the_newest_confirms_nothing_that_that_lacks(
    ours: KnownArchive | None, for_days: int, verdict: Verdict
) -> None:
    one = listed()
    newest_at = one.created_at + for_days * DAY
    said = decide(
        ours,
        one,
        snapshot_at=one.created_at,
        lag=DEFAULT_LAG,
        complete=False,
        newest_at=newest_at,
    )
    assert said is verdict


@pytest.mark.parametrize("state", S)
def test_a_partial_inventory_says_nothing_of_what_it_does_not_list(state: ArchiveState) -> None:
    verdict = judge(known(state=state, deleted_age=DAY), None, complete=False)
    assert verdict is (V.UNCHANGED if state.is_live else V.KEEP_DELETED)


@pytest.mark.covers("H4")
def test_another_size_or_hash_is_a_contradiction() -> None:
    assert judge(known(), listed(size_bytes=6)) is V.CONTRADICTION
    assert judge(known(), replace(listed(), tree_hash=b"x" * 32)) is V.CONTRADICTION
    assert judge(replace(known(), tree_hash=None), listed()) is V.CONFIRM


def test_what_stands_for_an_empty_file_may_hold_a_byte() -> None:
    # What is known of it is that it is empty, whatever its stand-in is.
    assert judge(replace(known(state=S.EMPTY), size_bytes=0), listed()) is V.UNCHANGED
    doubted = replace(known(None, S.EMPTY, tag="t"), size_bytes=0)
    assert judge(doubted, listed("new", description=tagged("t"))) is V.SETTLE


def test_the_service_has_three_days_to_list_and_nothing_is_hearsay_unsaid() -> None:
    assert 3 * DAY == DEFAULT_LAG
    assert not known().hearsay


def test_an_archive_of_which_another_tool_kept_no_size_is_confirmed() -> None:
    bare = replace(known(), size_bytes=0, tree_hash=None)
    assert judge(bare, listed()) is V.CONFIRM
    half = replace(known(), size_bytes=0, tree_hash=b"x" * 32)
    assert judge(half, listed()) is V.CONTRADICTION


def test_an_upload_whose_answer_was_lost_is_settled_by_its_tag() -> None:
    theirs = listed("new", description=tagged("t"))
    assert judge(known(None, S.UNSETTLED, tag="t"), theirs) is V.SETTLE
    assert judge(known(None, S.MISSING, tag="t"), theirs) is V.SETTLE
    assert judge(known(None, S.DELETED, tag="t"), theirs) is V.KEEP_DELETED


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (None, None),
        (known("a"), listed("b")),
        (known(None, S.UNSETTLED, tag="t"), listed(description=tagged("u"))),
        (known(None, S.UNSETTLED), listed()),
    ],
)
def test_what_is_no_pair_is_a_mistake_of_the_caller(
    ours: KnownArchive | None, theirs: ListedArchive | None
) -> None:
    with pytest.raises(ValueError, match=r"nothing to decide|not one archive"):
        judge(ours, theirs)


def test_every_verdict_has_a_reason() -> None:
    assert all(verdict.reason for verdict in Verdict)


@pytest.mark.covers("H4")
def test_equal_ids_pair_and_duplicates_count_once() -> None:
    ours = [known("a"), known("c")]
    theirs = [listed("b"), listed("b"), listed("c"), listed("c"), listed("d")]
    assert list(merge(ours, theirs)) == [
        (ours[0], None),
        (None, theirs[0]),
        (ours[1], theirs[2]),
        (None, theirs[4]),
    ]


def test_archives_without_an_id_pair_by_their_tags() -> None:
    empty = known(None, S.EMPTY)
    found = known(None, S.UNSETTLED, tag="t")
    gone = known(None, S.DELETED, tag="d")
    lost = known(None, S.UNSETTLED, tag="l")
    first = listed("a", description=tagged("t"))
    again = listed("b", description=tagged("t"))
    deleted = listed("c", description=tagged("d"))
    assert list(merge([empty, found, gone, lost], [first, again, deleted])) == [
        (empty, None),
        (found, first),
        (None, again),
        (gone, deleted),
        (lost, None),
    ]


def test_unsorted_streams_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="known archives are not sorted"):
        list(merge([known("b"), known("a")], []))
    with pytest.raises(ValueError, match="known archives are not sorted"):
        list(merge([known("b"), known(None, S.EMPTY)], []))
    with pytest.raises(ValueError, match="listed archives are not sorted"):
        list(merge([], [listed("b"), listed("a")]))


IDS = st.sampled_from("abcdefgh")
AGES = st.integers(-5, 9).map(lambda days: days * DAY)


@st.composite
def vaults(draw: st.DrawFn) -> tuple[list[KnownArchive], list[ListedArchive]]:
    """Return a key map with at most one row an ID, and an inventory that may repeat IDs."""
    ours = [
        known(archive_id, draw(st.sampled_from([*LIVE, S.DELETING, S.DELETED])), age=draw(AGES),
              deleted_age=draw(AGES))
        for archive_id in sorted(draw(st.sets(IDS)))
    ]  # fmt: skip
    lost = [
        known(None, draw(st.sampled_from([S.UNSETTLED, S.DELETED])), tag=tag, age=draw(AGES))
        for tag in draw(st.sets(st.sampled_from("xyz")))
    ]
    theirs = [
        listed(archive_id, description=tagged(draw(st.sampled_from("wxyz"))))
        for archive_id in sorted(draw(st.lists(IDS)))
    ]
    ours = [replace(one, key=number) for number, one in enumerate(lost + ours)]
    return ours, theirs


AFTER = {
    V.CONFIRM: S.CONFIRMED,
    V.SETTLE: S.CONFIRMED,
    V.MISSING: S.MISSING,
    V.AGREED: S.DELETED,
}


def apply(ours: Sequence[KnownArchive], theirs: Sequence[ListedArchive], *, complete: bool
          ) -> tuple[list[KnownArchive], list[Verdict]]:  # fmt: skip
    """Carry the verdicts out, as the key map does."""
    rows, verdicts = [], []
    for mine, other in merge(ours, theirs):
        verdict = judge(mine, other, complete=complete)
        verdicts.append(verdict)
        row = mine
        if row is None:
            assert other is not None
            row = replace(known(other.archive_id, S.CONFIRMED), key=100 + ord(other.archive_id))
        row = replace(row, state=AFTER.get(verdict, row.state))
        if other is not None:
            row = replace(row, archive_id=other.archive_id, listed_at=SNAPSHOT)
        rows.append(row)
    return sorted(rows, key=lambda row: (row.archive_id or "", row.key)), verdicts


@given(vaults(), st.booleans())
def test_the_same_inventory_twice_changes_nothing(
    vault: tuple[list[KnownArchive], list[ListedArchive]],
    complete: bool,  # noqa: FBT001
) -> None:
    ours, theirs = vault
    once, _ = apply(ours, theirs, complete=complete)
    twice, verdicts = apply(once, theirs, complete=complete)
    assert twice == once
    assert not {V.ADD, V.CONFIRM, V.SETTLE, V.MISSING} & set(verdicts)


@given(vaults(), st.booleans())
def test_no_row_is_dropped_and_nothing_deleted_comes_back(
    vault: tuple[list[KnownArchive], list[ListedArchive]],
    complete: bool,  # noqa: FBT001
) -> None:
    ours, theirs = vault
    rows, _ = apply(ours, theirs, complete=complete)
    after = {row.key: row for row in rows}
    assert len(after) == len(rows)
    for before in ours:
        assert after[before.key].state.is_live == before.state.is_live
    assert {one.archive_id for one in theirs} <= {row.archive_id for row in rows}
    if not complete:
        missing_before = {one.key for one in ours if one.state is S.MISSING}
        assert {row.key for row in rows if row.state is S.MISSING} <= missing_before


@pytest.mark.parametrize(
    ("size_bytes", "tree_hash", "unknown"),
    [(0, None, True), (0, HASH, False), (5, None, False), (5, HASH, False)],
)
def test_a_size_is_unknown_where_neither_it_nor_a_hash_was_told(
    size_bytes: int,
    tree_hash: bytes | None,
    unknown: bool,  # noqa: FBT001
) -> None:
    one = replace(known(), size_bytes=size_bytes, tree_hash=tree_hash)
    assert one.is_of_unknown_size is unknown
