"""What a sync does with each name."""

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.core import sync_plan
from glaciercli.core.sync_plan import (
    Compare,
    DeletionLimit,
    Gone,
    KnownVersion,
    LocalFile,
    Retention,
    SyncKind,
    parse_limit,
)
from glaciercli.model.archives import ArchiveState

OLD, NEW = b"o" * 32, b"n" * 32
FILE, LINK = stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def local(name: str = "a", **given: object) -> LocalFile:
    file = LocalFile(name=name, path="/x/" + name, size_bytes=5, modified_ns=1, mode=FILE)
    return replace(file, **given)  # type: ignore[arg-type]


def stored(name: str = "a", **given: object) -> KnownVersion:
    version = KnownVersion(
        name=name,
        archive_key=7,
        size_bytes=5,
        modified_ns=1,
        tree_hash=OLD,
        state=ArchiveState.CONFIRMED,
    )
    return replace(version, **given)  # type: ignore[arg-type]


def verdict(
    file: LocalFile, version: KnownVersion, by: Compare, content: bytes | None = None
) -> str:
    """Return the verdict in words; content that is given has to be asked for, and no other."""
    found = sync_plan.compare(file, version, by)
    assert (found.kind is SyncKind.IN_DOUBT) is (content is not None)
    if content is not None:
        found = sync_plan.settle(file, version, tree_hash=content, by=by)
    return f"{found.kind.value}: {found.reason}"


EMPTY = stored(size_bytes=0, tree_hash=None, modified_ns=1, state=ArchiveState.EMPTY)
UNMEASURED = stored(size_bytes=None, tree_hash=None, modified_ns=None)
UNKNOWN_SIZE = "replace: the size of the stored one is not known"
UNCHANGED = "unchanged: as it was stored"


@pytest.mark.parametrize(
    ("file", "version", "by", "content", "expected"),
    [
        (local(), stored(), Compare.MTIME, None, UNCHANGED),
        (local(size_bytes=6), stored(), Compare.MTIME, None, "replace: size changed"),
        (local(size_bytes=6), stored(), Compare.SIZE, None, "replace: size changed"),
        (local(size_bytes=6), stored(), Compare.HASH, None, "replace: size changed"),
        (local(modified_ns=2), stored(), Compare.MTIME, OLD, "record: touched, same content"),
        (local(modified_ns=2), stored(), Compare.MTIME, NEW, "replace: content changed"),
        (local(), stored(modified_ns=None), Compare.MTIME, OLD, "record: touched, same content"),
        (local(modified_ns=2), stored(), Compare.SIZE, None, UNCHANGED),
        (local(), stored(), Compare.HASH, OLD, UNCHANGED),
        (local(), stored(), Compare.HASH, NEW, "replace: content changed"),
        (local(modified_ns=2), stored(tree_hash=None), Compare.MTIME, None,
         "replace: the content of the stored one is not known"),
        (local(), stored(state=ArchiveState.MISSING), Compare.MTIME, None,
         "upload: the last inventory does not list it"),
        (local(), stored(state=ArchiveState.UNSETTLED), Compare.MTIME, None, UNCHANGED),
        (local(size_bytes=0), EMPTY, Compare.MTIME, None, UNCHANGED),
        (local(size_bytes=0), EMPTY, Compare.HASH, None, UNCHANGED),
        (local(size_bytes=0, modified_ns=2), EMPTY, Compare.MTIME, None,
         "record: touched, same content"),
        (local(), EMPTY, Compare.SIZE, None, "replace: size changed"),
        (local(size_bytes=0), stored(), Compare.SIZE, None, "replace: size changed"),
        (local(size_bytes=0), UNMEASURED, Compare.SIZE, None, UNKNOWN_SIZE),
        (local(size_bytes=0), UNMEASURED, Compare.HASH, None, UNKNOWN_SIZE),
        (local(), UNMEASURED, Compare.MTIME, None, UNKNOWN_SIZE),
        (local(mode=FILE | 0o111), stored(), Compare.MTIME, None, "record: mode changed"),
        (local(mode=FILE | 0o111), stored(), Compare.SIZE, None, "record: mode changed"),
        (local(mode=LINK), stored(), Compare.SIZE, None, "replace: a symbolic link now"),
        (local(), stored(mode=LINK), Compare.MTIME, None, "replace: a file now"),
        (local(mode=LINK), stored(mode=LINK), Compare.MTIME, None, UNCHANGED),
        (local(mode=LINK, modified_ns=2), stored(mode=LINK), Compare.MTIME, NEW,
         "replace: content changed"),
        (local(linked_to="b", size_bytes=0), stored(), Compare.MTIME, None,
         "replace: another name of the same file"),
        (local(), stored(linked_to="b"), Compare.MTIME, None, "replace: a file of its own now"),
        (local(linked_to="b", size_bytes=0, modified_ns=9), replace(EMPTY, linked_to="b"),
         Compare.HASH, None, UNCHANGED),
    ],
)  # fmt: skip
def test_a_stored_file_gets_the_verdict_it_needs(
    file: LocalFile, version: KnownVersion, by: Compare, content: bytes | None, expected: str
) -> None:
    assert verdict(file, version, by, content) == expected


