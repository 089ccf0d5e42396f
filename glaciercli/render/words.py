"""Sentences that several commands say in the same way."""

from collections.abc import Iterable, Iterator, Sequence

from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.operations.results import ItemFailure, Skipped, Unsettled
from glaciercli.render import humanise


def failures(failed: Sequence[ItemFailure]) -> Iterator[str]:
    """Yield what to say on standard error of each item that failed."""
    for one in failed:
        name, message = printable(one.name), printable(one.error.message)
        yield f"glaciercli: error: {message if name in message else f'{name}: {message}'}"
        if one.error.hint:
            yield f"glaciercli: hint: {printable(one.error.hint)}"


def skipped(items: Sequence[Skipped]) -> Iterator[str]:
    """Yield a line for each item that needed nothing."""
    return (f"skipped: {printable(one.name)}: {printable(one.reason)}" for one in items)


def unsettled(items: Iterable[Unsettled]) -> Iterator[str]:
    """Yield a line for each archive that is probably stored."""
    return (f"probably stored, the answer was lost: {printable(one.name)}" for one in items)


def archives_total(archives: Sequence[Archive]) -> str:
    """Return the count and the size of archives, and how many of them have no known size."""
    unknown = sum(one.known_size_bytes is None for one in archives)
    size_bytes = sum(one.size_bytes for one in archives)
    return measured_total(len(archives), size_bytes, unknown=unknown)


def measured_total(count: int, size_bytes: int, *, unknown: int) -> str:
    """Return a count and a size of archives, and of how many the size is not known."""
    whole = total(count, size_bytes)
    return f"{whole} and {unknown:,} of unknown size" if unknown else whole


def total(count: int, size_bytes: int, noun: str = "archive") -> str:
    """Return a count and a size in one phrase."""
    return f"{humanise.count(count, noun)}, {humanise.size(size_bytes)}"
