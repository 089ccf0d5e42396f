"""What a look over everything found."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core.text import printable
from glaciercli.model.diagnosis import Finding, Status
from glaciercli.operations.doctor import Diagnosis
from glaciercli.render import humanise


def document(result: Diagnosis) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "findings": [_item(one) for one in result.findings],
        "problems": result.count(Status.PROBLEM),
        "warnings": result.count(Status.WARNING),
    }


def columns(_result: Diagnosis) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return ("check", "status", "message", "advice")


def items(result: Diagnosis) -> Iterator[dict[str, Any]]:
    """Yield an object for each finding."""
    return (_item(one) for one in result.findings)


def lines(result: Diagnosis) -> Iterator[str]:
    """Yield a line for each finding, and what to do; operations that are allowed share one."""
    allowed = [one for one in result.findings if _is_allowed(one)]
    for one in result.findings:
        if not _is_operation(one) or one.status is Status.WARNING:
            yield f"{one.status.value:7}  {printable(one.message)}"
            if one.advice:
                yield f"{'':7}  -> {printable(one.advice)}"
    if allowed:
        yield f"{'ok':7}  {humanise.count(len(allowed), 'operation')} tried, and allowed"
    rest = [one for one in result.findings if _is_operation(one) and one.status is Status.NOTE]
    if rest:
        names = ", ".join(one.check.partition(":")[2] for one in rest)
        yield f"{'note':7}  not tried, since it would change something, or unclear: {names}"
    problems, warnings = result.count(Status.PROBLEM), result.count(Status.WARNING)
    yield f"{humanise.count(problems, 'problem')}, {humanise.count(warnings, 'warning')}"


def _is_operation(one: Finding) -> bool:
    return one.check.startswith("glacier:")


def _is_allowed(one: Finding) -> bool:
    return _is_operation(one) and one.status is Status.OK


def _item(one: Finding) -> dict[str, Any]:
    return {
        "check": one.check,
        "status": one.status.value,
        "message": one.message,
        "advice": one.advice,
    }
