"""Further names of files: which name holds the file, and what is needed while one is not stored."""

import stat
from dataclasses import replace

import pytest

from glaciercli.core.sync_links import FurtherName, first_stored, waiting_with
from glaciercli.core.sync_plan import USUAL_MODE, KnownVersion, LocalFile
from glaciercli.model.archives import ArchiveState

#: Two names stand for ``a``, and another one for the first of these: it was stored earlier.
FURTHER = [
    FurtherName(name="b", first="a"),
    FurtherName(name="c", first="a"),
    FurtherName(name="d", first="b"),
    FurtherName(name="y", first="x"),
]


@pytest.mark.parametrize(
    ("unstored", "waiting"),
    [
        ("", ""),
        # Marks of a file that is not stored bring nothing back.
        ("a", "abcd"),
        ("x", "xy"),
        # The mark that was stored before stands for the file as it was.
        ("c", "ac"),
        ("d", "abd"),
        ("b", "abd"),
        ("z", "z"),
    ],
)
def test_versions_are_needed_both_ways_while_a_name_is_not_stored(
    unstored: str, waiting: str
) -> None:
    assert waiting_with(unstored, iter(FURTHER)) == set(waiting)


def met(name: str, linked_to: str | None) -> LocalFile:
    """A name of one file, as a walk meets it."""
    return LocalFile(
        name=name,
        path=f"/{name}",
        size_bytes=0 if linked_to else 7,
        modified_ns=1,
        mode=USUAL_MODE if linked_to else stat.S_IFREG | 0o600,
        linked_to=linked_to,
    )


FILE = KnownVersion(
    name="",
    archive_key=1,
    size_bytes=7,
    modified_ns=1,
    tree_hash=None,
    state=ArchiveState.CONFIRMED,
    mode=stat.S_IFREG | 0o600,
)
MARK = replace(FILE, linked_to="b")
LINK = replace(FILE, mode=stat.S_IFLNK | 0o777)
MISSING, EMPTY = replace(FILE, state=ArchiveState.MISSING), replace(FILE, state=ArchiveState.EMPTY)


@pytest.mark.parametrize(
    ("versions", "first"),
    [
        ([None, None, None], "a"),
        ([None, FILE, None], "b"),
        # Once the file got further names before its own.
        ([MARK, FILE, None], "b"),
        ([None, MARK, FILE], "c"),
        ([None, FILE, FILE], "b"),
        ([None, replace(FILE, mode=None), None], "b"),
        ([None, replace(FILE, state=ArchiveState.UNSETTLED), None], "b"),
        # What holds none of its bytes, or none that are there, is no file of it.
        ([None, LINK, None], "a"),
        ([None, MISSING, EMPTY], "a"),
        ([MARK, MARK, MARK], "a"),
    ],
)
def test_the_name_that_is_stored_as_a_file_holds_it(
    versions: list[KnownVersion | None], first: str
) -> None:
    names = [met("a", None), met("b", "a"), met("c", "a")]
    wanted = [met(one.name, None if one.name == first else first) for one in names]
    assert list(first_stored(list(zip(names, versions, strict=True)))) == wanted
