"""Patterns in which ``*`` stands for any characters or none, and ``?`` for any one."""

import re


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern as a whole; capitals matter."""
    return _expression(pattern).fullmatch(text) is not None


def _expression(pattern: str) -> re.Pattern[str]:
    first, *rest = (_literal(piece) for piece in pattern.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    # Each piece is taken where it comes first, for good: a policy cannot make matching slow.
    between = "".join(f"(?>.*?{piece})" for piece in middle)
    return re.compile(f"{first}{between}.*{last}", re.DOTALL)


def _literal(piece: str) -> str:
    return "".join("." if one == "?" else re.escape(one) for one in piece)
