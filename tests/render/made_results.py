"""Results of every kind, made from the types of their members."""

import dataclasses
import inspect
import types
import typing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from glaciercli.core.pricing import UNITS
from glaciercli.core.pricing_quote import Quote
from glaciercli.errors import GlacierCliError
from glaciercli.model.jobs import Tier

#: How often to turn: then every member of every enumeration had its turn.
TURNS = 12

_NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

_SIMPLE: dict[Any, Callable[[int], Any]] = {
    str: lambda turn: f"text {turn}",
    int: lambda turn: turn,
    bool: lambda turn: bool(turn % 2),
    bytes: lambda turn: bytes([turn]) * 32,
    datetime: lambda turn: _NOW + timedelta(days=turn),
    timedelta: lambda turn: timedelta(days=turn),
    Decimal: lambda turn: Decimal(turn) / 8,
    Fraction: lambda turn: Fraction(turn, 7),
    Any: lambda turn: f"any {turn}",
    GlacierCliError: lambda turn: GlacierCliError("text", hint=None if turn % 2 else "a hint"),
    # One for each tier, always.
    tuple[Quote, ...]: lambda turn: tuple(
        dataclasses.replace(made(Quote, turn), tier=tier) for tier in Tier
    ),
}


#: Texts of which there are only some: of a class and a member.
_WORDS: dict[tuple[str, str], Sequence[str]] = {
    ("Price", "item"): sorted(UNITS),
    ("Choice", "source"): ("command line", "environment", "file", "aws", "default"),
    ("InventoryWait", "status"): ("requested", "pending"),
    ("RecoverWait", "waiting_for"): ("inventory", "retrieval"),
    ("VaultChange", "deed"): ("created", "deleted"),
}


def made(kind: Any, turn: int) -> Any:
    """Return a value of a type: another one on each turn, ``None`` on odd ones where it may be."""
    if kind in _SIMPLE:
        return _SIMPLE[kind](turn)
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        return _one_of(parts, turn)
    if origin is not None:
        return _container(origin, parts, turn)
    if issubclass(kind, Enum):
        return list(kind)[turn % len(kind)]
    hints = typing.get_type_hints(kind if dataclasses.is_dataclass(kind) else kind.__init__)
    members = [name for name in inspect.signature(kind).parameters if name in hints]
    return kind(**{name: _member(kind, name, hints[name], turn) for name in members})


def _member(owner: type, name: str, kind: Any, turn: int) -> Any:
    words = _WORDS.get((owner.__name__, name))
    return made(kind, turn) if words is None else words[turn % len(words)]


def _one_of(parts: Sequence[Any], turn: int) -> Any:
    if type(None) in parts and turn % 2:
        return None
    chosen = [one for one in parts if one is not type(None)]
    return made(chosen[turn // 2 % len(chosen)], turn)


def _container(origin: Any, parts: Sequence[Any], turn: int) -> Any:
    """Return a container with one thing in it, on the first turn with none."""
    if origin in {Counter, dict, Mapping}:
        values = parts[1] if len(parts) > 1 else int
        return _mapping_of(origin)({key: made(values, turn) for key in _keys(parts[0], turn)})
    if origin is tuple and parts[-1] is not Ellipsis:
        return tuple(made(one, turn) for one in parts)
    found = [made(parts[0], turn)] if turn else []
    if origin in {Iterable, Iterator}:
        return iter(found)
    return tuple(found) if origin is tuple else found


def _keys(kind: Any, turn: int) -> Iterable[Any]:
    """Return the keys of a mapping: all that there are, where they can be counted."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    return [made(kind, turn)] if turn else []


def _mapping_of(origin: Any) -> Any:
    """Return what makes a mapping of some kind."""
    return Counter if origin is Counter else dict
