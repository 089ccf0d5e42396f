"""A machine that has little to give: few open files, small files, a disk that takes nothing."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Spawn, finished

_FILES = 120
_FEW = 64

_MIB = 1024 * 1024


def with_few_open_files(*words: str, most: int = _FEW) -> list[str]:
    """Return a line that runs the program with no more open files than that."""
    own = [sys.executable, "-m", "glaciercli", "--local", *words]
    return ["sh", "-c", f'ulimit -n {most}; exec "$@"', "sh", *own]


@contextmanager
def small_files_only(most_bytes: int) -> Iterator[None]:
    """Let no file become larger for a while."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def disk(work: Path) -> Iterator[Path]:
    """A file system of its own, which ``mount -o remount`` can change."""
    place = work / "disk"
    place.mkdir()
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip("mounting takes root")
    mounting = ["mount", "-t", "tmpfs", "none", str(place)]
    if subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)  # noqa: S607


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)  # noqa: S607


@pytest.mark.covers("P13")
def test_few_open_files_are_enough_for_many_files(local: Run, spawn: Spawn, work: Path) -> None:
    tree = work / "tree"
    tree.mkdir()
    for number in range(_FILES):
        (tree / f"{number:03}").write_bytes(b"%d" % number)
    local("vault", "create", "photos").ok()
    finished(spawn(argv=with_few_open_files("sync", "tree", "photos", "--jobs", "16"))).ok()
    line = ("retrieve", "photos/**", "--to", "back", "--jobs", "16")
    finished(spawn(argv=with_few_open_files(*line))).ok()
    assert len(list((work / "back").iterdir())) == _FILES


@pytest.mark.covers("P13")
@pytest.mark.parametrize("most", range(5, 8))
def test_too_few_open_files_are_told_wherever_they_are_missed(spawn: Spawn, most: int) -> None:
    # Some are enough to begin with, and not for a module, for the key map, or the file beside it.
    line = with_few_open_files("vault", "create", "photos", most=most)
    done = finished(spawn(argv=line)).failed(1)
    assert "too many open files" in done.err.lower()


@pytest.mark.covers("P13")
def test_a_file_that_may_not_be_so_large_is_told_and_comes_later(local: Run, work: Path) -> None:
    (work / "large").write_bytes(os.urandom(3 * _MIB))
    local("vault", "create", "photos").ok()
    upload = ("upload", "large", "photos", "--part-size", "4MiB")
    with small_files_only(2 * _MIB):
        # Nothing of it got onto the disk of the service, which says so: there is no doubt.
        local(*upload).failed(17, "file too large")
    local(*upload).ok()
    with small_files_only(2 * _MIB):
        local("retrieve", "photos/large", "--to", "back").failed(1, "file too large")
    local("retrieve", "photos/large", "--to", "back").ok()
    assert (work / "back").read_bytes() == (work / "large").read_bytes()


@pytest.mark.covers("P6")
def test_a_disk_that_takes_nothing_is_told_and_the_same_line_ends_later(
    local: Run, disk: Path, work: Path
) -> None:
    (work / "file").write_bytes(b"content")
    local("vault", "create", "photos").ok()
    local("upload", "file", "photos").ok()
    retrieve = ("retrieve", "photos/file", "--to", f"{disk}/")
    backup = ("keymap", "backup", str(disk / "copy"))
    remount(disk, "ro")
    for line in (retrieve, backup):
        local(*line).failed(1, "read-only file system")
    remount(disk, "rw")
    for line in (retrieve, backup):
        local(*line).ok()
    assert (disk / "file").read_bytes() == b"content"


@pytest.mark.covers("P8")
def test_a_key_map_on_a_disk_that_takes_nothing_can_be_read(
    local: Run, disk: Path, work: Path
) -> None:
    (work / "file").write_bytes(b"content")
    there = {"GLACIERCLI_KEY_MAP": str(disk / "map")}
    upload = ("upload", "file", "photos")
    local("vault", "create", "photos", env=there).ok()
    remount(disk, "ro")
    local("list", "photos", env=there).ok()
    local(*upload, env=there).failed(1, "cannot be written")
    remount(disk, "rw")
    local(*upload, env=there).ok()
