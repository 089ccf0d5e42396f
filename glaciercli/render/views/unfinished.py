"""Unfinished multipart uploads: listed, planned to be dropped, and dropped."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.unfinished import (
    AbortPlan,
    AbortReport,
    UnfinishedList,
    UnfinishedUpload,
)
from glaciercli.render import humanise, values, words
from glaciercli.render.columns import Line, Table

Result = UnfinishedList | AbortPlan | AbortReport

_COLUMNS = (
    "vault",
    "upload_id",
    "name",
    "description",
    "ours",
    "part_size_bytes",
    "parts",
    "size_bytes",
    "created_at",
)


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    match result:
        case AbortReport():
            return {
                "aborted": [_item(one) for one in result.aborted],
                "failed": [values.failure(one) for one in result.failed],
            }
        case AbortPlan():
            return {"would_abort": [_item(one) for one in result.uploads]}
        case _:
            return {
                "uploads": [_item(one) for one in result.uploads],
                "size_bytes": result.size_bytes,
            }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    match result:
        case AbortReport():
            return ("outcome", *_COLUMNS, *values.FAILURE)
        case AbortPlan():
            return ("outcome", *_COLUMNS)
        case _:
            return _COLUMNS


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each upload."""
    if isinstance(result, UnfinishedList) and not isinstance(result, AbortPlan):
        yield from (_item(one) for one in result.uploads)
        return
    for outcome, found in document(result).items():
        yield from ({"outcome": outcome, **one} for one in found)


def lines(result: Result) -> Iterator[Line]:
    """Yield a table, or what became of each upload."""
    match result:
        case AbortReport():
            yield from (f"dropped {printable(one.label)}" for one in result.aborted)
            if result.aborted:
                freed = sum(one.size_bytes for one in result.aborted)
                yield f"{words.total(len(result.aborted), freed, 'upload')} dropped"
        case AbortPlan():
            yield from _table(result.uploads)
            yield f"{words.total(len(result.uploads), result.size_bytes, 'upload')} to drop"
        case _:
            yield from _table(result.uploads)
            if result.uploads:
                total = words.total(len(result.uploads), result.size_bytes, "unfinished upload")
                yield f"{total} held by the service"


def _table(uploads: Sequence[UnfinishedUpload]) -> Iterator[Line]:
    if not uploads:
        return
    rows = [
        (
            one.vault.name,
            printable(one.name) if one.name else "-",
            "ours" if one.entry else "orphan",
            humanise.moment(one.upload.created_at),
            f"{one.parts:,}",
            humanise.size(one.size_bytes),
            one.upload.upload_id,
        )
        for one in uploads
    ]
    yield Table(("vault", "name", "whose", "begun", "parts", "size", "upload"), rows)


def _item(one: UnfinishedUpload) -> dict[str, Any]:
    return {
        "vault": one.vault.name,
        "upload_id": one.upload.upload_id,
        "name": one.name,
        "description": one.upload.description,
        "ours": one.entry is not None,
        "part_size_bytes": one.upload.part_bytes,
        "parts": one.parts,
        "size_bytes": one.size_bytes,
        "created_at": values.time(one.upload.created_at),
    }
