"""Journals of mt-aws-glacier: one record a line, only ever added to.

Three versions with a letter (A, B, C), fields separated by tabs, and one without, separated by
blanks.  A journal says nothing of its vault.
"""

import re
from collections.abc import Iterable, Iterator

from glaciercli.core.foreign_stores import lines
from glaciercli.core.foreign_stores.records import (
    Event,
    Place,
    StoreFormat,
    StoreRecord,
    read_hash,
    read_id,
    read_moment,
    read_size,
    told,
)

_STORE = StoreFormat.MT_AWS_GLACIER
_NS_PER_SECOND = 10**9

_CREATED = re.compile(
    r"[ABC]\t([0-9]{1,20})\tCREATED\t(\S+)\t([0-9]{1,20})\t([+-]?[0-9]{1,20}|NONE)\t(\S+)\t(.+)"
)
_DELETED = re.compile(r"[ABC]\t([0-9]{1,20})\tDELETED\t(\S+)\t(.+)")
_RETRIEVE = re.compile(r"[ABC]\t([0-9]{1,20})\tRETRIEVE_JOB\t(\S+)(?:\t.*)?")

_OLD_CREATED = re.compile(
    r"([0-9]{1,20})[ \t]+CREATED[ \t]+(\S+)[ \t]+([0-9]{1,20})()[ \t]+(\S+)[ \t](.+)"
)
_OLD_DELETED = re.compile(r"([0-9]{1,20})[ \t]+DELETED[ \t]+(\S+)[ \t](.+)")
_OLD_RETRIEVE = re.compile(r"([0-9]{1,20})[ \t]+RETRIEVE_JOB[ \t]+(\S+)[ \t]*")

_LATER = re.compile(r"[D-Z]\t")

_FORMS = (
    (Event.STORED, (_CREATED, _OLD_CREATED)),
    (Event.DELETED, (_DELETED, _OLD_DELETED)),
    (Event.ASKED_FOR, (_RETRIEVE, _OLD_RETRIEVE)),
)


def looks_like(line: str) -> bool:
    """Tell whether a line is one of a journal, of a later version too."""
    return _match(line) is not None or re.match(r"[A-Z]\t[0-9]+\t[A-Z_]+\t", line) is not None


def read(chunks: Iterable[str]) -> Iterator[StoreRecord]:
    """Yield the records of a journal in their order; raise ``MalformedStore``."""
    return (_record(place, line) for place, line in lines.numbered(chunks, _STORE))


def _record(place: Place, line: str) -> StoreRecord:
    found = _match(line)
    if found is None:
        if _LATER.match(line):
            place.fail(f"version {line[0]} of the journal is newer than this program knows")
        place.fail("the line is none of a journal")
    event, fields = found
    if event is Event.STORED:
        return _stored(place, fields)
    archive_id = read_id(fields[1], place)
    return StoreRecord(event=event, archive_id=archive_id, at=read_moment(fields[0], place))


def _match(line: str) -> tuple[Event, tuple[str, ...]] | None:
    for event, forms in _FORMS:
        for form in forms:
            match = form.fullmatch(line)
            if match is not None:
                return event, match.groups()
    return None


def _stored(place: Place, fields: tuple[str, ...]) -> StoreRecord:
    at, archive_id, size, modified, tree_hash, name = fields
    # The name of an archive that was met in an inventory is its ID.
    unnamed = name == archive_id
    return StoreRecord(
        naming=told(None if unnamed else name, _STORE),
        event=Event.STORED,
        archive_id=read_id(archive_id, place),
        at=read_moment(at, place),
        size_bytes=read_size(size, place),
        tree_hash=read_hash(tree_hash, place),
        modified_ns=None if unnamed or modified in {"", "NONE"} else int(modified) * _NS_PER_SECOND,
    )
