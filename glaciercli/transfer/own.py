"""What a run works on itself: left out where directories are walked, and never opened as a file.

Closing any descriptor of a file frees all POSIX locks that the process has on it, those of SQLite
too: whoever reads the own key map as a file lets other runs write to it at the same time.  Files
are known by device and inode, since links, mounts and other spellings lead to them as well.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from glaciercli import errors

_Identity: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPart:
    """Files that belong together, and are told of once."""

    #: What stands for all of them.
    path: str
    #: What they are.
    name: str
    #: What is to be done with them instead.
    hint: str
    #: What is held open and locked, there or not: nothing of it is opened as a file.
    files: tuple[str, ...] = ()
    #: Directories of which all is held open and locked.
    directories: tuple[str, ...] = ()
    #: What is no use to anybody else, and is left out of its directory.
    beside: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why the files are left out."""
        return f"{self.name}: {self.hint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Where the own files are at a moment."""

    #: By the directory that they are in, those that may still be made too.
    names: dict[_Identity, dict[bytes, OwnPart]] = field(default_factory=dict)
    files: dict[_Identity, OwnPart] = field(default_factory=dict)
    directories: dict[_Identity, OwnPart] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFiles:
    """All that a run works on itself."""

    parts: tuple[OwnPart, ...] = ()

    def look(self) -> Sight:
        """Return where the files are now."""
        sight = Sight()
        for part in self.parts:
            for path in (*part.files, *part.directories, *part.beside):
                place = identity(os.path.dirname(path) or ".")
                if place is not None:
                    sight.names.setdefault(place, {})[os.fsencode(os.path.basename(path))] = part
            sight.files.update(dict.fromkeys(_identities(part.files), part))
            sight.directories.update(dict.fromkeys(_identities(part.directories), part))
        return sight

    def part_at(self, path: str) -> OwnPart | None:
        """Return what a path leads to or into, if that is held open and locked."""
        if not self.parts:
            return None
        sight, real = self.look(), os.path.realpath(path)
        found = sight.files.get(identity(real) or _NOWHERE)
        around = (sight.directories.get(identity(one) or _NOWHERE) for one in _upwards(real))
        return found or next((one for one in around if one is not None), None)

    def refuse(self, path: str) -> None:
        """Raise ``FileProblem`` where a path leads to what is held open and locked."""
        part = self.part_at(path)
        if part is not None:
            raise errors.FileProblem(f'"{path}" belongs to {part.name}', hint=part.hint)

    def refuse_target(self, path: str | None) -> None:
        """Raise ``FileProblem`` where what is written there would stand in the place of our own.

        What is not there yet counts as well: SQLite reads any journal beside a key map.
        """
        if path is None or not self.parts:
            return
        real = os.path.realpath(path)
        beside = self.look().names.get(identity(os.path.dirname(real)) or _NOWHERE, {})
        part = self.part_at(path) or beside.get(os.fsencode(os.path.basename(real)))
        if part is not None:
            raise errors.FileProblem(
                f'"{path}" belongs to {part.name}', hint="write to another place"
            )


#: No file has this.
_NOWHERE = (-1, -1)

#: A run that works on nothing but what it is given.
NOTHING = OwnFiles()


def identity(path: str | bytes) -> _Identity | None:
    """Return what tells a file from every other one, if it is there."""
    with suppress(OSError):
        seen = os.stat(path)
        return seen.st_dev, seen.st_ino
    return None


def _identities(paths: tuple[str, ...]) -> Iterator[_Identity]:
    return (found for one in paths if (found := identity(one)) is not None)


def _upwards(path: str) -> Iterator[str]:
    """Yield a path and the directories that it is in."""
    yield path
    while (above := os.path.dirname(path)) != path:
        yield above
        path = above
