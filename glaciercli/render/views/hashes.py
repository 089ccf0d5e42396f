"""Tree hashes of files."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.operations.hashes import HashReport
from glaciercli.render import values


def document(result: HashReport) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "hashes": [
            {"path": one.path, "tree_hash": values.digest(one.tree_hash)} for one in result.hashes
        ],
        "failed": [values.failure(one) for one in result.failed],
    }


def columns(_result: HashReport) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return ("outcome", "path", "tree_hash", "name", *values.FAILURE)


def items(result: HashReport) -> Iterator[dict[str, Any]]:
    """Yield an object for each file."""
    for outcome, found in document(result).items():
        yield from ({"outcome": outcome, **one} for one in found)


def lines(result: HashReport) -> Iterator[str]:
    """Yield the lines that sha256sum would, but with tree hashes."""
    yield from (f"{one.tree_hash.hex()}  {printable(one.path)}" for one in result.hashes)
