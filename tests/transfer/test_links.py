"""Further names of files that are there."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.transfer.links import make_further_name
from glaciercli.transfer.targets import below


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory that no file of the usual place can have a name in."""
    shared = "/dev/shm"  # noqa: S108 - a file system of its own
    if not os.path.isdir(shared) or os.stat(shared).st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    with tempfile.TemporaryDirectory(dir=shared) as directory:
        yield Path(directory)


def name_it(directory: Path, first: Path) -> Path:
    """Give a file a further name in a directory."""
    held = below(str(first.parent), [first.name])
    place = below(str(directory), ["further"])
    make_further_name(place, held, partial=".partial", overwrite=False)
    return directory / "further"


def test_a_further_name_is_of_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "first").write_bytes(b"content")
    assert name_it(tmp_path, tmp_path / "first").samefile(tmp_path / "first")


def test_on_another_disk_it_is_a_copy_with_mode_and_time(tmp_path: Path, other_disk: Path) -> None:
    first = tmp_path / "first"
    first.write_bytes(b"content")
    first.chmod(0o640)
    os.utime(first, ns=(5, 1_700_000_000_123_456_789))
    made = name_it(other_disk, first)
    seen = made.stat()
    assert (made.read_bytes(), seen.st_mode & 0o777) == (b"content", 0o640)
    assert seen.st_mtime_ns == 1_700_000_000_123_456_789
    assert os.listdir(other_disk) == ["further"]


def test_what_a_link_leads_to_gets_no_further_name(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"content")
    (tmp_path / "first").symlink_to("elsewhere")
    with pytest.raises(errors.FileProblem, match="no plain file"):
        name_it(tmp_path, tmp_path / "first")
    assert sorted(os.listdir(tmp_path)) == ["elsewhere", "first"]


def test_what_a_link_leads_to_is_not_copied(tmp_path: Path, other_disk: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"content")
    (tmp_path / "first").symlink_to("elsewhere")
    with pytest.raises(errors.FileProblem):
        name_it(other_disk, tmp_path / "first")
    assert os.listdir(other_disk) == []


def test_a_directory_moved_behind_a_link_is_not_passed(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "first").write_bytes(b"content")
    held = below(str(tmp_path), ["d", "first"])
    (tmp_path / "d").rename(tmp_path / "moved")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "first").write_bytes(b"another")
    (tmp_path / "d").symlink_to("elsewhere")
    place = below(str(tmp_path), ["further"])
    make_further_name(place, held, partial=".partial", overwrite=False)
    assert (tmp_path / "further").samefile(tmp_path / "moved" / "first")
