"""The ``Principal`` of a statement: whom it is about.

Rules: "AWS JSON policy elements: Principal" in the IAM user guide.
"""

import re
from typing import Any

from glaciercli.server.policies.problem import PolicyProblem
from glaciercli.server.policies.requests import Caller

ANYBODY = "*"

_ACCOUNT = re.compile(r"[0-9]{12}")
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):root")
_ARN = re.compile(r"arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[^*?]+")

#: Identities that are never the one caller of this service, which signs with an account's key.
_NEVER_HERE = frozenset({"Federated", "Service"})


def parse(value: Any) -> tuple[str, ...]:
    """Return the AWS principals of an element; refuse one of an unknown kind."""
    if value == ANYBODY:
        return (ANYBODY,)
    if not isinstance(value, dict) or not value:
        raise PolicyProblem("a principal must be * or an object such as {'AWS': ...}")
    unknown = value.keys() - {"AWS"} - _NEVER_HERE
    if unknown:
        raise PolicyProblem(f"unknown kind of principal: {min(unknown)}")
    named = {kind: _names(names) for kind, names in value.items()}
    return tuple(map(_checked, named.get("AWS", ())))


def _names(value: Any) -> list[str]:
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise PolicyProblem("a principal must be a string or a list of strings")
    return names


def _checked(name: str) -> str:
    if name != ANYBODY and not _ACCOUNT.fullmatch(name) and not _ARN.fullmatch(name):
        raise PolicyProblem(f"not a principal: {name}")
    return name


def include(principals: tuple[str, ...], caller: Caller) -> bool:
    """Tell whether principals name a caller; an account stands for everybody in it."""
    return any(_is(name, caller) for name in principals)


def _is(name: str, caller: Caller) -> bool:
    root = _ROOT.fullmatch(name)
    account = root[1] if root else name
    return name in (ANYBODY, caller.arn) or account == caller.account
