"""Which tool wrote a text, told by how it starts, and the reader for it."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from glaciercli.core.foreign_stores import bookkeeping, mt_journal, sagu, tables
from glaciercli.core.foreign_stores.records import Place, StoreFormat, StoreRecord
from glaciercli.core.listed import RECORD_MOST_CHARACTERS
from glaciercli.errors import BadUsage

Reader = Callable[[Iterable[str]], Iterator[StoreRecord]]

#: How much of a text has to be seen to tell who wrote it.
HEAD_CHARACTERS = RECORD_MOST_CHARACTERS

_FIRST_KEY = re.compile(r'\{\s*"([^"\\]*)"\s*:')
_JOURNAL = re.compile(r'"journal"\s*:\s*\[')
_SAGU_ROW = re.compile(r'"[A-Za-z0-9_-]{100,}","')

_INTERFACE_KEYS = frozenset(("journal", "date", "metadata", "name"))
_OURS = frozenset(("vault", "archive_id", "tree_hash"))


def recognise(head: str) -> StoreFormat:
    """Return the format of a text; what is of no known store is taken for an inventory.

    ``head`` is the start of the text, at least ``HEAD_CHARACTERS`` of it if it is that long.
    Raises ``BadUsage`` for what another command takes in.
    """
    text = head.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return _of_object(text)
    if text.startswith("["):
        return _of_list(text)
    # A log of SAGU starts with blanks that count.
    line = text.partition("\n")[0].removesuffix("\r")
    if mt_journal.looks_like(line):
        return StoreFormat.MT_AWS_GLACIER
    if re.match(r"(\| |-  |---\s*-  )ArchiveID: ", text) or _SAGU_ROW.match(line):
        return StoreFormat.SAGU
    return _of_headings(line)


def read(store: StoreFormat, head: str, chunks: Iterable[str]) -> Iterator[StoreRecord]:
    """Yield what a text says; raise ``BadUsage`` where the store is no text of its own.

    The records raise ``MalformedStore`` as they are read.
    """
    reader = _readers(head).get(store)
    if reader is None:
        raise BadUsage(
            f"the store of {store.value} is a database, and the file is none",
            hint="leave --format out: the file tells who wrote it",
        )
    return reader(chunks)


def _readers(head: str) -> dict[StoreFormat, Reader]:
    """Return the reader for each store, in the form that a text has."""
    text = head.lstrip("\ufeff \t\r\n")
    return {
        StoreFormat.MT_AWS_GLACIER: mt_journal.read,
        StoreFormat.SAGU: _sagu(text),
        StoreFormat.GLACIER_CMD: _table(StoreFormat.GLACIER_CMD, text, None),
        StoreFormat.GLACIER_INTERFACE: _table(StoreFormat.GLACIER_INTERFACE, text, "journal"),
        StoreFormat.GLACIERCLI: _table(StoreFormat.GLACIERCLI, text, "archives"),
    }


def _of_object(text: str) -> StoreFormat:
    key = _first_key(text)
    if key in _INTERFACE_KEYS and _JOURNAL.search(text):
        return StoreFormat.GLACIER_INTERFACE
    if key == "glaciercli_key_map":
        raise BadUsage(
            "the file is an export of a whole key map",
            hint="glaciercli keymap merge takes it in, with all its vaults",
        )
    if key == "archives":
        return StoreFormat.GLACIERCLI
    try:
        keys = frozenset(json.loads(text.partition("\n")[0]))
    except (ValueError, TypeError, RecursionError):
        return StoreFormat.INVENTORY
    return _of_keys(keys)


def _of_list(text: str) -> StoreFormat:
    if not text[1:].lstrip().startswith("{"):
        return StoreFormat.INVENTORY
    return StoreFormat.GLACIERCLI if '"tree_hash"' in text else StoreFormat.GLACIER_CMD


def _first_key(text: str) -> str:
    """Return the first key of a JSON object."""
    first = _FIRST_KEY.match(text)
    return "" if first is None else first[1]


def _of_headings(line: str) -> StoreFormat:
    try:
        cells = next(csv.reader([line]), [])
    except csv.Error:
        return StoreFormat.INVENTORY
    return StoreFormat.SAGU if cells[:2] == ["ArchiveID", "File"] else _of_keys(frozenset(cells))


def _of_keys(keys: frozenset[str]) -> StoreFormat:
    if keys >= _OURS:
        return StoreFormat.GLACIERCLI
    if "archive_id" in keys:
        return StoreFormat.GLACIER_CMD
    return StoreFormat.INVENTORY


def _sagu(text: str) -> Reader:
    if text.startswith("-"):
        return sagu.read_yaml
    return sagu.read_log if text.startswith("|") else sagu.read_csv


_ROWS = {
    StoreFormat.GLACIER_CMD: bookkeeping.glacier_cmd,
    StoreFormat.GLACIER_INTERFACE: bookkeeping.glacier_interface,
    StoreFormat.GLACIERCLI: bookkeeping.glaciercli,
}


def _table(store: StoreFormat, text: str, key: str | None) -> Reader:
    """Return the reader of a store that comes as JSON, as JSON Lines or as CSV."""
    record = _ROWS[store]
    # An export of ours may be JSON Lines too, and then it starts with another key.
    has_list = key is not None and _first_key(text) in {key, *_INTERFACE_KEYS}

    def rows(chunks: Iterable[str]) -> Iterator[tables.Row]:
        if text.startswith("["):
            return tables.json_rows(chunks, store)
        if text.startswith("{"):
            return (
                tables.json_rows(chunks, store, key)
                if has_list
                else tables.json_lines(chunks, store)
            )
        return tables.csv_rows(chunks, store, _as_they_are)

    return lambda chunks: (record(row, place) for place, row in rows(chunks))


def _as_they_are(cells: Sequence[str]) -> Sequence[str]:
    return cells


def of_row(store: StoreFormat) -> Callable[[bookkeeping.Row, Place], StoreRecord]:
    """Return what reads a row of a store that is a database."""
    return {
        StoreFormat.GLACIER_CLI: bookkeeping.glacier_cli,
        StoreFormat.BAKTHAT: bookkeeping.bakthat,
        StoreFormat.SYNOLOGY: bookkeeping.synology,
    }[store]
