"""The configuration: each setting with where it comes from, and a file that was written."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.config.settings import Choice
from glaciercli.core.text import printable
from glaciercli.operations.configuration import Configured, Written
from glaciercli.render.columns import Line, Table

Result = Configured | Written

_COLUMNS = ("name", "value", "source", "where")


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, Written):
        return {"written": result.file}
    return {
        "file": result.file,
        "exists": result.exists,
        "settings": [_item(one) for one in result.choices],
    }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return ("written",) if isinstance(result, Written) else _COLUMNS


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield an object for each setting."""
    if isinstance(result, Written):
        yield document(result)
        return
    yield from (_item(one) for one in result.choices)


def lines(result: Result) -> Iterator[Line]:
    """Yield a table of the settings, under the file."""
    if isinstance(result, Written):
        yield f"written {printable(result.file)}"
        return
    state = "" if result.exists else ", which does not exist"
    yield f"configuration: {printable(result.file)}{state}"
    rows = [(one.name, _words(_shown(one)), _origin(one)) for one in result.choices]
    yield Table(("setting", "value", "from"), rows)


def _origin(one: Choice) -> str:
    if one.where is None:
        return one.source
    return printable(one.where)


def _item(one: Choice) -> dict[str, Any]:
    value = _shown(one)
    if value is not None and not isinstance(value, bool | int | str | list):
        value = str(value)
    return {"name": one.name, "value": value, "source": one.source, "where": one.where}


def _shown(one: Choice) -> Any:
    """Return a value without the password that an endpoint may hold."""
    if one.name != "endpoint_url" or not isinstance(one.value, str) or "@" not in one.value:
        return one.value
    scheme, mark, rest = one.value.partition("://")
    return f"{scheme}{mark}***@{rest.rpartition('@')[2]}"


def _words(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(printable(str(one)) for one in value)
        case _:
            return printable(str(value))
