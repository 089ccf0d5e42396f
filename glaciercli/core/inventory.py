"""Vault inventories of either form, read as streams in constant memory."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from glaciercli.core.inventory_csv import CsvInventory
from glaciercli.core.inventory_json import JsonInventory
from glaciercli.core.listed import (
    InventoryHead,
    ListedArchive,
    ListedRow,
    MalformedInventory,
    as_row,
)

__all__ = [
    "CsvInventory",
    "InventoryHead",
    "JsonInventory",
    "ListedArchive",
    "MalformedInventory",
    "in_rows",
    "open_inventory",
]

#: How many archives are given out at once.
_ROWS = 1000


def open_inventory(chunks: Iterable[str]) -> JsonInventory | CsvInventory:
    """Return a reader for an inventory, whose form its first character tells.

    The chunks are pieces of the text, of any size.  Empty text raises `MalformedInventory`.
    """
    rest = iter(chunks)
    blanks = 0
    for chunk in rest:
        start = chunk.lstrip("\ufeff \t\r\n")
        if start:
            whole = chain([chunk], rest)
            return JsonInventory(whole) if start.startswith("{") else CsvInventory(whole)
        blanks += len(chunk)
    raise MalformedInventory("it is empty", offset=blanks)


def in_rows(listed: Iterable[ListedArchive]) -> Iterator[list[ListedRow]]:
    """Yield the archives of an inventory as rows, many at a time."""
    if isinstance(listed, JsonInventory):
        yield from listed.rows()
        return
    archives = iter(listed)
    while some := list(islice(archives, _ROWS)):
        yield list(map(as_row, some))
