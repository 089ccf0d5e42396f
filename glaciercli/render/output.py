"""A result, written to a stream in the form that was asked for.

A *view* is a module that knows how to say one kind of result: ``document`` gives the JSON
document, ``items`` the rows of the line and CSV forms, ``lines`` the text for people.  Members of
a document may be iterators: they are written as they come, so that a long listing takes no memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TextIO

from glaciercli.render.columns import Line, text_lines

Item = Mapping[str, Any]


class View(Protocol):
    """How one kind of result is said."""

    def document(self, result: Any, /) -> Mapping[str, Any]:
        """Return the one JSON document of the result."""
        ...

    def columns(self, result: Any, /) -> Sequence[str]:
        """Return the columns of the CSV form: every key that an item may have."""
        ...

    def items(self, result: Any, /) -> Iterable[Item]:
        """Yield the items of the result, one a line."""
        ...

    def lines(self, result: Any, /) -> Iterable[Line]:
        """Yield the result as text for people."""
        ...


def write(result: Any, view: View, stream: TextIO, *, form: str, width: int | None = None) -> None:
    """Write a result; ``width`` is that of the terminal that text goes to, if it is one."""
    match form:
        case "json":
            _write_document(view.document(result), stream)
        case "jsonl":
            stream.writelines(_json(item) + "\n" for item in view.items(result))
        case "csv":
            _write_csv(view.columns(result), view.items(result), stream)
        case _:
            stream.writelines(line + "\n" for line in text_lines(view.lines(result), width))
    stream.flush()


def _json(value: Any) -> str:
    # ASCII only, as json does by itself: names that are no valid UTF-8 hold lone surrogates, which
    # no stream encodes.  Any setting would make it build an encoder for every line.
    import json

    return json.dumps(value)


def _write_document(document: Mapping[str, Any], stream: TextIO) -> None:
    stream.write("{")
    for index, (key, value) in enumerate(document.items()):
        stream.write(("," if index else "") + f"\n  {_json(key)}: ")
        if isinstance(value, Iterator):
            _write_list(value, stream)
        elif isinstance(value, list):
            _write_list(iter(value), stream)
        else:
            stream.write(_json(value))
    stream.write("\n}\n")


def _write_list(values: Iterator[Any], stream: TextIO) -> None:
    empty = True
    stream.write("[")
    for value in values:
        stream.write(("" if empty else ",") + "\n    " + _json(value))
        empty = False
    stream.write("]" if empty else "\n  ]")


def _write_csv(columns: Sequence[str], items: Iterable[Item], stream: TextIO) -> None:
    """Write a heading and a row for each item; what an item has not stays empty."""
    import csv

    writer = csv.DictWriter(stream, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    for item in items:
        writer.writerow({key: _cell(value) for key, value in item.items()})


def _cell(value: Any) -> Any:
    """Return a value as a cell: text that a terminal or a spreadsheet cannot take ill.

    What has parts stands in one cell, as JSON, and so do true and false.
    """
    from glaciercli.core.text import printable

    if isinstance(value, dict | list | bool):
        return _json(value)
    return printable(value) if isinstance(value, str) else value
