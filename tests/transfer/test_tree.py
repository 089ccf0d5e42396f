"""Directory trees, walked in the order of names."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.core.sync_plan import LocalFile
from glaciercli.transfer import tree

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
        )
    ]


def test_what_is_no_file_is_passed_over_and_told(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").touch()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    skipped = [one for one in tree.walk(str(tmp_path)) if isinstance(one, tree.Skipped)]
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


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_directory_without_permission_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0)
    (tmp_path / "b").touch()
    first, second = tree.walk(str(tmp_path))
    assert isinstance(first, tree.Unreadable)
    assert isinstance(second, LocalFile)


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
