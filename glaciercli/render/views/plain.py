"""Results that are a few named values: each on a line of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from glaciercli.core.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Named values under one heading; ``text`` says how people read each."""

    heading: str
    rows: Sequence[dict[str, Any]]
    text: str
    exit_code: int = 0


def document(result: Rows) -> dict[str, Any]:
    """Return the JSON document."""
    return {result.heading: list(result.rows)}


def columns(result: Rows) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(dict.fromkeys(key for row in result.rows for key in row))


def items(result: Rows) -> Iterator[dict[str, Any]]:
    """Yield an object for each row."""
    return iter(result.rows)


def lines(result: Rows) -> Iterator[str]:
    """Yield a line for each row."""
    for row in result.rows:
        shown = {
            key: printable(value) if isinstance(value, str) else value for key, value in row.items()
        }
        yield result.text.format_map(shown)
