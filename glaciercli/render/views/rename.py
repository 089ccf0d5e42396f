"""A name that was changed."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.rename import Renamed


def document(result: Renamed) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "vault": result.vault,
        "archive_id": result.archive_id,
        "old_name": result.old_name,
        "name": result.name,
        "dry_run": result.dry_run,
    }


def columns(result: Renamed) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(document(result))


def items(result: Renamed) -> Iterator[dict[str, Any]]:
    """Yield the one object."""
    yield document(result)


def lines(result: Renamed) -> Iterator[str]:
    """Yield what there is to say."""
    would = "would be " if result.dry_run else ""
    old = "an archive without a name" if result.old_name is None else printable(result.old_name)
    yield f"{old} {would}renamed to {printable(result.name)}"
