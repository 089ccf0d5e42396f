"""A fault plan as a user writes it, in TOML; docs/embedded-service.md tells the form."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from glaciercli.core.durations import parse_duration
from glaciercli.errors import BadUsage
from glaciercli.server import routes
from glaciercli.server.faults.plan import Deed, Fault, Plan

_MOST_BYTES = 1024 * 1024

_OPERATIONS = frozenset(route.operation for route in routes.ROUTES)

_STATUSES = range(200, 600)


def read_plan(path: str) -> Plan:
    """Return the plan in a file; raise ``BadUsage`` where it makes no sense."""
    import tomli

    try:
        with open(path, "rb") as file:
            # What is cut off there is hardly valid, and more would be no plan.
            return plan_of(tomli.loads(file.read(_MOST_BYTES).decode()))
    except OSError as error:
        raise BadUsage(f'"{path}": {error.strerror}') from error
    except (ValueError, RecursionError) as error:
        raise BadUsage(f'"{path}" is no valid TOML: {error}') from error
    except BadUsage as error:
        raise BadUsage(f'"{path}": {error.message}', hint=error.hint) from error


def plan_of(table: Mapping[str, Any]) -> Plan:
    """Return the plan that a document says; raise ``BadUsage`` where it makes no sense."""
    _refuse_unknown(table, {"seed", "fault"})
    faults = table.get("fault", [])
    if not isinstance(faults, list) or not all(isinstance(one, dict) for one in faults):
        raise BadUsage("faults are tables, as in [[fault]]")
    seed = _number(table.get("seed", 0), "seed", int)
    return Plan(seed=int(seed), faults=tuple(_fault(one) for one in faults))


def _fault(table: Mapping[str, Any]) -> Fault:
    _refuse_unknown(table, {"do", "between", *_READERS})
    try:
        deed = Deed(table.get("do"))
    except ValueError as error:
        words = ", ".join(one.value for one in Deed)
        raise BadUsage('a fault says what to "do"', hint=f"one of {words}") from error
    since, until = _between(table.get("between"))
    given = {
        name: reader(table[word], word)
        for word, (name, reader) in _READERS.items()
        if word in table
    }
    return Fault(deed=deed, since=since, until=until, **given)


def _refuse_unknown(table: Mapping[str, Any], known: set[str]) -> None:
    for key in table:
        if key not in known:
            hint = f"there are: {', '.join(sorted(known))}"
            raise BadUsage(f'nothing in a fault plan is called "{key}"', hint=hint)


def _between(given: object) -> tuple[timedelta, timedelta]:
    match given:
        case None:
            return timedelta(0), timedelta.max
        case [str(since), str(until)]:
            return parse_duration(since), parse_duration(until)
        case _:
            raise BadUsage('"between" is two durations, such as ["10s", "1m"]')


def _operations(given: object, word: str) -> frozenset[str]:
    names = given if isinstance(given, list) else [given]
    for name in names:
        if not isinstance(name, str) or name not in _OPERATIONS:
            hint = f"the operations are {', '.join(sorted(_OPERATIONS))}"
            raise BadUsage(f'"{word}" names "{name}", which is no operation', hint=hint)
    return frozenset(names)


def _numbers(given: object, word: str) -> frozenset[int]:
    numbers = given if isinstance(given, list) else [given]
    return frozenset(int(_number(one, word, int, least=1)) for one in numbers)


def _number(
    given: object, word: str, kind: type[int | float], *, least: float | None = None
) -> float:
    fits = isinstance(given, int | kind) and not isinstance(given, bool)
    if not fits or (least is not None and given < least):  # type: ignore[operator]
        raise BadUsage(f'"{word}" is no such number: {given}')
    assert isinstance(given, int | float)
    return given


def _share(given: object, word: str) -> float:
    number = _number(given, word, float, least=0)
    if number > 1:
        raise BadUsage(f'"{word}" is a number from 0 to 1')
    return float(number)


def _status(given: object, word: str) -> int:
    if not isinstance(given, int) or given not in _STATUSES:
        raise BadUsage(f'"{word}" is a number from {_STATUSES.start} to {_STATUSES.stop - 1}')
    return given


def _rate(given: object, word: str) -> int:
    return int(_number(given, word, int, least=1))


def _duration(given: object, word: str) -> timedelta:
    return parse_duration(_text(given, word))


def _seconds(given: object, word: str) -> float:
    return _duration(given, word).total_seconds()


def _text(given: object, word: str) -> str:
    if not isinstance(given, str):
        raise BadUsage(f'"{word}" is a text')
    return given


def _switch(given: object, word: str) -> bool:
    if not isinstance(given, bool):
        raise BadUsage(f'"{word}" is true or false')
    return given


def _fields(given: object, word: str) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise BadUsage(f'"{word}" is a table of texts')
    for name, value in given.items():
        if not (name + value).isprintable():
            raise BadUsage(f'"{word}" holds what no header can')
    return dict(given)


#: The words of a fault: the field that each one fills, and what reads it.
_READERS: dict[str, tuple[str, Callable[[object, str], Any]]] = {
    "operations": ("operations", _operations),
    "nth": ("nth", _numbers),
    "probability": ("probability", _share),
    "after": ("after", _switch),
    "status": ("status", _status),
    "code": ("code", _text),
    "message": ("message", _text),
    "retry-after": ("retry_after_s", _seconds),
    "body": ("body", _text),
    "content-type": ("content_type", _text),
    "headers": ("headers", _fields),
    "at": ("at", _share),
    "pause": ("pause", _duration),
    "bytes-per-second": ("bytes_per_s", _rate),
}
