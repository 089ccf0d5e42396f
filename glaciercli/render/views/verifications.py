"""A directory compared with a vault."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.core.verify import Difference, Finding
from glaciercli.operations.verify import VerifyReport
from glaciercli.render import humanise, values, words

_SAID = {
    Finding.MISSING: "missing",
    Finding.CHANGED: "changed",
    Finding.EXTRA: "extra",
    Finding.UNPROVED: "not proved",
}


def document(result: VerifyReport) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "vault": result.vault,
        "directory": result.directory,
        "begun_at": values.time(result.begun_at),
        "proved": result.proved,
        "proved_bytes": result.proved_bytes,
        **{kind.value: [_item(one) for one in result.of(kind)] for kind in Finding},
        "skipped": [values.skipped(one) for one in result.skipped],
        "failed": [values.failure(one) for one in result.failed],
    }


def columns(result: VerifyReport) -> Sequence[str]:
    """Return the columns of the CSV form."""
    del result
    return ("outcome", "name", "reason", *values.FAILURE)


def items(result: VerifyReport) -> Iterator[dict[str, Any]]:
    """Yield an object for each name that was not proved."""
    for outcome, found in document(result).items():
        if isinstance(found, list):
            yield from ({"outcome": outcome, **one} for one in found)


def lines(result: VerifyReport) -> Iterator[str]:
    """Yield the differences, and what was proved."""
    for one in result.differences:
        yield f"{_SAID[one.finding]}: {printable(one.name)}: {printable(one.reason)}"
    yield from words.skipped(result.skipped)
    yield _total(result)


def summary(result: VerifyReport) -> Iterator[str]:
    """Yield what somebody hears of who wants to hear only of differences."""
    if result.differences:
        yield from lines(result)


def _total(result: VerifyReport) -> str:
    counts = ((len(result.of(kind)), _SAID[kind]) for kind in Finding)
    more = "".join(f", {count:,} {what}" for count, what in counts if count)
    size = humanise.size(result.proved_bytes)
    return f"{humanise.count(result.proved, 'file')}, {size} as stored in {result.vault}{more}"


def _item(one: Difference) -> dict[str, Any]:
    return {"name": one.name, "reason": one.reason}
