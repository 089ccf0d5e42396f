"""Directory trees, walked in the order of names."""

import os
import resource
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.core.filters import PatternRules
from glaciercli.core.sync_merge import LocalRow
from glaciercli.core.sync_plan import LocalFile
from glaciercli.core.temporaries import is_temporary
from glaciercli.transfer import left_out, targets, tree

#: Few letters around the slash, so that files and directories compete for places.
names = (
    st.binary(min_size=1, max_size=3)
    .map(lambda raw: os.fsdecode(bytes(b"-.0a\xff\n"[one % 6] for one in raw)))
    .filter(lambda name: name not in {".", ".."})
)


def make(root: Path, path: list[str]) -> str | None:
    """Make a file below a root, if nothing of another kind is in the way."""
    place = root.joinpath(*path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"")
    except OSError:
        return None
    return "/".join(path)


def found(root: Path) -> list[str]:
    return [one.name for one in tree.walk(str(root)) if isinstance(one, LocalFile)]


@settings(deadline=None, max_examples=50)
@given(paths=st.lists(st.lists(names, min_size=1, max_size=4), max_size=12))
def test_files_come_in_the_order_of_the_bytes_of_their_paths(
    paths: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("tree")
    made = {name for path in paths if (name := make(root, path)) is not None}
    assert found(root) == sorted(made, key=os.fsencode)
    shutil.rmtree(os.fsencode(root))


def test_a_file_is_told_with_its_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"123")
    os.utime(tmp_path / "a" / "b", ns=(0, -1_500_000_001))
    assert list(tree.walk(str(tmp_path))) == [
        LocalFile(
            name="a/b",
            path=str(tmp_path / "a" / "b"),
            size_bytes=3,
            modified_ns=-1_500_000_001,
            mode=(tmp_path / "a" / "b").stat().st_mode,
        )
    ]


def test_what_is_no_file_is_passed_over_and_told(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").touch()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    skipped = [one for one in tree.walk(str(tmp_path)) if isinstance(one, left_out.Skipped)]
    assert [(Path(one.path).name, one.reason) for one in skipped] == [
        ("link", "a symbolic link"),
        ("loop", "a symbolic link"),
        ("pipe", "no regular file"),
    ]
    assert found(tmp_path) == ["real/file"]


def test_a_place_that_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    (one,) = tree.walk(str(missing))
    assert isinstance(one, tree.Unreadable)
    assert one.path == str(missing)
    assert "no such file" in one.reason


@pytest.mark.covers("F3")
@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_directory_without_permission_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0)
    (tmp_path / "b").touch()
    first, second = tree.walk(str(tmp_path))
    assert isinstance(first, tree.Unreadable)
    assert isinstance(second, LocalFile)


def test_a_directory_for_which_no_descriptor_is_left_is_no_fault_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    free = os.dup(0)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        (one,) = tree.walk(str(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert isinstance(one, tree.Unreadable)
    assert one.is_trouble


@given(name=names, tag=st.text("Az09_-", min_size=16, max_size=16))
def test_a_temporary_name_is_known_as_one(name: str, tag: str) -> None:
    for long in ("", "long" * 70):
        assert is_temporary(os.fsencode(targets.partial_name(name + long, tag)))
    assert not is_temporary(os.fsencode(name))


def test_temporary_files_are_left_out_and_told(tmp_path: Path) -> None:
    partial = targets.partial_name("big", "BK9-aaaaaaaaaaaa")
    (tmp_path / "a").mkdir()
    for name in (
        f"a/{partial}",
        ".key-map-abcd_123",
        ".big.partial",
        "big.BK9-aaaaaaaaaaaa.partial",
    ):
        (tmp_path / name).touch()
    walk = tree.Walk(str(tmp_path))
    # A directory with nothing else is not called empty.
    assert list(rows(walk)) == [b".big.partial", b"big.BK9-aaaaaaaaaaaa.partial"]
    assert {one.path for one in walk.skipped} == {
        str(tmp_path / ".key-map-abcd_123"),
        str(tmp_path / "a" / partial),
    }
    assert walk.leaves_out(f"a/{partial}".encode())
    assert not walk.leaves_out(b"a")
    rules = PatternRules(exclude=[".*"])
    walk = tree.Walk(str(tmp_path), rules=rules)
    # What is not wanted anyway is told of by nobody.
    assert (list(rows(walk)), walk.skipped) == ([b"big.BK9-aaaaaaaaaaaa.partial"], [])


def rows(walk: tree.Walk) -> dict[bytes, tuple[int, int]]:
    """Return the size and the mode of each row, in order."""
    found = [row for batch in walk.batches() for row in batch]
    assert found == sorted(found)
    return {name: (size, mode) for name, size, _, mode in found}


def test_a_walk_tells_links_and_empty_directories_too(tmp_path: Path) -> None:
    (tmp_path / "d" / "empty").mkdir(parents=True)
    (tmp_path / "d" / "file").write_bytes(b"123")
    (tmp_path / "link").symlink_to("d")
    found = rows(tree.Walk(str(tmp_path), prefix=b"x/"))
    assert {name: (size, stat.S_IFMT(mode)) for name, (size, mode) in found.items()} == {
        b"x/d/empty/": (0, stat.S_IFDIR),
        b"x/d/file": (3, stat.S_IFREG),
        b"x/link": (1, stat.S_IFLNK),
    }


@pytest.mark.covers("F12")
def test_a_walk_tells_further_names_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"123")
    os.link(tmp_path / "b", tmp_path / "a")
    (tmp_path / "d").mkdir()
    os.link(tmp_path / "b", tmp_path / "d" / "c")
    walk = tree.Walk(str(tmp_path), prefix=b"x/", hard_links=True)
    found = rows(walk)
    assert [name for name, (_, mode) in found.items() if mode == tree.HARD_LINK] == [
        b"x/b", b"x/d/c",
    ]  # fmt: skip
    assert walk.hard_links == {b"x/b": b"x/a", b"x/d/c": b"x/a"}
    assert tree.HARD_LINK not in {mode for _, mode in rows(tree.Walk(str(tmp_path))).values()}


@pytest.mark.covers("F4")
def test_a_walk_that_follows_links_goes_round_no_circle(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "file").write_bytes(b"123")
    (tmp_path / "d" / "up").symlink_to("..")
    (tmp_path / "again").symlink_to("d")
    (tmp_path / "one").symlink_to("d/file")
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "loop").symlink_to("loop")
    walk = tree.Walk(str(tmp_path), follow=True)
    found = rows(walk)
    assert {name: stat.S_IFMT(mode) for name, (_, mode) in found.items()} == {
        b"again/file": stat.S_IFREG,
        b"d/file": stat.S_IFREG,
        b"loop": stat.S_IFLNK,
        b"nowhere": stat.S_IFLNK,
        b"one": stat.S_IFREG,
    }
    assert walk.unreadable == []
    assert [one.path for one in walk.skipped] == [
        str(tmp_path / "again" / "up"), str(tmp_path / "d" / "up"),
    ]  # fmt: skip


