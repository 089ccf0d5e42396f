"""JSON bodies: read whatever their ``Content-Type`` says, and taken apart member by member.

A member that is ``null`` counts as absent.  What is no JSON, or has a member of another type than
the operation takes, is a ``SerializationException``; what a member means is for handlers to judge.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from glaciercli.server.wire import ErrorCode, WireError, missing


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object, whose members are asked for by name and type."""

    members: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """Return a member of any type, ``None`` where it is absent."""
        return self.members.get(name)

    def text(self, name: str) -> str | None:
        """Return a string; an empty one counts as absent."""
        value = self.get(name)
        return (as_text(value, name) or None) if value is not None else None

    def required_text(self, name: str) -> str:
        """Return a string; refuse the call where there is none."""
        value = self.text(name)
        if value is None:
            raise missing(name)
        return value

    def part(self, name: str) -> Self | None:
        """Return an object inside this one, ``None`` where it is absent."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise not_serialised(f"{name} must be a JSON object.")
        return type(self)(value)

    def items(self, name: str) -> tuple[Any, ...] | None:
        """Return the elements of a list, of any type, ``None`` where the list is absent."""
        value = self.get(name)
        if value is not None and not isinstance(value, list):
            raise not_serialised(f"{name} must be a JSON list.")
        return None if value is None else tuple(value)


def parse(body: bytes) -> Document:
    """Return the object that a body spells; of members with one name the last one counts."""
    try:
        found = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise not_serialised("The request body is not valid JSON.") from error
    if not isinstance(found, dict):
        raise not_serialised("The request body must be a JSON object.")
    return Document(found)


def as_text(value: Any, name: str) -> str:
    """Return a value that has to be a string; refuse one that is none."""
    if not isinstance(value, str) or not _is_text(value):
        raise not_serialised(f"{name} must be a string.")
    return value


def not_serialised(message: str) -> WireError:
    """Return the refusal of a body of the wrong form."""
    return WireError(ErrorCode.SERIALIZATION, message)


def _refuse_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, although JSON has no such numbers.
    raise ValueError(name)


def _is_text(value: str) -> bool:
    # JSON can spell halves of characters, which nothing can store or send back.
    return not any("\ud800" <= one <= "\udfff" for one in value)
