"""A request as policies see it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: an ARN, and the account that it belongs to."""

    arn: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks for what, and under which circumstances."""

    caller: Caller
    #: With its prefix: ``glacier:DeleteArchive``.
    action: str
    resource: str
    #: Values by condition key, the keys in lower case; a key that does not apply is absent.
    context: Mapping[str, tuple[str, ...]]