def gone(name: str, content: bytes | None, *keys: int) -> Gone:
    return Gone(name=name, size_bytes=5, archive_keys=keys or (1,), tree_hash=content)


def test_a_renamed_file_takes_over_the_archive_of_the_nearest_name() -> None:
    there = [gone("x/a", OLD), gone("x/b", OLD), gone("x/c", NEW)]
    found = sync_plan.renames({"y/b": OLD, "y/z": OLD, "y/other": b"?"}, there)
    assert {name: one.name for name, one in found.items()} == {"y/b": "x/b", "y/z": "x/a"}


def test_only_what_may_have_been_renamed_is_hashed() -> None:
    files = [
        local("a"),
        local("longer", size_bytes=6),
        local("link", mode=LINK),
        local("name", linked_to="a"),
        local("empty", size_bytes=0),
    ]
    there = [gone("x", OLD), replace(gone("e", OLD), size_bytes=0)]
    assert [one.name for one in sync_plan.may_be_renamed(files, there)] == ["a"]
    assert sync_plan.may_be_renamed(files, [gone("x", None)]) == []


def test_older_versions_of_a_renamed_file_are_gone_still() -> None:
    assert sync_plan.left_of(gone("a", OLD, 3)) is None
    left = sync_plan.left_of(gone("a", OLD, 1, 2, 3))
    assert left is not None
    assert (left.archive_keys, left.tree_hash) == ((1, 2), None)


CONTENTS = st.sampled_from([b"1", b"2", b"3"])


@given(st.dictionaries(st.text(max_size=3), CONTENTS), st.lists(CONTENTS, max_size=8))
def test_no_archive_is_taken_over_twice_nor_by_another_content(
    new: dict[str, bytes], old: list[bytes]
) -> None:
    there = [gone(f"old/{place}", content) for place, content in enumerate(old)]
    found = sync_plan.renames(new, there)
    names = [one.name for one in found.values()]
    assert len(set(names)) == len(names)
    assert all(one.tree_hash == new[name] for name, one in found.items())
    for content in set(new.values()):
        wanted = sum(one == content for one in new.values())
        assert sum(one.tree_hash == content for one in found.values()) == min(
            wanted, old.count(content)
        )


SURE, DOUBTFUL, LOST = ArchiveState.CONFIRMED, ArchiveState.UNSETTLED, ArchiveState.MISSING


@pytest.mark.parametrize(
    ("states", "keep", "successor", "expected"),
    [
        ([SURE] * 3, None, True, ()),
        ([SURE] * 3, 1, True, (0, 1, 2)),
        ([SURE] * 3, 1, False, (0, 1)),
        ([SURE] * 3, 2, True, (0, 1)),
        ([SURE] * 3, 9, True, ()),
        ([SURE, DOUBTFUL], 1, False, ()),
        ([SURE, DOUBTFUL], 1, True, (0,)),
        ([SURE, DOUBTFUL, SURE], 1, False, (0,)),
        ([SURE, LOST], 1, False, ()),
        ([SURE, LOST], 1, True, (0, 1)),
        ([SURE, LOST, SURE], 2, False, ()),
        ([SURE, LOST, SURE], 2, True, (0, 1)),
        ([SURE, SURE, LOST, SURE], 2, False, (0,)),
    ],
)
def test_the_oldest_versions_go_first_and_none_for_a_doubtful_one(
    states: list[ArchiveState],
    keep: int | None,
    successor: bool,  # noqa: FBT001 - a column of the table
    expected: tuple[int, ...],
) -> None:
    versions = list(enumerate(states))
    assert sync_plan.surplus(versions, successor=successor, keep=keep) == expected


