"""A disk that loses power: a file system in a file, and copies of that file as they come.

The file is mounted through a loop device, so it holds what the kernel has sent to the disk, and not
what waits in memory.  It lies on XFS, where a file is cloned at one moment even while it is
written: no cut is seen that could not have been.
"""

import ctypes
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The kinds of file systems that are cut, each with the words that make one in silence.
MAKERS = {
    "ext4": ("mkfs.ext4", "-q"),
    "xfs": ("mkfs.xfs", "-q"),
    "btrfs": ("mkfs.btrfs", "-q"),
}

_HOST_MAKER = ("mkfs.xfs", "-q", "-m", "reflink=1")

#: XFS makes nothing smaller than 300 MiB; the files are sparse.
_DISK_BYTES = 320 * 1024 * 1024
_HOST_BYTES = 4 * 1024 * 1024 * 1024

#: From linux/fs.h and linux/sched.h.
_FICLONE = 0x40049409
_CLONE_NEWNS = 0x00020000


def what_is_missing(kind: str = "xfs") -> str | None:
    """Return why no disk of a kind can be cut here, ``None`` where one can."""
    if os.geteuid():
        return "only root may mount"
    if not Path("/dev/loop-control").exists():
        return "there are no loop devices"
    for tool in (MAKERS[kind][0], _HOST_MAKER[0], "mount", "umount"):
        if shutil.which(tool) is None:
            return f"there is no {tool}"
    return None


def mount_for_us_alone() -> None:
    """Let no other process see what this one mounts; what is left goes with it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "the mounts of others cannot be left")
    _run("mount", "--make-rprivate", "/")


@contextmanager
def disk(kind: str, place: Path) -> Iterator["Disk"]:
    """Lend a disk that is mounted at ``place/disk``."""
    backing, host = place / "host.img", place / "host"
    _make_sparse(backing, _HOST_BYTES)
    _run(*_HOST_MAKER, str(backing))
    host.mkdir()
    with _mounted(backing, host):
        lent = Disk(kind, host, place / "disk")
        try:
            yield lent
        finally:
            lent.unmount()
    backing.unlink()


class Disk:
    """A file system that can be put back to what it was, and lose its power."""

    def __init__(self, kind: str, host: Path, place: Path) -> None:
        self.kind = kind
        self.place = place
        self._empty = host / "empty.img"
        self._kept = host / "kept.img"
        self._live = host / "live.img"
        self._cut = host / "cut.img"
        _make_sparse(self._empty, _DISK_BYTES)
        _run(*MAKERS[kind], str(self._empty))
        place.mkdir()

    def begin(self) -> None:
        """Make it empty."""
        self._change_to(self._empty)

    def keep(self) -> None:
        """Remember it as it is, with all that waits in memory."""
        self.unmount()
        _clone(self._live, self._kept)
        self._mount()

    def put_back(self) -> None:
        """Make it what was kept."""
        self._change_to(self._kept)

    def copy_as_it_is(self) -> None:
        """Keep what a cut at this moment would leave, whoever writes meanwhile."""
        _clone(self._live, self._cut)

    def become_the_copy(self) -> None:
        """Come back after the cut; the file system goes through its journal."""
        self._change_to(self._cut)

    def lose_power(self) -> None:
        """Lose what was not sent to the disk yet, and come back."""
        self.copy_as_it_is()
        self.become_the_copy()

    def unmount(self) -> None:
        """Let go of the file, which brings everything to it."""
        if self.place.is_mount():
            _run("umount", "--recursive", str(self.place))

    def _change_to(self, image: Path) -> None:
        self.unmount()
        _clone(image, self._live)
        self._mount()

    def _mount(self) -> None:
        _run("mount", "-o", "loop", str(self._live), str(self.place))


def bind(source: Path, place: Path) -> None:
    """Let a directory of another disk be seen in a place on this one."""
    _run("mount", "--bind", str(source), str(place))


@contextmanager
def _mounted(image: Path, place: Path) -> Iterator[None]:
    _run("mount", "-o", "loop", str(image), str(place))
    try:
        yield
    finally:
        _run("umount", str(place))


def _make_sparse(path: Path, size_bytes: int) -> None:
    with path.open("xb") as made:
        made.truncate(size_bytes)


def _clone(source: Path, target: Path) -> None:
    with source.open("rb") as given, target.open("wb") as made:
        fcntl.ioctl(made, _FICLONE, given.fileno())


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")
