"""Statements of a policy, and whether they deny a request."""

from dataclasses import dataclass

from glaciercli.core import wildcards
from glaciercli.server.policies import arns, principals
from glaciercli.server.policies.conditions import Condition
from glaciercli.server.policies.requests import Caller, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """An element and its opposite, such as ``Action`` and ``NotAction``: names or patterns."""

    patterns: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One rule: what it does, and to whom, what, where and when."""

    denies: bool
    principals: Names
    actions: Names
    resources: Names
    conditions: tuple[Condition, ...]

    def applies(self, request: Request) -> bool:
        """Tell whether the rule is about a request."""
        return (
            self.concerns_caller(request.caller)
            and self.concerns_action(request.action)
            and self.concerns_resource(request.resource)
            and all(condition.holds(request.context) for condition in self.conditions)
        )

    def concerns_caller(self, caller: Caller) -> bool:
        """Tell whether the rule is about a caller."""
        included = principals.include(self.principals.patterns, caller)
        return included != self.principals.negated

    def concerns_action(self, action: str) -> bool:
        """Tell whether the rule is about an action; capitals do not matter."""
        wanted = action.lower()
        listed = any(wildcards.matches(one.lower(), wanted) for one in self.actions.patterns)
        return listed != self.actions.negated

    def concerns_resource(self, arn: str) -> bool:
        """Tell whether the rule is about a resource."""
        listed = any(arns.matches(one, arn) for one in self.resources.patterns)
        return listed != self.resources.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of a document."""

    statements: tuple[Statement, ...]

    def denies(self, request: Request) -> bool:
        """Tell whether a rule denies a request; no other rule can take that back."""
        return any(one.denies and one.applies(request) for one in self.statements)

    def concerns(self, arn: str) -> bool:
        """Tell whether every rule is about a resource."""
        return all(one.concerns_resource(arn) for one in self.statements)
