"""What a walk leaves out by itself: the program's own files, and its temporary ones."""

import os
from dataclasses import dataclass

from glaciercli.core.temporaries import is_temporary
from glaciercli.transfer.own import OwnFiles, OwnPart

_TEMPORARY = "a temporary file of glaciercli"

_DOT = ord(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A place in the tree that is not taken for a file of the user's."""

    path: str
    reason: str


class LeftOut:
    """What one walk leaves out, as far as it has come."""

    def __init__(self, root: bytes, own: OwnFiles) -> None:
        self._root = root
        self._own = own
        self._sight = own.look()
        #: The numbers of files of which ``is_own`` may be true: others need not be asked about.
        self.inodes = frozenset(inode for _, inode in self._sight.files)
        #: What is to be told.
        self.skipped: list[Skipped] = []
        #: The names below which nothing is taken, without slashes behind them.
        self._names: set[bytes] = set()

    def covers(self, name: bytes) -> bool:
        """Tell whether a relative name is not looked at.

        That is what the program itself works on, whether it is there or not, and temporary files
        that are there.
        """
        if not self._names:
            return False
        steps = name.rstrip(b"/").split(b"/")
        ways = (b"/".join(steps[:count]) for count in range(len(steps) + 1))
        return any(one in self._names for one in ways)

    def without_temporaries(self, name: bytes, ahead: list[bytes]) -> list[bytes]:
        """Return what a directory holds besides files that only a retrieval can make sense of."""
        # Most begin with none, and a call for each would take longer than to look at it.
        found = [one for one in ahead if one[0] == _DOT and is_temporary(one)]
        for one in found:
            self._names.add(name + one)
            path = os.fsdecode(self._root + name + one)
            self.skipped.append(Skipped(path=path, reason=_TEMPORARY))
        return [one for one in ahead if one not in found] if found else ahead

    def without_own(self, name: bytes, here: tuple[int, int], ahead: list[bytes]) -> list[bytes]:
        """Return what a directory holds besides what the program itself works on."""
        if not self._own.parts:
            return ahead
        part = self._sight.directories.get(here)
        if not name:
            part = part or self._own.part_at(os.fsdecode(self._root))
        if part is not None:
            self._leave_out(part, name)
            return []
        names = self._sight.names.get(here)
        if names is None:
            return ahead
        self._names.update(name + one for one in names)
        for one in ahead:
            if (part := names.get(one.rstrip(b"/"))) is not None:
                self._leave_out(part, name + one)
        return [one for one in ahead if one.rstrip(b"/") not in names]

    def is_own(self, seen: os.stat_result, name: bytes) -> bool:
        """Tell whether a file is one that the program itself works on, and leave it out if so."""
        part = self._sight.files.get((seen.st_dev, seen.st_ino))
        if part is not None:
            self._leave_out(part, name)
        return part is not None

    def _leave_out(self, part: OwnPart, name: bytes) -> None:
        """Leave a name out, and say so, once for all that belongs together."""
        self._names.add(name.rstrip(b"/"))
        skipped = Skipped(path=part.path, reason=part.reason)
        if skipped not in self.skipped:
            self.skipped.append(skipped)
