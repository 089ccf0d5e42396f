"""What a sync does with each name."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.sync_plan import (
    Compare,
    KnownVersion,
    LocalFile,
    SyncAction,
    SyncKind,
    plan_sync,
    sort_key,
)
from glaciercli.model.archives import ArchiveState

OLD, NEW = b"o" * 32, b"n" * 32


def local(name: str = "a", *, size_bytes: int = 5, modified_ns: int = 1) -> LocalFile:
    return LocalFile(name=name, path="/x/" + name, size_bytes=size_bytes, modified_ns=modified_ns)


def stored(
    name: str = "a",
    *,
    size_bytes: int = 5,
    modified_ns: int | None = 1,
    tree_hash: bytes | None = OLD,
    state: ArchiveState = ArchiveState.CONFIRMED,
) -> KnownVersion:
    return KnownVersion(
        name=name,
        archive_key=7,
        size_bytes=size_bytes,
        modified_ns=modified_ns,
        tree_hash=tree_hash,
        state=state,
    )


def never(file: LocalFile) -> bytes:
    message = f"{file.name} was hashed though nothing asked for it"
    raise AssertionError(message)


def plan(
    files: Sequence[LocalFile],
    versions: Sequence[KnownVersion],
    compare: Compare = Compare.MTIME,
    content: bytes | None = None,
) -> list[SyncAction]:
    hash_of = never if content is None else lambda _file: content
    return list(plan_sync(files, versions, compare=compare, hash_of=hash_of))


EMPTY = stored(size_bytes=0, tree_hash=None, modified_ns=9, state=ArchiveState.EMPTY)


@pytest.mark.parametrize(
    ("file", "version", "compare", "content", "expected"),
    [
        (local(), stored(), Compare.MTIME, None, "keep: same size and time"),
        (local(size_bytes=6), stored(), Compare.MTIME, None, "replace: size changed"),
        (local(size_bytes=6), stored(), Compare.SIZE, None, "replace: size changed"),
        (local(size_bytes=6), stored(), Compare.HASH, None, "replace: size changed"),
        (local(modified_ns=2), stored(), Compare.MTIME, OLD, "keep: touched, same content"),
        (local(modified_ns=2), stored(), Compare.MTIME, NEW, "replace: content changed"),
        (local(), stored(modified_ns=None), Compare.MTIME, OLD, "keep: touched, same content"),
        (local(), stored(modified_ns=None), Compare.MTIME, NEW, "replace: content changed"),
        (local(modified_ns=2), stored(), Compare.SIZE, None, "keep: same size"),
        (local(), stored(), Compare.HASH, OLD, "keep: same content"),
        (local(), stored(), Compare.HASH, NEW, "replace: content changed"),
        (local(modified_ns=2), stored(tree_hash=None), Compare.MTIME, None,
         "replace: the content of the stored one is not known"),
        (local(), stored(state=ArchiveState.MISSING), Compare.MTIME, None,
         "upload: the last inventory does not list it"),
        (local(), stored(state=ArchiveState.UNSETTLED), Compare.MTIME, None,
         "keep: same size and time"),
        (local(size_bytes=0), EMPTY, Compare.MTIME, None, "keep: empty"),
        (local(size_bytes=0), EMPTY, Compare.HASH, None, "keep: empty"),
        (local(), EMPTY, Compare.SIZE, None, "replace: size changed"),
        (local(size_bytes=0), stored(), Compare.SIZE, None, "replace: size changed"),
        (local(), None, Compare.MTIME, None, "upload: new"),
        (None, stored(), Compare.MTIME, None, "gone: no such file any more"),
    ],
)  # fmt: skip
def test_a_name_gets_the_action_it_needs(
    file: LocalFile | None,
    version: KnownVersion | None,
    compare: Compare,
    content: bytes | None,
    expected: str,
) -> None:
    [action] = plan([file] if file else [], [version] if version else [], compare, content)
    assert f"{action.kind.value}: {action.reason}" == expected
    assert (action.local, action.known) == (file, version)


# ASCII, two bytes, an undecodable byte, the end of the plane and beyond it: UTF-8 sorts them
# otherwise than Python's own comparison of text does.
NAMES = st.sampled_from(["", "a", "a/b", "a-", "é", "\udcff", "\udc80", "\uffff", "😀", "\ud800"])


@given(st.sets(NAMES), st.sets(NAMES))
def test_each_name_gets_one_action_in_order(here: set[str], there: set[str]) -> None:
    files = [local(name) for name in sorted(here, key=sort_key)]
    versions = [stored(name) for name in sorted(there, key=sort_key)]
    actions = plan(files, versions)
    names = [(one.local or one.known).name for one in actions if one.local or one.known]  # type: ignore[union-attr]
    assert names == sorted(here | there, key=sort_key)
    kinds = {name: one.kind for name, one in zip(names, actions, strict=True)}
    assert {name for name, kind in kinds.items() if kind is SyncKind.UPLOAD} == here - there
    assert {name for name, kind in kinds.items() if kind is SyncKind.GONE} == there - here
    assert {name for name, kind in kinds.items() if kind is SyncKind.KEEP} == here & there


def test_nothing_is_hashed_before_its_action_is_asked_for() -> None:
    hashed: list[str] = []

    def hash_of(file: LocalFile) -> bytes:
        hashed.append(file.name)
        return OLD

    actions = plan_sync(
        [local("a"), local("b")],
        [stored("a"), stored("b")],
        compare=Compare.HASH,
        hash_of=hash_of,
    )
    next(actions)
    assert hashed == ["a"]


@given(st.text(), st.text())
def test_names_sort_as_their_bytes(one: str, other: str) -> None:
    assert (sort_key(one) < sort_key(other)) == (one.encode() < other.encode())


def test_undecodable_names_sort_as_the_bytes_they_stand_for() -> None:
    assert sort_key("caf\udce9") == b"caf\xe9"
    assert sort_key("\ud800") == b"\xed\xa0\x80"