def test_a_walk_obeys_patterns_and_the_files_that_hold_some(tmp_path: Path) -> None:
    for name in ("a.o", "a.c", "d/a.o", "d/e/keep.o", "cache/x", "only/a.o"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".glacierignore").write_bytes(b"*.o\n")
    (tmp_path / "d" / ".glacierignore").write_bytes(b"!keep.o\n")
    rules = PatternRules(exclude=["cache/"])
    assert list(rows(tree.Walk(str(tmp_path), rules=rules))) == [
        b".glacierignore", b"a.c", b"d/.glacierignore", b"d/e/keep.o",
    ]  # fmt: skip


def test_nothing_is_told_of_a_directory_whose_patterns_make_no_sense(tmp_path: Path) -> None:
    for name in ("bad/below", "fine", "odd"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").touch()
    (tmp_path / "bad" / ".glacierignore").write_bytes(b"*.o\n!\n")
    # No more than a name that looks like one.
    (tmp_path / "odd" / ".glacierignore").mkdir()
    walk = tree.Walk(str(tmp_path), rules=PatternRules())
    assert list(rows(walk)) == [b"fine/file", b"odd/.glacierignore/", b"odd/file"]
    (one,) = walk.unreadable
    assert (one.name, one.is_trouble) == (b"bad/", False)
    assert "bad/.glacierignore" in one.reason


@pytest.mark.covers("F2")
def test_a_file_that_vanishes_during_the_walk_was_never_there(tmp_path: Path) -> None:
    for name in range(300):
        (tmp_path / f"{name:03}").touch()
    batches = tree.Walk(str(tmp_path)).batches()
    next(batches)
    (tmp_path / "299").unlink()
    assert sum(map(len, batches)) == 300 - 1 - 128


def a_walk_to_the_middle(root: Path) -> tuple[tree.Walk, Iterator[list[LocalRow]]]:
    """Return a walk that has read a directory of 300 files, and not yet looked at all of them."""
    (root / "flat").mkdir(parents=True)
    for name in range(300):
        (root / "flat" / f"{name:03}").touch()
    (root / "later").touch()
    walk = tree.Walk(str(root))
    batches = walk.batches()
    next(batches)
    return walk, batches


@pytest.mark.covers("F2")
@pytest.mark.parametrize("instead", ["nothing", "directory", "file", "the same names"])
def test_a_directory_that_another_replaces_during_the_walk_cannot_be_read(
    tmp_path: Path, instead: str
) -> None:
    walk, batches = a_walk_to_the_middle(tmp_path / "root")
    place = tmp_path / "root" / "flat"
    place.rename(tmp_path / "elsewhere")
    if instead == "file":
        place.touch()
    elif instead == "directory":
        place.mkdir()
    elif instead == "the same names":
        shutil.copytree(tmp_path / "elsewhere", place)
    names = [row[0] for batch in batches for row in batch]
    assert names[-1] == b"later"
    (one,) = walk.unreadable
    assert (one.name, one.path, one.is_trouble) == (b"flat/", str(place), True)


@pytest.mark.covers("F2")
def test_a_root_that_another_replaces_during_the_walk_cannot_be_read(tmp_path: Path) -> None:
    walk, batches = a_walk_to_the_middle(tmp_path / "root")
    (tmp_path / "root").rename(tmp_path / "elsewhere")
    (tmp_path / "root").mkdir()
    list(batches)
    assert [(one.name, one.is_trouble) for one in walk.unreadable] == [
        (b"flat/", True), (b"", True),
    ]  # fmt: skip
    assert "unmounted or replaced" in walk.unreadable[-1].reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_link_to_where_nobody_may_look_is_no_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "closed" / "data").mkdir(parents=True)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to("../closed/data")
    (tmp_path / "closed").chmod(0)
    walk = tree.Walk(str(tmp_path / "tree"), follow=True)
    found = rows(walk)
    (tmp_path / "closed").chmod(0o700)
    assert (found, [one.name for one in walk.unreadable]) == ({}, [b"link"])


def test_a_tree_may_be_deeper_than_calls_can_nest(tmp_path: Path) -> None:
    start = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        Path("file").touch()
    finally:
        os.chdir(start)
    assert found(tmp_path) == ["d/" * 1500 + "file"]
    # Too deep for rmtree as well.
    subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # noqa: S607 - any rm will do
