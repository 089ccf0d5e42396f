"""Archives that hold the same, and what that wastes."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.render.humanise import count, moment, size
from glaciercli.render.views import archives


def document(result: Any) -> dict[str, Any]:
    """Return the JSON document; the archives are written as they are found."""
    return {
        "groups": result.totals.groups,
        "archive_count": result.totals.archives,
        "wasted_bytes": result.totals.wasted_bytes,
        "duplicates": items(result),
    }


def columns(result: Any) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return ("group", "copies", "wasted_bytes", *archives.columns(result))


def items(result: Any) -> Iterator[dict[str, Any]]:
    """Yield an object for each archive; those of one group follow one another."""
    for one in result.found:
        yield {
            "group": one.group,
            "copies": one.copies,
            "wasted_bytes": one.wasted_bytes,
            **archives.item(one.archive),
        }


def lines(result: Any) -> Iterator[str]:
    """Yield a heading and the archives of each group, and the sums."""
    shown = 0
    for one in result.found:
        if one.group != shown:
            shown = one.group
            each, wasted = size(one.archive.size_bytes), size(one.wasted_bytes)
            yield f"{one.copies:,} times {each}, {wasted} wasted"
        yield _line(one.archive)
    totals = result.totals
    if not totals.groups:
        yield "nothing is held twice"
        return
    yield (
        f"{count(totals.groups, 'group')}, {count(totals.archives, 'archive')}, "
        f"{size(totals.wasted_bytes)} wasted"
    )


def _line(one: Archive) -> str:
    label = printable(one.label)
    return f"  {moment(one.uploaded_at)}  {one.state.value:<9}  {one.vault.name}/{label}"
