"""Rows as columns of text; nothing is ever cut."""

from collections.abc import Iterator, Sequence


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a heading and the rows, each column as wide as its widest cell."""
    widths = [max(len(row[index]) for row in (head, *rows)) for index in range(len(head) - 1)]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join((*cells, row[-1]))
