"""Walking a directory tree in the order of names."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from glaciercli.core.sync_plan import LocalFile
from glaciercli.transfer.files import translate


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A place in the tree that could not be read."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A place in the tree that holds no regular file."""

    path: str
    reason: str


def walk(root: str) -> Iterator[LocalFile | Unreadable | Skipped]:
    """Yield every regular file below a directory, sorted by the bytes of its relative path."""
    yield from _walk(root, "")


def _walk(root: str, below: str) -> Iterator[LocalFile | Unreadable | Skipped]:
    directory = os.path.join(root, below) if below else root
    try:
        with os.scandir(directory) as entries:
            # A directory sorts as its path with the slash does, so that the whole is in order.
            found = sorted((_order(entry), entry) for entry in entries)
    except OSError as error:
        yield Unreadable(path=directory, reason=str(translate(error, directory)))
        return
    for _, entry in found:
        name = f"{below}/{entry.name}" if below else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, name)
        else:
            yield _look_at(entry, name)


def _order(entry: os.DirEntry[str]) -> bytes:
    encoded = os.fsencode(entry.name)
    return encoded + b"/" if entry.is_dir(follow_symlinks=False) else encoded


def _look_at(entry: os.DirEntry[str], name: str) -> LocalFile | Unreadable | Skipped:
    try:
        seen = entry.stat(follow_symlinks=False)
    except OSError as error:
        return Unreadable(path=entry.path, reason=str(translate(error, entry.path)))
    if stat.S_ISLNK(seen.st_mode):
        return Skipped(path=entry.path, reason="a symbolic link")
    if not stat.S_ISREG(seen.st_mode):
        return Skipped(path=entry.path, reason="no regular file")
    return LocalFile(
        name=name, path=entry.path, size_bytes=seen.st_size, modified_ns=seen.st_mtime_ns
    )
