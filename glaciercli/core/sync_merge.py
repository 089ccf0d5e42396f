"""Two sorted streams compared: what a directory holds, and what the key map holds.

Most names of a tree are unchanged, so they are compared many at a time, as rows that are plain
tuples; only where a batch differs is each name looked at.  Names are bytes, sorted as bytes: the
order in which a tree is walked and in which the key map's index stands.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain
from operator import itemgetter
from typing import Any, TypeAlias

#: A file of the directory: its archive's name, its size in bytes, when it was modified in
#: nanoseconds since 1970, and its mode as the system tells it, or a negative number where there is
#: more to say of it than that.
LocalRow: TypeAlias = tuple[bytes, int, int, int]

#: An archive of the key map: the same four, its key, and when it was uploaded.  The mode is
#: ``NOT_PLAIN`` where its state says more than the row.
StoredRow: TypeAlias = tuple[bytes, int, int | None, int, int, int]

#: A mode that no file has.
NOT_PLAIN = -1

#: A name of either stream: its file, if there is one, and its versions, the newest last.
Pair: TypeAlias = tuple[LocalRow | None, Sequence[StoredRow]]

_View: TypeAlias = Callable[[Sequence[Any]], Any]


class Alike(Enum):
    """Which columns have to be equal for a file to count as unchanged without a closer look."""

    SIZE_AND_TIME = "size and time"
    SIZE = "size"
    #: Nothing tells but the content.
    NEVER = "never"


_VIEWS: dict[Alike, _View] = {
    Alike.SIZE_AND_TIME: itemgetter(0, 1, 2, 3),
    Alike.SIZE: itemgetter(0, 1, 3),
}


class Merge:
    """The names of both streams, in order."""

    def __init__(
        self,
        local: Iterable[list[LocalRow]],
        stored: Iterable[list[StoredRow]],
        *,
        alike: Alike,
    ) -> None:
        self._local = local
        self._pages = iter(stored)
        self._view = _VIEWS.get(alike)
        self._ahead: list[StoredRow] = []
        self._at = 0
        #: How many files were found unchanged so far, and how many there were.
        self.unchanged = 0
        self.files = 0

    def pairs(self) -> Iterator[Pair]:
        """Yield each name that is not plainly unchanged."""
        for batch in self._local:
            self.files += len(batch)
            if self._is_next(batch):
                self._at += len(batch)
                self.unchanged += len(batch)
            else:
                yield from self._one_by_one(batch)
        while self._reach(1):
            yield None, self._versions()

    def _is_next(self, batch: list[LocalRow]) -> bool:
        """Tell whether the key map goes on with just these files, each in one version."""
        if self._view is None or not batch:
            return False
        count, view = len(batch), self._view
        if self._reach(count + 1) and self._ahead[self._at + count][0] == batch[-1][0]:
            return False
        rows = self._ahead[self._at : self._at + count]
        return list(map(view, rows)) == list(map(view, batch))

    def _one_by_one(self, batch: list[LocalRow]) -> Iterator[Pair]:
        for row in batch:
            name = row[0]
            while self._reach(1) and self._ahead[self._at][0] < name:
                yield None, self._versions()
            found = self._reach(1) and self._ahead[self._at][0] == name
            versions = self._versions() if found else []
            if len(versions) == 1 and self._is_same(row, versions[0]):
                self.unchanged += 1
            else:
                yield row, versions

    def _is_same(self, row: LocalRow, version: StoredRow) -> bool:
        view = self._view
        return view is not None and bool(view(row) == view(version))

    def _versions(self) -> list[StoredRow]:
        """Take the next name's versions."""
        taken = [self._ahead[self._at]]
        self._at += 1
        while self._reach(1) and self._ahead[self._at][0] == taken[0][0]:
            taken.append(self._ahead[self._at])
            self._at += 1
        return taken

    def _reach(self, count: int) -> bool:
        """Tell whether as many rows are still to come, and have them at hand."""
        while len(self._ahead) - self._at < count:
            page = next(self._pages, None)
            if page is None:
                return False
            self._ahead = list(chain(self._ahead[self._at :], page))
            self._at = 0
        return True
