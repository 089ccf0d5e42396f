"""Archives that got their names from local files."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.name_from import AmbiguousArchive, NamedArchive, NamingReport
from glaciercli.render import values
from glaciercli.render.humanise import count

#: How much of an archive ID tells it from others, for a reader.
_SHOWN_CHARACTERS = 12


def document(result: NamingReport) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "named": [_named(one) for one in result.named],
        "ambiguous": [_ambiguous(one) for one in result.ambiguous],
        "unmatched": result.unmatched,
        "failed": [values.failure(one) for one in result.failed],
        "dry_run": result.dry_run,
    }


def columns(_result: NamingReport) -> Sequence[str]:
    """Return the columns of the CSV form."""
    own = ("archive_id", "name", "old_name", "size_bytes", "candidates")
    return ("outcome", *own, *(key for key in values.FAILURE if key not in own))


def items(result: NamingReport) -> Iterator[dict[str, Any]]:
    """Yield an object for each archive that was named or could have been, and each bad file."""
    for outcome in ("named", "ambiguous", "failed"):
        for one in document(result)[outcome]:
            yield {"outcome": outcome, **one}


def lines(result: NamingReport) -> Iterator[str]:
    """Yield what became of each archive, and a sum."""
    would = "would be " if result.dry_run else ""
    for one in result.named:
        yield f"{would}named {printable(one.name)} (id:{_short(one.archive_id)})"
    for several in result.ambiguous:
        names = ", ".join(map(printable, several.candidates))
        yield f"ambiguous: id:{_short(several.archive_id)} may be {names}"
    yield (
        f"{count(len(result.named), 'archive')} {would}named, "
        f"{len(result.ambiguous):,} ambiguous, {result.unmatched:,} unmatched"
    )
    if result.ambiguous:
        yield "--first takes the first name; glaciercli rename gives one of your choice"


def _short(archive_id: str | None) -> str:
    return (archive_id or "")[:_SHOWN_CHARACTERS]


def _named(one: NamedArchive) -> dict[str, Any]:
    return {
        "archive_id": one.archive_id,
        "name": one.name,
        "old_name": one.old_name,
        "size_bytes": one.size_bytes,
    }


def _ambiguous(one: AmbiguousArchive) -> dict[str, Any]:
    return {
        "archive_id": one.archive_id,
        "size_bytes": one.size_bytes,
        "candidates": list(one.candidates),
    }
