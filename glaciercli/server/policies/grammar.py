"""Policy documents, from JSON text to rules.

Rules: "Grammar of the IAM JSON policy language" in the IAM user guide.  What is not known is
refused, never skipped, since skipping it could let a denial lapse.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from glaciercli.server.policies import actions, arns, conditions, principals
from glaciercli.server.policies.problem import PolicyProblem
from glaciercli.server.policies.statements import Names, Policy, Statement

_VERSIONS = ("2008-10-17", "2012-10-17")
_DOCUMENT = frozenset({"Id", "Statement", "Version"})
_STATEMENT = frozenset(
    {
        "Action",
        "Condition",
        "Effect",
        "NotAction",
        "NotPrincipal",
        "NotResource",
        "Principal",
        "Resource",
        "Sid",
    }
)


def parse(text: str) -> Policy:
    """Return the rules of a document; raise ``PolicyProblem`` where it is malformed."""
    document = _object(_read(text), _DOCUMENT)
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise PolicyProblem("the Version must be 2012-10-17 or 2008-10-17")
    _check_label(document, "Id")
    listed = document.get("Statement")
    rules = [_object(one, _STATEMENT) for one in (listed if isinstance(listed, list) else [listed])]
    if not rules:
        raise PolicyProblem("a policy must have a statement")
    _check_labels(rules)
    return Policy(statements=tuple(map(_statement, rules)))


def _read(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except PolicyProblem:
        raise
    except (ValueError, RecursionError) as error:
        raise PolicyProblem("the policy is not valid JSON") from error


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise PolicyProblem(f"{name} stands twice in one object")
        made[name] = value
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise PolicyProblem(f"{name} is not valid JSON")


def _object(value: Any, known: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PolicyProblem("a policy and its statements must be objects")
    unknown = value.keys() - known
    if unknown:
        raise PolicyProblem(f"unknown element: {min(unknown)}")
    return value


def _check_label(element: dict[str, Any], name: str) -> None:
    if not isinstance(element.get(name, ""), str):
        raise PolicyProblem(f"{name} must be a string")


def _check_labels(rules: list[dict[str, Any]]) -> None:
    for rule in rules:
        _check_label(rule, "Sid")
    labels = [rule["Sid"] for rule in rules if rule.get("Sid")]
    if len(labels) != len(set(labels)):
        raise PolicyProblem("no two statements may have the same Sid")


def _statement(rule: dict[str, Any]) -> Statement:
    effect = rule.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyProblem("the Effect must be Allow or Deny")
    return Statement(
        denies=effect == "Deny",
        principals=_principals(rule),
        actions=_names(rule, "Action", actions.check_pattern),
        resources=_names(rule, "Resource", _check_resource),
        conditions=conditions.parse(rule.get("Condition", {})),
    )


def _principals(rule: dict[str, Any]) -> Names:
    value, negated = _either(rule, "Principal")
    named = principals.parse(value)
    if negated and (rule["Effect"] == "Allow" or principals.ANYBODY in named):
        raise PolicyProblem("NotPrincipal must stand with Deny and must not name everybody")
    return Names(patterns=named, negated=negated)


def _names(rule: dict[str, Any], name: str, check: Callable[[str], None]) -> Names:
    value, negated = _either(rule, name)
    patterns = value if isinstance(value, list) else [value]
    if not patterns or not all(isinstance(one, str) for one in patterns):
        raise PolicyProblem(f"{name} must be a string or a list of strings")
    for one in patterns:
        check(one)
    return Names(patterns=tuple(patterns), negated=negated)


def _either(rule: dict[str, Any], name: str) -> tuple[Any, bool]:
    opposite = f"Not{name}"
    if (name in rule) == (opposite in rule):
        raise PolicyProblem(f"a statement must have one of {name} and {opposite}")
    return (rule[name], False) if name in rule else (rule[opposite], True)


def _check_resource(pattern: str) -> None:
    if "${" in pattern:
        raise PolicyProblem(f"policy variables are not supported: {pattern}")
    arns.check_pattern(pattern)
