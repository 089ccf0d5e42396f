"""Logs of SAGU, the Simple Amazon Glacier Uploader: CSV, YAML, and text.

Its descriptions have lost the path, so only these logs know the names.  The CSV has no heading;
logs of old versions have no tree hash.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from glaciercli.core.foreign_stores import lines
from glaciercli.core.foreign_stores.records import (
    Event,
    Place,
    StoreFormat,
    StoreRecord,
    read_date,
    read_hash,
    read_id,
    read_size,
    read_text,
    read_text_or_none,
    told,
)
from glaciercli.core.foreign_stores.tables import Row, csv_rows

_STORE = StoreFormat.SAGU

_COLUMNS = ("ArchiveID", "File", "Bytes", "Vault", "Location", "Date", "Hash")

_YAML = re.compile(r'(- |  ) *([A-Za-z]+): *"(.*)" *')
_LOG_ID = re.compile(r" *\| ArchiveID: (\S+) *")
#: What stands before each field of a log.
_BAR = " | "

_DATE_WORDS = 6

#: A path of SAGU's descriptions keeps these characters only, and no separator.
_LOST = re.compile(r"[^A-Za-z0-9_.-]")


def squeezed(path: str) -> str:
    """Return what SAGU's description makes of a path."""
    return _LOST.sub("", path)


def read_csv(chunks: Iterable[str]) -> Iterator[StoreRecord]:
    """Yield the records of `Glacier.csv`."""
    return (_record(place, row) for place, row in csv_rows(chunks, _STORE, _headings))


def read_yaml(chunks: Iterable[str]) -> Iterator[StoreRecord]:
    """Yield the records of `Glacier.yaml`."""
    return (_record(place, row) for place, row in _yaml_rows(chunks))


def read_log(chunks: Iterable[str]) -> Iterator[StoreRecord]:
    """Yield the records of `Glacier.log` or `Glacier.txt`."""
    return (_record(place, row) for place, row in _log_rows(chunks))


def _headings(cells: Sequence[str]) -> Sequence[str]:
    return _COLUMNS[: len(cells)] if len(cells) in {len(_COLUMNS), len(_COLUMNS) - 1} else _COLUMNS


def _yaml_rows(chunks: Iterable[str]) -> Iterator[Row]:
    row: dict[str, object] = {}
    begun: Place | None = None
    for place, line in lines.numbered(chunks, _STORE):
        if line.strip() == "---":
            continue
        found = _YAML.fullmatch(line)
        if found is None:
            place.fail("the line is none of such a log")
        start, key, value = found.groups()
        if start == "- ":
            if begun is not None:
                yield begun, row
            row, begun = {}, place
        if begun is None or key in row:
            place.fail(f'"{key}" stands where it should not')
        # Only quotes are escaped, the backslashes of a path are not.
        row[key] = value.replace('\\"', '"')
    if begun is not None:
        yield begun, row


def _log_rows(chunks: Iterable[str]) -> Iterator[Row]:
    archive_id: str | None = None
    for place, line in lines.numbered(chunks, _STORE):
        first, rest = _LOG_ID.fullmatch(line), _log_fields(line)
        if first is not None and archive_id is None:
            archive_id = first[1]
        elif rest is not None and archive_id is not None:
            yield place, {"ArchiveID": archive_id, **rest}
            archive_id = None
        else:
            place.fail("the line is none of such a log")
    if archive_id is not None:
        place.fail("the log ends behind an archive ID")


def _log_fields(line: str) -> dict[str, str] | None:
    """Return the fields of a log's second line; cut from its end, since a path may hold anything.

    No regular expression: one that finds the fields anywhere takes hours for a hostile line.
    """
    has_hash = line.rpartition(_BAR)[2].startswith("Hash: ")
    names = _COLUMNS[1:] if has_hash else _COLUMNS[1:-1]
    pieces = line.rstrip(" ").rsplit(_BAR, len(names) - 1)
    fields = [piece.lstrip(" |").partition(": ") for piece in pieces]
    if [name for name, _, _ in fields] != list(names):
        return None
    # Each field is written with a blank behind it.
    return {name: value.removesuffix(" ") for name, _, value in fields}


def _record(place: Place, row: Mapping[str, object]) -> StoreRecord:
    return StoreRecord(
        naming=told(read_text_or_none(row.get("File"), "a path", place), _STORE),
        event=Event.STORED,
        archive_id=read_id(row.get("ArchiveID"), place),
        vault=read_text(row.get("Vault"), "a vault", place),
        at=_date(row.get("Date")),
        size_bytes=read_size(row.get("Bytes"), place),
        tree_hash=read_hash(row.get("Hash"), place),
    )


def _date(value: object) -> datetime | None:
    """Return the moment of a date as Java prints it, `Mon Jan 12 15:21:29 CET 2015`."""
    words = value.split() if isinstance(value, str) else []
    if len(words) == _DATE_WORDS:
        # Zones have no numbers there: within a day is what can be had.
        del words[4]
    return read_date(" ".join(words), "%a %b %d %H:%M:%S %Y")
