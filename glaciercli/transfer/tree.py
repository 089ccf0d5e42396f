"""Walking a directory tree in the order of names."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from glaciercli.core.sync_plan import LocalFile
from glaciercli.transfer.files import modified_ns, translate


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
    # What is still to be visited, the next at the end; a tree may be deeper than calls can nest.
    ahead: list[Unreadable | tuple[str, os.DirEntry[str]]] = list(_inside(root, ""))
    while ahead:
        place = ahead.pop()
        if isinstance(place, Unreadable):
            yield place
            continue
        name, entry = place
        if entry.is_dir(follow_symlinks=False):
            ahead.extend(_inside(entry.path, f"{name}/"))
        else:
            yield _look_at(entry, name)


def _inside(directory: str, prefix: str) -> Iterator[Unreadable | tuple[str, os.DirEntry[str]]]:
    """Yield what a directory holds with its names, the last one first."""
    try:
        with os.scandir(directory) as entries:
            # A directory sorts as its path with the slash does, so that the whole is in order.
            found = sorted(((_order(entry), entry) for entry in entries), reverse=True)
    except OSError as error:
        yield Unreadable(path=directory, reason=str(translate(error, directory)))
        return
    for _, entry in found:
        yield f"{prefix}{entry.name}", entry


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
        name=name, path=entry.path, size_bytes=seen.st_size, modified_ns=modified_ns(seen)
    )
