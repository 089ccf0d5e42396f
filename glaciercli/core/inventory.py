"""Vault inventories of either form, read as streams in constant memory."""

from collections.abc import Iterable
from itertools import chain

from glaciercli.core.inventory_csv import CsvInventory
from glaciercli.core.inventory_json import JsonInventory
from glaciercli.core.listed import InventoryHead, ListedArchive, MalformedInventory

__all__ = [
    "CsvInventory",
    "InventoryHead",
    "JsonInventory",
    "ListedArchive",
    "MalformedInventory",
    "open_inventory",
]


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
