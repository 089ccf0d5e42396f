"""Globs over archive names.

``*``, ``?`` and ``[...]`` stay within one component of a name, ``**`` crosses ``/``, and ``**/``
at the start of a component also matches nothing.  ``[!...]`` and ``[^...]`` are complements.  A
``[`` that nothing closes is an ordinary character, and there is no escape: ``[*]`` is a star.
A leading dot is nothing special.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

#: A name with one of these is read as a glob.
GLOB_CHARACTERS = frozenset("*?[")

#: Matches nothing at all: the class whose every range runs backwards.
_NOTHING = "(?!)"


@cache
def _piece() -> re.Pattern[str]:
    """Return what one piece of a glob looks like, compiled when a glob first turns up.

    A class has at least one character before its ``]`` and holds no ``/``.
    """
    return re.compile(
        r"(?P<stars>\*\*+)|(?P<star>\*)|(?P<one>\?)"
        r"|\[(?P<not>[!^]?+)(?P<class>[^/][^\]/]*)\]|(?P<text>[^*?\[]+|\[)"
    )


def is_glob(text: str) -> bool:
    """Tell whether a name reads as a glob."""
    return not GLOB_CHARACTERS.isdisjoint(text)


def literal_glob(name: str) -> str:
    """Return a glob that matches a name and nothing else."""
    return re.sub(r"[*?\[]", r"[\g<0>]", name)


def literal_prefix(glob: str) -> str:
    """Return the longest text that every match surely starts with."""
    prefix = ""
    for piece in _piece().finditer(glob):
        if piece["text"] is None:
            break
        prefix += piece["text"]
    return prefix


def glob_pattern(glob: str) -> re.Pattern[str]:
    """Return a pattern whose `fullmatch` tells whether a name matches."""
    return re.compile("".join(assembled(list(_items(glob)))), re.DOTALL)


def barren_folder(glob: str, name: str) -> str | None:
    """Return the highest folder of a name below which nothing can match, with its slash.

    A listing passes over it without reading what it holds.
    """
    parts, folders = glob.split("/"), name.split("/")[:-1]
    for depth, folder in enumerate(folders):
        part = parts[depth]
        if "**" in part:
            return None
        if depth + 1 == len(parts) or not _component(part).fullmatch(folder):
            return "/".join(folders[: depth + 1]) + "/"
    return None


@cache
def _component(part: str) -> re.Pattern[str]:
    return glob_pattern(part)


#: What matches any text within one component of a name.
STAR = "[^/]*"
_STARS, _FOLDERS = ".*", "(?:.*/)?"

#: The items of any length, and those that may stand behind them for a shortest match to be safe.
_REACH = {
    STAR: {STAR, _STARS, _FOLDERS},
    _STARS: {_STARS, _FOLDERS},
    _FOLDERS: frozenset[str](),
}


def _items(glob: str) -> Iterator[str]:
    """Yield the regular expressions of a glob's pieces."""
    at_start, position = True, 0
    while position < len(glob):
        piece = _piece().match(glob, position)
        assert piece is not None, "every character starts a piece"
        position = piece.end()
        if piece["stars"] and at_start and glob.startswith("/", position):
            position += 1
            yield _FOLDERS
            continue
        at_start = piece[0].endswith("/")
        yield _item(piece)


def _item(piece: re.Match[str]) -> str:
    """Return the regular expression of one piece."""
    if piece["class"] is not None:
        return _class(piece["class"], negated=bool(piece["not"]))
    if piece["text"] is not None:
        return re.escape(piece["text"])
    if piece["one"]:
        return "[^/]"
    return STAR if piece["star"] else _STARS


def _class(body: str, *, negated: bool) -> str:
    """Return a character class; a range that runs backwards is empty, as in the shell."""
    members = ""
    while body:
        if len(body) > 2 and body[1] == "-":  # noqa: PLR2004 - first, hyphen, last
            if body[0] <= body[2]:
                members += f"{re.escape(body[0])}-{re.escape(body[2])}"
            body = body[3:]
        else:
            members += re.escape(body[0])
            body = body[1:]
    if negated:
        return f"[^/{members}]"
    return f"(?!/)[{members}]" if members else _NOTHING


def assembled(items: Sequence[str]) -> Iterator[str]:
    """Yield the pieces with every star but the last fixed at its shortest match.

    What follows up to the next star is found at the first place it occurs, and no later place
    could do better.  So a glob of many stars takes no exponential time.
    """
    at = 0
    while at < len(items):
        stop = at + 1
        while stop < len(items) and items[stop] not in _REACH:
            stop += 1
        fixed = "".join(items[at + 1 : stop])
        if stop < len(items) and items[stop] in _REACH.get(items[at], ()):
            yield f"(?>{items[at]}?{fixed})"
        else:
            yield items[at] + fixed
        at = stop
