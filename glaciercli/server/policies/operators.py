"""The condition operators: how a wanted value is compared with a found one.

Rules: "IAM JSON policy elements: Condition operators" in the IAM user guide.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Any

from glaciercli.core import wildcards
from glaciercli.server import times
from glaciercli.server.policies import arns

#: Reads a value as what an operator compares; ``None`` where it is no such thing.
Reader = Callable[[str], Any]

#: Compares a found value with a wanted one, both read.
Comparison = Callable[[Any, Any], bool]

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_SECONDS = re.compile(r"[0-9]{1,11}")


class Family(Enum):
    """What an operator compares."""

    STRING = auto()
    NUMERIC = auto()
    DATE = auto()
    BOOL = auto()
    ARN = auto()
    PRESENCE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One operator; a negated one holds where its comparison does not."""

    family: Family
    comparison: Comparison
    negated: bool = False

    def understands(self, wanted: str) -> bool:
        """Tell whether a policy may want this value."""
        return _READERS[self.family](wanted) is not None

    def holds(self, found: str, wanted: tuple[str, ...]) -> bool:
        """Tell whether a found value stands to the wanted ones as the operator says."""
        read = _READERS[self.family]
        value = read(found)
        return self.negated != (
            value is not None and any(self.comparison(value, read(one)) for one in wanted)
        )


def _string(text: str) -> str:
    return text


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _date(text: str) -> int | None:
    return int(text) * 1000 if _SECONDS.fullmatch(text) else times.parse_iso(text)


def _truth(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _arn(text: str) -> str | None:
    return text if text == "*" or arns.is_arn(text) else None


_READERS: dict[Family, Reader] = {
    Family.STRING: _string,
    Family.NUMERIC: _number,
    Family.DATE: _date,
    Family.BOOL: _truth,
    Family.ARN: _arn,
    Family.PRESENCE: _truth,
}


def _same_letters(found: str, wanted: str) -> bool:
    return found.casefold() == wanted.casefold()


def _like(found: str, wanted: str) -> bool:
    return wildcards.matches(wanted, found)


def _like_arn(found: str, wanted: str) -> bool:
    return arns.matches(wanted, found)


def _with_opposite(family: Family, name: str, comparison: Comparison) -> dict[str, Operator]:
    kind = family.name.capitalize()
    return {
        f"{kind}{name}": Operator(family=family, comparison=comparison),
        f"{kind}Not{name}": Operator(family=family, comparison=comparison, negated=True),
    }


def _ordered(family: Family) -> dict[str, Operator]:
    comparisons: dict[str, Comparison] = {
        "LessThan": operator.lt,
        "LessThanEquals": operator.le,
        "GreaterThan": operator.gt,
        "GreaterThanEquals": operator.ge,
    }
    kind = family.name.capitalize()
    ordered = {
        f"{kind}{name}": Operator(family=family, comparison=comparison)
        for name, comparison in comparisons.items()
    }
    return ordered | _with_opposite(family, "Equals", operator.eq)


OPERATORS = {
    **_with_opposite(Family.STRING, "Equals", operator.eq),
    **_with_opposite(Family.STRING, "EqualsIgnoreCase", _same_letters),
    **_with_opposite(Family.STRING, "Like", _like),
    # The guide says that these two behave identically.
    **_with_opposite(Family.ARN, "Equals", _like_arn),
    **_with_opposite(Family.ARN, "Like", _like_arn),
    **_ordered(Family.NUMERIC),
    **_ordered(Family.DATE),
    "Bool": Operator(family=Family.BOOL, comparison=operator.eq),
    "Null": Operator(family=Family.PRESENCE, comparison=operator.eq),
}
