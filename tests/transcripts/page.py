"""A document with console sessions, and the sessions in it.

A fenced block named ``console`` holds lines that begin with ``$ `` and, below each, what it prints.
A comment ``<!-- before: COMMAND -->`` is run where it stands, and shows nothing.  A block named
otherwise, such as ``sh``, is for what the tests cannot run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BEFORE = re.compile(r"<!-- before: (.*) -->")
_PROMPT = "$ "


@dataclass(frozen=True, kw_only=True)
class Step:
    """A line that is typed, and what is printed below it in the document; ``start`` is where."""

    line: str
    printed: tuple[str, ...] = ()
    start: int
    is_shown: bool = True


def steps_of(text: str) -> Iterator[Step]:
    """Yield what is typed in a document, from top to bottom."""
    lines = text.splitlines()
    is_console = False
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        if found := _BEFORE.fullmatch(line):
            yield Step(line=found[1], start=number, is_shown=False)
        elif line.startswith("```"):
            is_console = line == "```console"
        elif is_console and line.startswith(_PROMPT):
            end = number
            while not lines[end].startswith((_PROMPT, "```")):
                end += 1
            yield Step(
                line=line.removeprefix(_PROMPT), printed=tuple(lines[number:end]), start=number
            )
            number = end


def rewritten(text: str, printed: dict[Step, list[str]]) -> str:
    """Return a document with what its lines print now."""
    lines = text.splitlines()
    for step in sorted(printed, key=lambda one: one.start, reverse=True):
        lines[step.start : step.start + len(step.printed)] = printed[step]
    return "\n".join(lines) + "\n"


#: What differs from run to run: dates, times, IDs, and how fast the machine is.
_CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\d(?:[ T][\d:.]+Z)"), "<time>"),
    (re.compile(r"[A-Za-z0-9_-]{86,138}"), "<id>"),
    (re.compile(r"\bid:[A-Za-z0-9_-]+"), "<id>"),
    (re.compile(r"\b\d+\.\d s\b"), "<seconds>"),
    (re.compile(r"  +"), " "),
)


def alike(printed: str) -> list[str]:
    """Return the lines that were printed, without what differs from run to run.

    That is their order, too: what is done at once is told as it is done.
    """
    for pattern, name in _CHANGING:
        printed = pattern.sub(name, printed)
    return sorted(printed.splitlines())
