"""The ``Condition`` of a statement: tests of the circumstances, all of which must hold.

Rules: "IAM JSON policy elements: Condition" and "Set operators for multivalued context keys" in
the IAM user guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from glaciercli.server.policies import keys
from glaciercli.server.policies.operators import OPERATORS, Family, Operator
from glaciercli.server.policies.problem import PolicyProblem

_IF_EXISTS = "IfExists"


class Quantifier(Enum):
    """Which of a key's values must pass."""

    PLAIN = ""
    ANY = "ForAnyValue:"
    ALL = "ForAllValues:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A test of one key."""

    key: str
    operator: Operator
    wanted: tuple[str, ...]
    quantifier: Quantifier
    if_exists: bool

    def holds(self, context: Mapping[str, tuple[str, ...]]) -> bool:
        """Tell whether the circumstances pass the test."""
        found = context.get(self.key, ())
        if self.operator.family is Family.PRESENCE:
            return self.operator.holds(str(not found), self.wanted)
        if not found:
            return self._holds_without_value()
        results = [self.operator.holds(one, self.wanted) for one in found]
        # Only tags have several values, where two keys differ in capitals: one is enough.
        return all(results) if self.quantifier is Quantifier.ALL else any(results)

    def _holds_without_value(self) -> bool:
        if self.if_exists or self.quantifier is Quantifier.ALL:
            return True
        return self.operator.negated and self.quantifier is Quantifier.PLAIN


def parse(value: Any) -> tuple[Condition, ...]:
    """Return the tests of an element; refuse operators, keys and values that are not known."""
    if not isinstance(value, dict):
        raise PolicyProblem("Condition must be an object")
    return tuple(
        _condition(name, key, wanted)
        for name, tests in value.items()
        for key, wanted in _tests(tests).items()
    )


def _tests(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise PolicyProblem("a condition operator must have an object with keys")
    return value


def _condition(name: str, key: str, wanted: Any) -> Condition:
    quantifier = next(one for one in reversed(Quantifier) if name.startswith(one.value))
    bare = name.removeprefix(quantifier.value)
    operator = OPERATORS.get(bare.removesuffix(_IF_EXISTS))
    if operator is None or (operator.family is Family.PRESENCE and name != "Null"):
        raise PolicyProblem(f"unknown condition operator: {name}")
    if operator.family not in keys.families(key.lower()):
        raise PolicyProblem(f"unknown condition key for {name}: {key}")
    return Condition(
        key=key.lower(),
        operator=operator,
        wanted=_wanted(operator, wanted),
        quantifier=quantifier,
        if_exists=bare.endswith(_IF_EXISTS),
    )


def _wanted(operator: Operator, value: Any) -> tuple[str, ...]:
    values = tuple(map(_text, value if isinstance(value, list) else [value]))
    if not values:
        raise PolicyProblem("a condition needs a value")
    for one in values:
        if "${" in one:
            raise PolicyProblem(f"policy variables are not supported: {one}")
        if not operator.understands(one):
            raise PolicyProblem(f"not a value for this operator: {one}")
    return values


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise PolicyProblem("a condition's value must be a string, a number or a boolean")
    return str(value)
