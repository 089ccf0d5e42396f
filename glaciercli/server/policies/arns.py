"""ARNs in policies: six parts between colons, each of which may hold wildcards."""

from glaciercli.core import wildcards
from glaciercli.server.policies.problem import PolicyProblem

_PARTS = 6


def check_pattern(pattern: str) -> None:
    """Refuse what is neither ``*`` nor of the form of an ARN."""
    if pattern != "*" and not is_arn(pattern):
        raise PolicyProblem(f"not an ARN: {pattern}")


def is_arn(text: str) -> bool:
    """Tell whether a text has the six parts of an ARN."""
    parts = _split(text)
    return len(parts) == _PARTS and parts[0] == "arn"


def matches(pattern: str, arn: str) -> bool:
    """Tell whether an ARN fits a pattern, part by part: a wildcard does not reach over a colon."""
    if pattern == "*":
        return True
    wanted, found = _split(pattern), _split(arn)
    return len(wanted) == len(found) and all(map(wildcards.matches, wanted, found))


def _split(arn: str) -> list[str]:
    # The last part may hold colons itself.
    return arn.split(":", _PARTS - 1)
