"""The lines of a text of any length, with their numbers."""

from collections.abc import Iterable, Iterator

from glaciercli.core.foreign_stores.records import Place, StoreFormat
from glaciercli.core.listed import RECORD_MOST_CHARACTERS


def numbered(chunks: Iterable[str], store: StoreFormat) -> Iterator[tuple[Place, str]]:
    """Yield the lines that are not blank, without their ends.

    The last line has to have an end: one that was cut off would be a wrong name.
    """
    number, rest = 0, ""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split("\n")
        for line in whole:
            number += 1
            yield from _line(line, Place(store=store, unit="line", number=number))
        if len(rest) > RECORD_MOST_CHARACTERS:
            break
    place = Place(store=store, unit="line", number=number + 1)
    for _ in _line(rest, place):
        place.fail("it ends in the middle of a line")


def _line(line: str, place: Place) -> Iterator[tuple[Place, str]]:
    if len(line) > RECORD_MOST_CHARACTERS:
        place.fail(f"the line is longer than {RECORD_MOST_CHARACTERS:,} characters")
    if place.number == 1:
        line = line.removeprefix("\ufeff")
    if line.strip():
        yield place, line.removesuffix("\r")
