"""The tags of a vault, listed and changed."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.vaults_tags import TagChange, TagList
from glaciercli.render.columns import Line, Table

Result = TagList | TagChange


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, TagList):
        return {"vault": result.vault, "tags": dict(result.tags)}
    return {
        "vault": result.vault,
        "set": dict(result.set),
        "unset": list(result.unset),
        "dry_run": result.dry_run,
    }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return ("key", "value") if isinstance(result, TagList) else ("outcome", "key", "value")


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each tag."""
    if isinstance(result, TagList):
        yield from ({"key": key, "value": value} for key, value in result.tags.items())
        return
    for key, value in result.set.items():
        yield {"outcome": "set", "key": key, "value": value}
    for key in result.unset:
        yield {"outcome": "unset", "key": key}


def lines(result: Result) -> Iterator[Line]:
    """Yield a table, or what was changed."""
    if isinstance(result, TagList):
        rows = [(printable(key), printable(value)) for key, value in result.tags.items()]
        if rows:
            yield Table(("key", "value"), rows)
        return
    would = "would be " if result.dry_run else ""
    for key, value in result.set.items():
        yield f"{would}set {printable(key)} = {printable(value)}"
    yield from (f"{would}unset {printable(key)}" for key in result.unset)
