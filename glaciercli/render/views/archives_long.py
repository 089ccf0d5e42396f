"""Archives of the key map, with their vaults and IDs."""

from collections.abc import Iterator
from typing import Any

from glaciercli.core.text import printable
from glaciercli.render.humanise import moment
from glaciercli.render.views.archives import columns, document, items, summed

__all__ = ["columns", "document", "items", "lines"]


def lines(result: Any) -> Iterator[str]:
    """Yield two lines for each archive: what it is called, and how to point at it for sure."""
    for one in summed(result):
        if isinstance(one, str):
            yield one
            continue
        name = "(no name)" if one.name is None else printable(one.name)
        yield (
            f"{one.vault.name}  {_size(one.known_size_bytes):>14} B  {moment(one.uploaded_at)}"
            f"  {one.state.value:<9}  {name}"
        )
        yield f"    id:{one.archive_id or '-'}"


def _size(size_bytes: int | None) -> str:
    return "?" if size_bytes is None else f"{size_bytes:,}"
