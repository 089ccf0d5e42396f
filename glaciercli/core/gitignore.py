"""Patterns of gitignore that take no exponential time, whatever stands in them.

``pathspec`` reads a pattern as a whole; its components are read here.  A tree may have been written
by anybody, and with it the patterns in it: ``pathspec`` hands a class such as ``[9-0]`` on to the
regular expressions of Python, which refuse it, and takes hours for a dozen stars.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from glaciercli.core import globs

if TYPE_CHECKING:
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

#: Stands for a component while ``pathspec`` reads the rest; no name holds a NUL.
_MARK = "\0"
_MARKED = re.compile("\0([0-9]+)\0")

#: What ``pathspec`` makes of ``**`` at the start of a pattern, and between two components.
_LEADING, _GAP = "^(?:.+/)?", "(?:/.+)?"

#: What matches nothing at all.
_NEVER = "(?!)"

#: The classes of POSIX, of ASCII alone, as git has them.
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


_PIECE = re.compile(
    r"(?P<stars>\*+)|(?P<one>\?)|\[(?P<not>[!^]?)(?P<class>\]?(?:\\.|\[:[a-z]+:\]|[^\]\\])*)\]"
    r"|\\(?P<escaped>.)|(?P<text>[^*?\[\\]+)",
    re.DOTALL,
)

#: A member of a class: a name of POSIX, a range, or a character.
_MEMBER = re.compile(
    r"\[:(?P<name>[a-z]+):\]|(?P<first>\\.|[^\\])-(?P<last>\\.|[^\\])|\\?(?P<one>.)", re.DOTALL
)


def pattern(line: str) -> "GitIgnoreSpecPattern":
    """Return the pattern of a line; raise ``ValueError`` where it makes no sense."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    kept = _trimmed(line)
    start = "!" if kept.startswith("!") else ""
    parts = kept.removeprefix("!").split("/")
    spelled, include = GitIgnoreSpecPattern.pattern_to_regex(start + _marked(parts))
    if spelled is None or include is None or _MARK in kept:
        return GitIgnoreSpecPattern(None)
    whole = _MARKED.sub(lambda one: _component(parts[int(one[1])]), _bounded(spelled))
    return GitIgnoreSpecPattern(re.compile(whole, re.DOTALL), include)


def _trimmed(line: str) -> str:
    """Return a line without the blanks at its end, but for one behind a backslash."""
    kept = line.rstrip(" ")
    backslashes = len(kept) - len(kept.rstrip("\\"))
    return kept + " " if backslashes % 2 and len(kept) < len(line) else kept


def _marked(parts: Sequence[str]) -> str:
    """Return a pattern with a mark in place of each component that is read here."""
    return "/".join(
        f"{_MARK}{at}{_MARK}" if part.strip("*") else part[:2] for at, part in enumerate(parts)
    )


def _bounded(spelled: str) -> str:
    """Return what ``pathspec`` spelled with every gap but the last fixed at its shortest match.

    What stands behind a gap is found at the first place it occurs, and no later place could do
    better.  The end is that of the name, not before a line feed that ends it.
    """
    first, *rest = spelled.replace("|$)", r"|\Z)").split(_GAP)
    if not rest:
        return first
    if first.startswith(_LEADING):
        first = f"^(?>(?:.+?/)??{first.removeprefix(_LEADING)}(?=/))"
    fixed = "".join(f"(?>(?:/.+?)??{part}(?=/))" for part in rest[:-1])
    return f"{first}{fixed}{_GAP}{rest[-1]}"


def _component(text: str) -> str:
    """Return the regular expression of one component."""
    items, at = list[str](), 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            return _without_end(text, at)
        items.append(_item(piece))
        at = piece.end()
    return "".join(globs.assembled(items))


def _without_end(text: str, at: int) -> str:
    """Return what matches nothing, as git has it, where a class has no end."""
    if text[at] == "[":
        return _NEVER
    message = f"nothing follows the backslash of {text!r}"
    raise ValueError(message)


def _item(piece: re.Match[str]) -> str:
    if piece["stars"]:
        return globs.STAR
    if piece["one"]:
        return "[^/]"
    if piece["class"] is not None:
        return _class(piece["class"], negated=bool(piece["not"]))
    return re.escape(piece["escaped"] or piece["text"])


def _class(body: str, *, negated: bool) -> str:
    members = [_member(one) for one in _MEMBER.finditer(body)]
    inside = "".join(one for one in members if one is not None)
    if None in members or not inside:
        return _NEVER
    return f"[^/{inside}]" if negated else f"(?!/)[{inside}]"


def _member(one: re.Match[str]) -> str | None:
    """Return a member of a class; of a range that runs backwards git takes the first character.

    It is ``None`` for a name that POSIX does not have.
    """
    if one["name"]:
        return _POSIX.get(one["name"])
    if one["one"]:
        return re.escape(one["one"])
    first, last = one["first"][-1], one["last"][-1]
    return f"{re.escape(first)}-{re.escape(last)}" if first <= last else re.escape(first)
