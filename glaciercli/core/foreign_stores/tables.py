"""Rows of named values, as JSON, JSON Lines and CSV have them."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from glaciercli.core.foreign_stores import lines
from glaciercli.core.foreign_stores.records import MalformedStore, Place, StoreFormat
from glaciercli.core.json_window import JsonWindow

Row = tuple[Place, Mapping[str, object]]


def json_rows(chunks: Iterable[str], store: StoreFormat, key: str | None = None) -> Iterator[Row]:
    """Yield the objects of a list: the whole document, or the member of that key in it."""
    window = JsonWindow(chunks, refuse=partial(_refusal, store))
    window.skip("\ufeff")
    if key is not None:
        window.expect("{")
        _find(window, key)
    window.expect("[")
    yield from _elements(window, store)
    if key is not None:
        _rest(window, key)
    if window.peek():
        window.fail("something follows the document")


def json_lines(chunks: Iterable[str], store: StoreFormat) -> Iterator[Row]:
    """Yield the object of each line."""
    for place, line in lines.numbered(chunks, store):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise place.refusal("the line is no JSON") from error
        if not isinstance(value, dict):
            place.fail("the line is no object")
        yield place, value


def csv_rows(
    chunks: Iterable[str], store: StoreFormat, headings: Callable[[Sequence[str]], Sequence[str]]
) -> Iterator[Row]:
    """Yield the row of each line under its headings, one line a row.

    ``headings`` is given the first line's cells; what it returns is the names of the columns.  If
    they are those cells, that line is no row.
    """
    names: Sequence[str] | None = None
    for place, line in lines.numbered(chunks, store):
        cells = cells_of(line, place)
        if names is None:
            names = headings(cells)
            if list(names) == cells:
                continue
        if len(cells) != len(names):
            place.fail(f"the line has {len(cells)} fields, and there are {len(names)} columns")
        yield place, dict(zip(names, cells, strict=True))


def cells_of(line: str, place: Place) -> list[str]:
    """Return the cells of a line."""
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise place.refusal(str(error)) from error


def _find(window: JsonWindow, key: str) -> None:
    """Read up to the value of a key."""
    while True:
        if window.peek() == "}":
            window.fail(f'there is no "{key}"')
        found = window.value()
        window.expect(":")
        if found == key:
            return
        window.value()
        if window.peek() != "}":
            window.expect(",")


def _elements(window: JsonWindow, store: StoreFormat) -> Iterator[Row]:
    """Yield the elements of a list behind its bracket, up to and with the other one."""
    more = window.peek() != "]"
    while more:
        place = Place(store=store, unit="character", number=window.offset)
        value = window.value()
        if not isinstance(value, dict):
            place.fail("an element of the list is no object")
        yield place, value
        more = window.peek() != "]"
        if more:
            window.expect(",")
            window.peek()
    window.expect("]")


def _rest(window: JsonWindow, key: str) -> None:
    """Read what stands behind the list of a document."""
    while window.peek() != "}":
        window.expect(",")
        if window.value() == key:
            window.fail(f'"{key}" occurs twice')
        window.expect(":")
        window.value()
    window.expect("}")


def _refusal(store: StoreFormat, reason: str, offset: int) -> MalformedStore:
    return Place(store=store, unit="character", number=offset).refusal(reason)
