"""Stores whose rows need no more than a look: each tool's names of the same few facts.

A row is what a table, a JSON object or a database gives: named values that nobody has checked.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from glaciercli.core import times
from glaciercli.core.description import decode
from glaciercli.core.foreign_stores.records import (
    Event,
    Place,
    StoreFormat,
    StoreRecord,
    described,
    read_date,
    read_hash,
    read_id,
    read_moment,
    read_size,
    read_text,
    read_text_or_none,
    told,
)
from glaciercli.core.text import printable

Row = Mapping[str, object]

_NS_PER_MILLISECOND = 10**6

#: How the Java of glacier-interface prints a date; newer ones put another blank before AM and PM.
_JAVA_DATE = "%b %d, %Y %I:%M:%S %p"

#: How `/account/vaults/NAME/archives/ID` is cut.
_URI_FIELDS = 6


def glacier_cli(row: Row, place: Place) -> StoreRecord:
    """Return a row of glacier-cli's cache; its name is the description."""
    naming = described(read_text_or_none(row.get("name"), "a name", place) or "")
    deleted_at = read_moment(row.get("deleted_here"), place)
    return StoreRecord(
        naming=naming,
        event=Event.STORED if deleted_at is None else Event.DELETED,
        archive_id=read_id(row.get("id"), place),
        vault=read_text(row.get("vault"), "a vault", place),
        # Else it is when the archive was first met: it was uploaded before.
        at=read_moment(row.get("created_here"), place) if deleted_at is None else deleted_at,
        modified_ns=naming.modified_ns,
    )


def bakthat(row: Row, place: Place) -> StoreRecord:
    """Return a row of bakthat's inventory."""
    return StoreRecord(
        naming=told(read_text(row.get("filename"), "a name", place), StoreFormat.BAKTHAT),
        event=Event.STORED,
        archive_id=read_id(row.get("archive_id"), place),
    )


def synology(row: Row, place: Place) -> StoreRecord:
    """Return a row of the mapping that Synology keeps in a vault of its own.

    Its sizes and checksums are those of the files: what was encrypted has others.
    """
    share = read_text(row.get("shareName"), "a share", place)
    path = read_text(row.get("basePath"), "a path", place)
    joined = share + path if path.startswith("/") or not share else f"{share}/{path}"
    return StoreRecord(
        naming=told(joined, StoreFormat.SYNOLOGY),
        event=Event.STORED,
        archive_id=read_id(row.get("archiveID"), place),
    )


def glacier_cmd(row: Row, place: Place) -> StoreRecord:
    """Return an item of glacier-cmd's bookkeeping.

    Which kind of hash it keeps is not documented, and a wrong one would keep the archive from
    being retrieved: the inventory, or the job, tells the tree hash.
    """
    name = read_text_or_none(row.get("filename"), "a name", place)
    text = read_text_or_none(row.get("description"), "a description", place) or ""
    naming = told(name, StoreFormat.GLACIER_CMD) if name else described(text)
    return StoreRecord(
        naming=naming,
        event=Event.STORED,
        archive_id=read_id(row.get("archive_id"), place),
        vault=read_text_or_none(row.get("vault"), "a vault", place) or None,
        at=_rfc3339(row.get("date")),
        size_bytes=read_size(row.get("size"), place),
        modified_ns=naming.modified_ns,
    )


_INTERFACE_EVENTS = {
    "CREATE": Event.STORED,
    "DELETE": Event.DELETED,
    "DOWNLOAD": Event.ASKED_FOR,
}


def glacier_interface(row: Row, place: Place) -> StoreRecord:
    """Return an entry of glacier-interface's journal."""
    event = _INTERFACE_EVENTS.get(str(row.get("state")))
    if event is None:
        place.fail("an entry has no state that is known")
    modified = row.get("modifiedDate")
    date = read_text_or_none(row.get("createdDate"), "a date", place)
    naming = told(
        read_text_or_none(row.get("name"), "a name", place), StoreFormat.GLACIER_INTERFACE
    )
    return StoreRecord(
        naming=naming,
        event=event,
        archive_id=read_id(row.get("id"), place),
        vault=_vault_of(read_text_or_none(row.get("uri"), "a URI", place)),
        at=read_date((date or "").replace("\u202f", " "), _JAVA_DATE),
        size_bytes=read_size(row.get("size"), place),
        tree_hash=read_hash(row.get("hash"), place),
        modified_ns=modified * _NS_PER_MILLISECOND if type(modified) is int else None,
    )


def glaciercli(row: Row, place: Place) -> StoreRecord:
    """Return an archive of an export of ours."""
    archive_id = read_text_or_none(row.get("archive_id"), "an archive ID", place)
    if not archive_id:
        return StoreRecord(event=Event.UNIDENTIFIED, archive_id="")
    gone = str(row.get("state")) in {"deleting", "deleted"}
    text = read_text_or_none(row.get("description"), "a description", place) or ""
    name = _exported_name(read_text_or_none(row.get("name"), "a name", place), text)
    return StoreRecord(
        naming=replace(told(name, StoreFormat.GLACIERCLI), description=text),
        event=Event.DELETED if gone else Event.STORED,
        archive_id=read_id(archive_id, place),
        vault=read_text(row.get("vault"), "a vault", place),
        at=None if gone else _rfc3339(row.get("uploaded_at")),
        size_bytes=read_size(row.get("size_bytes"), place),
        tree_hash=read_hash(row.get("tree_hash"), place),
        modified_ns=_rfc3339_ns(row.get("modified_at")),
    )


def _exported_name(name: str | None, description: str) -> str | None:
    """Return a name as it was before a table made it printable, where the description tells."""
    original = decode(description).name
    return original if name and original and printable(original) == name else name


def _vault_of(uri: str | None) -> str | None:
    fields = (uri or "").split("/")
    return fields[3] if len(fields) == _URI_FIELDS and fields[2] == "vaults" else None


def _rfc3339(value: object) -> datetime | None:
    try:
        return times.parse_time(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _rfc3339_ns(value: object) -> int | None:
    try:
        return times.parse_ns(value) if isinstance(value, str) else None
    except ValueError:
        return None
