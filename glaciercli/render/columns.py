"""Rows as columns of text, or where the terminal is too narrow for them one below another.

Nothing is ever cut: an ID can be copied from any terminal.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, and rows of as many cells."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self, width: int | None) -> Iterator[str]:
        """Yield the text of it; ``width`` is that of the terminal, ``None`` if there is none."""
        across = list(_aligned((self.head, *self.rows)))
        if width is None or not self.rows or max(map(cells, across)) <= width:
            yield from across
            return
        for number, row in enumerate(self.rows):
            if number:
                yield ""
            yield from _aligned(list(zip(self.head, row, strict=True)))


#: What a view says: lines, and tables that are fitted to where they go.
Line = str | Table


def text_lines(lines: Iterable[Line], width: int | None) -> Iterator[str]:
    """Yield the lines of text, the tables fitted to a terminal of some width."""
    for line in lines:
        if isinstance(line, Table):
            yield from line.lines(width)
        else:
            yield line


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the rows, each column but the last as wide as its widest cell."""
    widths = [max(cells(row[index]) for row in rows) for index in range(len(rows[0]) - 1)]
    for row in rows:
        padded = [
            cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=False)
        ]
        yield "  ".join((*padded, row[-1]))
