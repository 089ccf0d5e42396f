"""What a vault's lock or access policy forbids, found out before a plan of days is begun.

Rules: "Policy evaluation logic" in the IAM user guide: a denial that applies is never overridden.
What a policy allows is not looked at, since an identity's own policies may allow it too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from glaciercli.core import policies, wildcards
from glaciercli.core.policies import Condition, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A rule that forbids an action."""

    #: The rule in words.
    sentence: str
    #: It is about archives younger than that; ``None`` means all.
    younger_than: timedelta | None
    #: Whether it surely applies: to whoever asks, whatever else holds.
    certain: bool


def denials(policy: str, action: str, *, account: str, tags: Mapping[str, str]) -> Iterator[Denial]:
    """Yield the rules of a policy that forbid an action such as ``DeleteArchive``.

    ``tags`` are those of the vault, ``account`` is the one that it belongs to.
    """
    for one in policies.statements(policy):
        if one.denies and _names(one, action):
            found = _denial(one, account, tags)
            if found is not None:
                yield found


def asks_for_tags(policy: str) -> bool:
    """Tell whether what a policy forbids depends on the tags of the vault."""
    return any(
        _tag_of(condition) is not None
        for one in policies.statements(policy)
        for condition in one.conditions
    )


def _denial(one: Statement, account: str, tags: Mapping[str, str]) -> Denial | None:
    """Return what a statement forbids; ``None`` where a condition surely does not hold."""
    younger_than, certain = None, _is_about_everybody(one, account)
    for condition in one.conditions:
        days = _least_days(condition)
        holds = _holds(condition, tags)
        if days is not None:
            younger_than = days if younger_than is None else min(days, younger_than)
        elif holds is False:
            return None
        elif holds is None:
            certain = False
    return Denial(sentence=policies.sentence(one), younger_than=younger_than, certain=certain)


def _names(one: Statement, action: str) -> bool:
    wanted = f"glacier:{action}".lower()
    listed = any(wildcards.matches(pattern.lower(), wanted) for pattern in one.actions)
    return listed != one.other_actions


def _is_about_everybody(one: Statement, account: str) -> bool:
    """Tell whether a statement is about everybody, at least in the account."""
    whole = re.compile(rf"\*|{account}|arn:aws[a-z-]*:iam::{account}:root")
    return not one.other_principals and any(whole.fullmatch(name) for name in one.principals)


def _least_days(condition: Condition) -> timedelta | None:
    """Return the age from which a condition about age no longer holds."""
    if not policies.is_age(condition) or len(condition.wanted) != 1:
        return None
    try:
        days = float(condition.wanted[0])
    except ValueError:
        return None
    match condition.operator:
        case "NumericLessThan":
            return timedelta(days=days)
        case "NumericLessThanEquals":
            return timedelta(days=days + 1)
    return None


def _holds(condition: Condition, tags: Mapping[str, str]) -> bool | None:
    """Tell whether a condition about a tag holds; ``None`` for what cannot be told here."""
    key = _tag_of(condition)
    if key is None or condition.operator not in {"StringEquals", "StringLike"}:
        return None
    if key not in tags:
        return False
    if condition.operator == "StringEquals":
        return tags[key] in condition.wanted
    return any(wildcards.matches(pattern, tags[key]) for pattern in condition.wanted)


def _tag_of(condition: Condition) -> str | None:
    prefix, slash, key = condition.key.partition("/")
    return key if slash and prefix.lower() == "glacier:resourcetag" else None
