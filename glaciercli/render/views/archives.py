"""Archives of the key map, listed."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.render import humanise, values
from glaciercli.render.humanise import moment, size


def document(result: Any) -> dict[str, Any]:
    """Return the JSON document; the archives are written as they are found."""
    return {"archives": items(result)}


def columns(_result: Any) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return (
        "vault",
        "name",
        "archive_id",
        "size_bytes",
        "tree_hash",
        "uploaded_at",
        "state",
        "modified_at",
        "description",
    )


def items(result: Any) -> Iterator[dict[str, Any]]:
    """Yield an object for each archive."""
    return (item(one) for one in result.archives)


def lines(result: Any) -> Iterator[str]:
    """Yield a line for each archive; the name comes last, so nothing has to be cut."""
    for one in summed(result):
        yield one if isinstance(one, str) else line(one)


def summed(result: Any) -> Iterator[Archive | str]:
    """Yield the archives and, where people look at them, their sum in words at the end."""
    count = size_bytes = 0
    for one in result.archives:
        count += 1
        size_bytes += one.size_bytes
        yield one
    if result.with_sum and count > 1:
        yield f"{humanise.count(count, 'archive')}, {size(size_bytes)}"


def line(one: Archive) -> str:
    """Return an archive as a line of text."""
    name = "(no name)" if one.name is None else printable(one.name)
    shown = _size(one.known_size_bytes)
    return f"{shown:>10}  {moment(one.uploaded_at)}  {one.state.value:<9}  {name}"


def _size(size_bytes: int | None) -> str:
    return "?" if size_bytes is None else size(size_bytes)


def item(one: Archive) -> dict[str, Any]:
    """Return one archive as JSON has it."""
    return {
        "vault": one.vault.name,
        "name": one.name,
        "archive_id": one.archive_id,
        "size_bytes": one.known_size_bytes,
        "tree_hash": values.digest(one.tree_hash),
        "uploaded_at": values.time(one.uploaded_at),
        "state": one.state.value,
        "modified_at": values.modified(one.modified_ns),
        "description": one.description,
    }
