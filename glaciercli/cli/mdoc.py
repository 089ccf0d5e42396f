"""The parts of a manual page, written in mdoc(7)."""

import re
import textwrap
from collections.abc import Iterator, Sequence

#: The date of the pages: that of the last change of form, not of the day they are made.
_DATE = "November 22, 2026"

_ESCAPES = str.maketrans(
    {"\\": r"\e", "-": r"\-", "~": r"\(ti", "^": r"\(ha", "`": r"\(ga", "'": r"\(aq"}
)
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_WIDTH = 76


def head(name: str, about: str, *, section: int, made_from: str) -> list[str]:
    """Return what a page begins with."""
    return [
        f'.\\" Made from {made_from} by "make docs"; changes belong there.',
        f".Dd {_DATE}",
        f".Dt {name.upper()} {section}",
        ".Os",
        ".Sh NAME",
        f".Nm {name}",
        f".Nd {escape(about)}",
    ]


def literal(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines that are shown as they are."""
    yield ".Bd -literal -offset indent"
    yield from (shield(escape(line)) for line in lines)
    yield ".Ed"


def texts(text: str) -> list[str]:
    """Return a paragraph as lines of roff: a sentence begins a line."""
    quoted = re.sub(
        r"`([^`]*)`", "\N{LEFT DOUBLE QUOTATION MARK}\\1\N{RIGHT DOUBLE QUOTATION MARK}", text
    )
    lines: list[str] = []
    for sentence in _SENTENCE_END.split(quoted):
        wrapped = textwrap.wrap(
            escape(sentence), _WIDTH, break_long_words=False, break_on_hyphens=False
        )
        lines.extend(shield(line) for line in wrapped)
    return lines


def argument(text: str) -> str:
    """Return text as one argument of a macro, which it must not be taken for."""
    escaped = escape(text).replace('"', r"\(dq")
    if re.fullmatch(r"[A-Z%][A-Za-z0-9]{0,2}", text):
        escaped = rf"\&{escaped}"
    return f'"{escaped}"' if " " in escaped else escaped


def escape(text: str) -> str:
    """Return text in which roff finds nothing to act on."""
    return (
        text.translate(_ESCAPES)
        .replace("\N{LEFT DOUBLE QUOTATION MARK}", r"\(lq")
        .replace("\N{RIGHT DOUBLE QUOTATION MARK}", r"\(rq")
    )


def shield(line: str) -> str:
    """Keep a line of text from being taken for a request."""
    return rf"\&{line}" if line.startswith((".", "'")) else line
