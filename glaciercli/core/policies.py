"""Policy documents as text: checked before they are sent, and told in words.

Rules: "Grammar of the IAM JSON policy language" in the IAM user guide, and "Vault Access Policies"
in the Amazon Glacier developer guide.  Only the shape is checked here: the service has the last
word on what it takes.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from glaciercli import errors

#: The longest policy that a vault takes, in bytes.
MOST_BYTES = 20 * 1024

_EFFECTS = ("Allow", "Deny")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition of a statement: it holds where the key's value passes the operator."""

    operator: str
    key: str
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One rule of a policy, as far as it can be told."""

    denies: bool
    #: ARNs, account numbers, or ``*``; with ``others`` all but these.
    principals: tuple[str, ...]
    other_principals: bool
    actions: tuple[str, ...]
    #: Whether the actions are all but these.
    other_actions: bool
    conditions: tuple[Condition, ...] = field(default=())


def check(text: str, *, source: str) -> None:
    """Make sure that a text is a policy document.

    Raises ``BadUsage`` with the line and the column where it is no JSON, and with what is missing
    where it is no policy; ``source`` names the text.
    """
    size = len(text.encode())
    if size > MOST_BYTES:
        raise errors.BadUsage(
            f"{source} has {size:,} bytes, and a policy may have {MOST_BYTES:,}",
            hint="join statements, or leave out blanks",
        )
    rules = _listed(_document(text, source).get("Statement"))
    found = map(_problem, rules) if rules else iter(["it has no statement"])
    for problem in found:
        if problem is not None:
            raise errors.BadUsage(f"{source} is no policy: {problem}", hint=_HINT)


_HINT = "glaciercli vault policy show prints one; --preset makes one"


def statements(text: str) -> list[Statement]:
    """Return the rules of a policy that the service holds; what cannot be read is left out."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    found = document.get("Statement") if isinstance(document, dict) else None
    return [_statement(one) for one in _listed(found) if _problem(one) is None]


def indented(text: str) -> str:
    """Return a policy with a line for each member; what is no JSON comes out as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def words(text: str) -> Iterator[str]:
    """Yield a line for each rule of a policy."""
    found = statements(text)
    yield from map(sentence, found)
    if not found:
        yield "it has no rule that can be read"


def sentence(one: Statement) -> str:
    """Return a rule in words, such as ``deny everybody DeleteArchive, where ...``."""
    verb = "deny" if one.denies else "allow"
    whom = _joined(map(_whom, one.principals))
    if one.other_principals:
        whom = f"all but {whom}"
    what = _joined(action.removeprefix("glacier:") for action in one.actions)
    if what == "*":
        what = "everything"
    if one.other_actions:
        what = f"everything but {what}"
    return ", where ".join((f"{verb} {whom} {what}", *map(_told, one.conditions)))


def _document(text: str, source: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise errors.BadUsage(
            f"{source}, line {error.lineno}, column {error.colno}: {_lowered(error.msg)}",
            hint="a policy is a JSON document; nothing was sent",
        ) from error
    except (ValueError, RecursionError) as error:
        raise errors.BadUsage(f"{source} is no policy: {error}", hint=_HINT) from error
    if not isinstance(value, dict) or "Statement" not in value:
        raise errors.BadUsage(f'{source} is no policy: it has no "Statement"', hint=_HINT)
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            # JSON takes the last one and says nothing: a rule would be lost.
            message = f'"{name}" stands twice in one object'
            raise ValueError(message)
        made[name] = value
    return made


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _problem(statement: Any) -> str | None:
    """Return what keeps a statement from being one."""
    if not isinstance(statement, dict):
        return "a statement must be an object"
    if statement.get("Effect") not in _EFFECTS:
        return 'the "Effect" of each statement must be "Allow" or "Deny"'
    for name in ("Action", "Principal", "Resource"):
        if name not in statement and f"Not{name}" not in statement:
            return f'a statement has no "{name}"'
    return None


def _statement(rule: dict[str, Any]) -> Statement:
    return Statement(
        denies=rule["Effect"] == "Deny",
        principals=tuple(_principals(rule.get("Principal", rule.get("NotPrincipal")))),
        other_principals="Principal" not in rule,
        actions=tuple(map(str, _listed(rule.get("Action", rule.get("NotAction"))))),
        other_actions="Action" not in rule,
        conditions=tuple(_conditions(rule.get("Condition"))),
    )


def _principals(value: Any) -> Iterator[str]:
    kinds = value.values() if isinstance(value, dict) else [value]
    for names in kinds:
        yield from map(str, _listed(names))


def _conditions(value: Any) -> Iterator[Condition]:
    for operator, keys in value.items() if isinstance(value, dict) else ():
        for key, wanted in keys.items() if isinstance(keys, dict) else ():
            # As JSON writes it: "true" and not "True".
            texts = [one if isinstance(one, str) else json.dumps(one) for one in _listed(wanted)]
            yield Condition(operator=operator, key=key, wanted=tuple(texts))


def _joined(names: Iterable[str]) -> str:
    listed = list(names)
    return (
        " and ".join((", ".join(listed[:-1]), listed[-1])) if len(listed) > 1 else "".join(listed)
    )


def _whom(principal: str) -> str:
    return "everybody" if principal == "*" else principal


#: The operators that have a word of their own.
_OPERATORS = {
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than",
    "NumericGreaterThanEquals": "is at least",
    "NumericEquals": "is",
    "StringEquals": "is",
    "StringLike": "is like",
    "StringNotEquals": "is not",
    "StringNotLike": "is not like",
    "Bool": "is",
}


def _told(test: Condition) -> str:
    verb = _OPERATORS.get(test.operator, test.operator)
    wanted = " or ".join(one or "empty" for one in test.wanted)
    if is_age(test):
        return f"the archive's age in days {verb} {wanted}"
    return f"{test.key} {verb} {wanted}"


def is_age(test: Condition) -> bool:
    """Tell whether a condition is about the age of the archive; capitals do not matter."""
    return test.key.lower() == "glacier:archiveageindays"
