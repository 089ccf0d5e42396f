"""A directory that is put back to what it once was, by what differs alone."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells that nobody has touched a file since."""

    mode: int
    inode: int
    links: int
    size: int
    modified_ns: int
    changed_ns: int


class Kept:
    """A copy of a directory, and the marks of what is as in the copy."""

    def __init__(self, directory: Path, copy: Path) -> None:
        self._directory = directory
        self._copy = copy
        self._marks: dict[str, Mark] = {}

    def keep(self) -> None:
        """Remember the directory as it is."""
        copy_tree(self._directory, self._copy)
        self._marks = dict(marks(self._directory))

    def put_back(self) -> None:
        """Make the directory what was kept; what nobody has touched stays the very same file."""
        found = dict(marks(self._directory)) if self._directory.is_dir() else {}
        touched = [name for name, mark in self._marks.items() if found.get(name) != mark]
        if not self._marks or any(self._is_shared(name) for name in touched):
            copy_tree(self._copy, self._directory)
            self._marks = dict(marks(self._directory))
            return
        for name in found.keys() - self._marks.keys():
            _remove(self._directory / name)
        for name in touched:
            self._put_back(name)
        # What is put into a directory, or taken out of it, is a change of the directory.
        for name in reversed(touched):
            self._marks[name] = self._dated(name)

    def is_same_file(self, name: str, mark: Mark) -> bool:
        """Tell whether a file is the very one that was kept, whatever is in it now."""
        was = self._marks.get(name)
        return was is not None and was.inode == mark.inode

    def _is_shared(self, name: str) -> bool:
        """Tell whether it is a file with several names, which are not to come apart."""
        seen = (self._copy / name).lstat()
        return stat.S_ISREG(seen.st_mode) and seen.st_nlink > 1

    def _put_back(self, name: str) -> None:
        wanted, place = self._copy / name, self._directory / name
        if wanted.is_dir() and not wanted.is_symlink():
            if place.is_symlink() or not place.is_dir():
                _remove(place)
                place.mkdir()
        elif wanted.is_symlink() or place.is_symlink() or not place.is_file():
            _remove(place)
            shutil.copy2(wanted, place, follow_symlinks=False)
        else:
            place.chmod(0o600)
            shutil.copyfile(wanted, place)

    def _dated(self, name: str) -> Mark:
        shutil.copystat(self._copy / name, self._directory / name, follow_symlinks=False)
        return mark_of(self._directory / name)


def marks(directory: Path) -> Iterator[tuple[str, Mark]]:
    """Yield everything below a directory, parents first."""
    return _marks(str(directory), "")


def copy_tree(directory: Path, to: Path) -> None:
    """Copy with times, links, and what is one file under several names."""
    shutil.rmtree(to, ignore_errors=True)
    subprocess.run(["cp", "-a", "--", directory, to], check=True)  # noqa: S607


def _marks(directory: str, above: str) -> Iterator[tuple[str, Mark]]:
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            name = above + entry.name
            yield name, _mark(entry.stat(follow_symlinks=False))
            if entry.is_dir(follow_symlinks=False):
                yield from _marks(entry.path, f"{name}/")


def mark_of(path: Path) -> Mark:
    """Return the mark of one file."""
    return _mark(path.lstat())


def _mark(seen: os.stat_result) -> Mark:
    is_directory = stat.S_ISDIR(seen.st_mode)
    return Mark(
        mode=seen.st_mode,
        inode=seen.st_ino,
        links=0 if is_directory else seen.st_nlink,
        size=0 if is_directory else seen.st_size,
        modified_ns=0 if is_directory else seen.st_mtime_ns,
        changed_ns=0 if is_directory else seen.st_ctime_ns,
    )


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
