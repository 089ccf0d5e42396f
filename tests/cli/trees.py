"""Trees of files for tests: what they hold, and changes of them."""

import os
import random
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What stands under a name."""

    kind: str
    #: The content of a file, where a link leads, nothing of a directory.
    content: bytes
    mode: int
    modified_ns: int


def look(root: Path) -> tuple[dict[bytes, Entry], set[frozenset[bytes]]]:
    """Return what a tree holds by name, and which names are of one file.

    Of directories only empty ones: what the others are is not kept.
    """
    found: dict[bytes, Entry] = {}
    inodes: dict[int, set[bytes]] = {}
    top = os.fsencode(root)
    for directory, below, files in os.walk(top):
        start = os.path.relpath(directory, top) + b"/"
        for name in [*files, *below]:
            path = os.path.join(directory, name)
            entry = _entry(path)
            if entry is not None:
                relative = os.path.normpath(start + name)
                found[relative] = entry
                if entry.kind == "file" and entry.content:
                    inodes.setdefault(os.lstat(path).st_ino, set()).add(relative)
    return found, {frozenset(names) for names in inodes.values() if len(names) > 1}


def end_retrievals(key_map: Path) -> None:
    """Let the service know no job any more: what is being retrieved no sync deletes."""
    with closing(sqlite3.connect(key_map)) as opened, opened:
        opened.execute("UPDATE jobs SET gone_at = coalesce(gone_at, created_at)")


def _entry(path: bytes) -> Entry | None:
    seen = os.lstat(path)
    mode, modified_ns = stat.S_IMODE(seen.st_mode) & 0o777, seen.st_mtime_ns
    if stat.S_ISLNK(seen.st_mode):
        return Entry(kind="link", content=os.readlink(path), mode=mode, modified_ns=modified_ns)
    if stat.S_ISDIR(seen.st_mode):
        if os.listdir(path):
            return None
        return Entry(kind="directory", content=b"", mode=mode, modified_ns=modified_ns)
    with open(path, "rb") as file:
        content = file.read()
    return Entry(kind="file", content=content, mode=mode, modified_ns=modified_ns)


#: Few names, so that changes meet one another: plain, in folders, accented, of no encoding.
_NAMES = [b"a", b"b", b"d/a", b"d/b", b"d/e/a", b"a.b", b"\xc3\xa9", b"d/\xff\xfe", b"-x", b"e"]
_CONTENTS = [b"", b"1", b"2", b"same length", b"more length", b"a", b"long" * 999]
_MODES = [0o644, 0o600, 0o755, 0o444, 0o664]


class Editor:
    """Changes a tree at random; a seed always makes the same changes, times apart."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self._root = os.fsencode(root)
        self._chance = chance
        os.makedirs(self._root, exist_ok=True)

    def edit(self) -> None:
        """Make one change."""
        changes: list[Callable[[bytes], None]] = [
            self._write, self._write, self._write, self._remove, self._rename, self._link,
            self._further_name, self._directory, self._chmod, self._touch,
        ]  # fmt: skip
        self._chance.choice(changes)(self._place())

    def _place(self) -> bytes:
        return os.path.join(self._root, self._chance.choice(_NAMES))

    def _clear(self, path: bytes) -> None:
        """Make room for something at a path, whatever is there or on the way."""
        self._remove(path)
        way = os.path.dirname(path)
        while len(way) > len(self._root):
            if os.path.lexists(way) and (os.path.islink(way) or not os.path.isdir(way)):
                os.unlink(way)
            way = os.path.dirname(way)
        os.makedirs(os.path.dirname(path), exist_ok=True)

    def _remove(self, path: bytes) -> None:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)

    def _write(self, path: bytes) -> None:
        if not os.path.isfile(path) or os.path.islink(path) or self._chance.random() < 0.5:
            self._clear(path)
        # Else in place, which changes its further names too.
        with open(path, "wb") as file:
            file.write(self._chance.choice(_CONTENTS))

    def _rename(self, path: bytes) -> None:
        other = self._place()
        inside = other.startswith(path + b"/") or path.startswith(other + b"/")
        if os.path.lexists(path) and other != path and not inside:
            self._clear(other)
            if os.path.lexists(path):
                os.rename(path, other)

    def _link(self, path: bytes) -> None:
        self._clear(path)
        os.symlink(self._chance.choice([b"a", b"../x", b"/nowhere", b"\xff", b"1"]), path)

    def _further_name(self, path: bytes) -> None:
        other = self._place()
        if os.path.isfile(path) and not os.path.islink(path) and other != path:
            self._clear(other)
            if os.path.lexists(path):
                os.link(path, other)

    def _directory(self, path: bytes) -> None:
        self._clear(path)
        os.mkdir(path)

    def _chmod(self, path: bytes) -> None:
        if os.path.lexists(path) and not os.path.islink(path):
            extra = 0o111 if os.path.isdir(path) else 0
            os.chmod(path, self._chance.choice(_MODES) | 0o200 | extra)

    def _touch(self, path: bytes) -> None:
        if os.path.lexists(path):
            moment = self._chance.randrange(-(10**18), 2 * 10**18)
            os.utime(path, ns=(moment, moment), follow_symlinks=False)
