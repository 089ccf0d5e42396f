"""Bars as SVG, to stand in a page: each with its label and its value in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from glaciercli.core.text import printable

_WIDTH, _ROW, _LABEL, _VALUE = 800, 26, 260, 230
_SPACE = _WIDTH - _LABEL - _VALUE

#: A longer label is cut in the middle; the whole of it is the tooltip.
_LABEL_CHARACTERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: how long it is, and what is written beside it."""

    label: str
    value: int
    words: str


def chart(title: str, bars: Sequence[Bar]) -> Iterator[str]:
    """Yield the lines of a chart; the longest bar has the whole width."""
    height = _ROW * max(len(bars), 1)
    most = max((one.value for one in bars), default=0)
    yield f'<svg role="img" viewBox="0 0 {_WIDTH} {height}" aria-label="{_safe(title)}">'
    for row, one in enumerate(bars):
        yield from _row(one, row * _ROW, most)
    yield "</svg>"


def _row(one: Bar, top: int, most: int) -> Iterator[str]:
    base = top + 18
    width = one.value * _SPACE // most if most else 0
    # What is there at all is seen.
    width = max(width, 1) if one.value else 0
    yield f"<g><title>{_safe(one.label)}: {_safe(one.words)}</title>"
    yield f'<text class="label" x="{_LABEL - 10}" y="{base}">{_safe(_cut(one.label))}</text>'
    yield f'<rect class="bar" x="{_LABEL}" y="{top + 4}" width="{width}" height="{_ROW - 8}"/>'
    yield f'<text x="{_LABEL + width + 8}" y="{base}">{_safe(one.words)}</text></g>'


def _cut(label: str) -> str:
    shown = printable(label)
    if len(shown) <= _LABEL_CHARACTERS:
        return shown
    half = _LABEL_CHARACTERS // 2
    return f"{shown[: half - 1]}…{shown[-half:]}"


def _safe(text: str) -> str:
    return escape(printable(text))
