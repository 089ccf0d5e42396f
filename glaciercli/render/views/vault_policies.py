"""The access policy of a vault, shown and changed."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core import policies
from glaciercli.core.text import printable
from glaciercli.operations.vaults_policy import PolicyChange, ShownPolicy

Result = ShownPolicy | PolicyChange


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, ShownPolicy):
        return {"vault": result.vault, "policy": as_json(result.policy)}
    return {
        "vault": result.vault,
        "policy": as_json(result.policy),
        "before": as_json(result.before),
        "dry_run": result.dry_run,
    }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(document(result))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the one object; in a row a policy is a text."""
    yield document(result)


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    if isinstance(result, ShownPolicy):
        if result.policy is None:
            yield f"vault {result.vault} has no access policy"
            return
        yield from told(result.policy)
        yield ""
        yield from document_lines(result.policy)
        return
    would = "would be " if result.dry_run else ""
    if result.policy is None:
        removed = f"access policy of vault {result.vault} {would}removed"
        yield removed if result.before else f"vault {result.vault} has no access policy"
        yield from document_lines(result.before or "")
    else:
        deed = "replaced" if result.before else "set"
        yield f"access policy of vault {result.vault} {would}{deed}"
        yield from told(result.policy)


def told(policy: str) -> Iterator[str]:
    """Yield a policy in words, a line for each rule."""
    return (f"  {printable(line)}" for line in policies.words(policy))


def document_lines(policy: str) -> Iterator[str]:
    """Yield a policy as indented JSON."""
    return (printable(line) for line in policies.indented(policy).splitlines())


def as_json(policy: str | None) -> Any:
    """Return a policy as the document that it is; as a text where it is none."""
    try:
        return None if policy is None else json.loads(policy)
    except ValueError:
        return policy
