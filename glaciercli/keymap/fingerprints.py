"""Telling quickly which archives of an inventory are known just as it lists them.

64 bits are kept for each confirmed archive, and compared.  Two of a million archives have the same
ones once in ten million times; then one that the inventory lists is taken for another that is
known, and left for the next inventory.  Nothing is ever deleted or called missing for it.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from glaciercli.core.listed import ListedRow
from glaciercli.core.tokens import Kept
from glaciercli.keymap.codes import CONFIRMED
from glaciercli.keymap.database import Database
from glaciercli.keymap.values import integer

#: From which share of all archives on those of one vault are read in the order of the table.
_LARGE_SHARE = 4

#: What is taken of a row that ``Fingerprints`` reads.
_KEY, _IS_CONFIRMED, _CONTENT = itemgetter(0), itemgetter(1), itemgetter(2, 3, 4, 5)


class Fingerprints:
    """The archives of a vault, and which of them an inventory listed as they are."""

    def __init__(self, database: Database, vault_key: int) -> None:
        self._database = database
        self._vault_key = vault_key
        #: The place of each fingerprint in ``_keys``.
        self._places: dict[int, int] = {}
        self._keys = array("q")
        self._others = array("q")
        self._version = self._data_version()
        self._read()
        self._seen = bytearray(len(self._keys))

    def differing(
        self, ids: Sequence[Kept], rows: Sequence[ListedRow]
    ) -> tuple[Sequence[Kept], Sequence[ListedRow]]:
        """Return the listed archives that are not known just so; the others count as seen.

        ``ids`` are their IDs as the key map keeps them.
        """
        places, seen = self._places, self._seen
        if not places or not rows:
            return ids, rows
        _, _, moments, sizes, hashes = zip(*rows, strict=True)
        contents = map(hash, zip(ids, moments, sizes, hashes, strict=True))
        others = []
        for number, place in enumerate(map(places.get, contents)):
            if place is None:
                others.append(number)
            else:
                seen[place] = 1
        return [ids[number] for number in others], [rows[number] for number in others]

    @property
    def seen_count(self) -> int:
        """How many known archives were listed as they are."""
        return self._seen.count(1)

    def unseen(self) -> Iterator[int]:
        """Yield the keys of the other archives of the vault, in a transaction.

        What other runs changed since counts: an archive that was seen stays seen, since it was
        listed, and one that is new was not.
        """
        if self._data_version() == self._version:
            seen = self._seen
            yield from (key for place, key in enumerate(self._keys) if not seen[place])
            yield from self._others
            return
        listed = {key for place, key in enumerate(self._keys) if self._seen[place]}
        rows = self._database.query(
            "SELECT archive_key FROM archives WHERE vault_key = ?", (self._vault_key,)
        )
        yield from (key for (key,) in rows if isinstance(key, int) and key not in listed)

    def _read(self) -> None:
        for rows in self._rows():
            self._take(rows)
        if len(self._places) < len(self._keys):
            # Two have the same fingerprint, and only one of them can have the place.
            self._places, self._keys, self._others = {}, array("q"), array("q")
            for row in chain.from_iterable(self._rows()):
                self._take_singly(row)

    def _rows(self) -> Iterator[list[tuple[Any, ...]]]:
        return self._database.query_many(
            f"SELECT archive_key, state = {CONFIRMED} AND listed_at IS NOT NULL,"
            " archive_id, uploaded_at, size_bytes, tree_hash"
            f" FROM archives {self._order()} WHERE vault_key = ?",
            (self._vault_key,),
        )

    def _take(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Take in rows, many at a time where all are confirmed."""
        if not all(map(_IS_CONFIRMED, rows)):
            for row in rows:
                self._take_singly(row)
            return
        first = len(self._keys)
        self._keys.extend(map(_KEY, rows))
        places = range(first, len(self._keys))
        self._places.update(zip(map(hash, map(_CONTENT, rows)), places, strict=True))

    def _take_singly(self, row: tuple[Any, ...]) -> None:
        place = len(self._keys)
        if row[1] and self._places.setdefault(hash(_CONTENT(row)), place) == place:
            self._keys.append(row[0])
        else:
            self._others.append(row[0])

    def _order(self) -> str:
        """Return how to find the rows: by the index only where they are few."""
        row = self._database.one(
            "SELECT (SELECT count(*) FROM archives WHERE vault_key = ?), count(*) FROM archives",
            (self._vault_key,),
        )
        assert row is not None
        return "NOT INDEXED" if integer(row[0]) * _LARGE_SHARE > integer(row[1]) else ""

    def _data_version(self) -> object:
        """Return what changes when another run changes the key map."""
        return self._database.one("PRAGMA data_version")