def test_how_many_versions_stay_follows_from_whether_anything_is_deleted() -> None:
    assert Retention().versions is None
    assert Retention(delete=True).versions == 1
    assert Retention(delete_after=timedelta(1)).versions == 1
    assert Retention(delete=True, keep_versions=3).versions == 3


@pytest.mark.parametrize(
    ("retention", "since", "protected", "expected"),
    [
        (Retention(), None, None, "keep: no such file any more"),
        (Retention(delete=True), None, None, "delete: no such file any more"),
        (Retention(delete=True), None, "unread", "keep: unread"),
        (Retention(delete_after=timedelta(30)), None, None,
         "keep: gone since 2026-05-01, and kept for a while"),
        (Retention(delete_after=timedelta(30)), NOW - timedelta(29), None,
         "keep: gone since 2026-04-02, and kept for a while"),
        (Retention(delete_after=timedelta(30)), NOW - timedelta(30), None,
         "delete: gone since 2026-04-01"),
        (Retention(delete_after=timedelta(0)), None, None, "delete: gone since 2026-05-01"),
    ],
)  # fmt: skip
def test_what_is_gone_gets_its_fate(
    retention: Retention, since: datetime | None, protected: str | None, expected: str
) -> None:
    one = replace(gone("a", OLD, 1, 2), since=since, protected=protected)
    action = sync_plan.fate_of(one, retention, now=NOW)
    assert f"{action.kind.value}: {action.reason}" == expected
    assert action.archive_keys == (1, 2)


def test_a_limit_of_deletions_is_a_number_or_a_share() -> None:
    assert parse_limit("10") == DeletionLimit(count=10)
    assert parse_limit("2.5%") == DeletionLimit(percent=2.5)
    assert parse_limit("10").allows(10, of=10)
    assert not parse_limit("10").allows(11, of=1000)
    assert parse_limit("5%").allows(5, of=100)
    assert not parse_limit("5%").allows(6, of=100)
    assert not parse_limit("0").allows(1, of=1)
    assert [parse_limit(one).words for one in ("10", "5%", "2.5%")] == ["10", "5%", "2.5%"]


@pytest.mark.parametrize("text", ["", "%", "-1", "5 %", "x", "1.5", "٣"])
def test_what_is_no_limit_of_deletions_is_refused(text: str) -> None:
    with pytest.raises(errors.BadUsage):
        parse_limit(text)


def test_a_time_that_no_key_map_holds_becomes_the_nearest_that_it_does() -> None:
    assert sync_plan.kept_ns(2**70) == 2**63 - 1
    assert sync_plan.kept_ns(-(2**70)) == -(2**63)
    assert sync_plan.kept_ns(5) == 5


@pytest.mark.parametrize(
    ("age", "is_young"),
    [
        (timedelta(minutes=10), False),
        (timedelta(minutes=9), True),
        (timedelta(0), True),
        # The clock of a file server may be ahead, by the hours of a time zone too.
        (timedelta(hours=-12), True),
        (timedelta(days=-2), False),
        (timedelta(days=-5 * 365), False),
    ],
)
def test_a_file_is_young_unless_it_rests_or_is_dated_far_ahead(
    age: timedelta, *, is_young: bool
) -> None:
    times = sync_plan.young(timedelta(minutes=10), now=NOW)
    assert (int((NOW - age).timestamp()) * 10**9 in times) is is_young


def test_no_file_is_young_where_nobody_asks() -> None:
    assert int(NOW.timestamp()) * 10**9 not in sync_plan.young(None, now=NOW)
