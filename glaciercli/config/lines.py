"""Where a key stands in a TOML file, for errors that say the line."""

import re
from collections.abc import Sequence

_KEY = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEYS = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_KEYS})\s*\]")
_PAIR = re.compile(rf"\s*({_KEYS})\s*=")
_PART = re.compile(_KEY)


def line_of(text: str, keys: Sequence[str]) -> int | None:
    """Return the first line on which a table, or a key in one, is given.

    ``None`` where it is not at the start of a line, as in an inline table.
    """
    wanted = list(keys)
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            here = table = _parts(header[1])
        elif pair := _PAIR.match(line):
            here = [*table, *_parts(pair[1])]
        else:
            continue
        if here[: len(wanted)] == wanted:
            return number
    return None


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in _PART.findall(dotted)]
