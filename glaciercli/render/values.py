"""Values as JSON has them: sizes are integers in bytes, times RFC 3339 in UTC, hashes hex."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from glaciercli.core.times import format_ns, format_time

if TYPE_CHECKING:
    # A listing says none of these, and it starts quickly.
    from glaciercli.operations.results import ItemFailure, Skipped, Unsettled, Uploaded


def time(moment: datetime | None) -> str | None:
    """Return a time as text."""
    return None if moment is None else format_time(moment)


def modified(ns: int | None) -> str | None:
    """Return a file's time as text, as precise as it is known."""
    return None if ns is None else format_ns(ns)


def digest(value: bytes | None) -> str | None:
    """Return a hash as text."""
    return None if value is None else value.hex()


#: The columns that a failure takes beside its name.
FAILURE = ("error", "code", "hint")


def failure(one: "ItemFailure") -> dict[str, Any]:
    """Return one item's failure."""
    return {
        "name": one.name,
        "error": one.error.message,
        "code": one.error.code,
        "hint": one.error.hint,
    }


def skipped(one: "Skipped") -> dict[str, Any]:
    """Return one item that needed nothing."""
    return {"name": one.name, "reason": one.reason}


def uploaded(one: "Uploaded") -> dict[str, Any]:
    """Return one archive that was stored."""
    return {
        "name": one.name,
        "archive_id": one.archive_id,
        "size_bytes": one.size_bytes,
        "tree_hash": digest(one.tree_hash),
    }


def unsettled(one: "Unsettled") -> dict[str, Any]:
    """Return one archive that is probably stored."""
    return {"name": one.name, "size_bytes": one.size_bytes}
