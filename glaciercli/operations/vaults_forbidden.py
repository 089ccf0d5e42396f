"""Whether a vault's lock or access policy forbids what is planned, told on the first day."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from glaciercli import errors
from glaciercli.core.denials import Denial, asks_for_tags, denials
from glaciercli.model.vault_descriptions import Vault
from glaciercli.model.vault_settings import VaultLock
from glaciercli.operations.context import Context
from glaciercli.reporting import Notice

#: What asking for a policy may end with, so that its rules stay unknown.
_UNTOLD = (errors.CredentialsRefused, errors.InvalidRequest, errors.RefusedByService)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A policy of a vault, what it is, and how one gets rid of it."""

    policy: str
    what: str
    way_out: str


def check(
    context: Context,
    vault: Vault,
    *,
    deletes_archives: bool,
    youngest: Callable[[], datetime | None],
) -> None:
    """Make sure that no rule surely forbids to delete a vault's archives and the vault.

    ``youngest`` tells when the youngest archive was stored, as far as anybody knows.  Raises
    ``RefusedByService`` with what forbids it and until when.
    """
    for rules in _rules(context, vault.name):
        tags = _tags(context, vault.name, rules)
        for action in ("DeleteArchive", "DeleteVault"):
            if action == "DeleteArchive" and not deletes_archives:
                continue
            for one in denials(rules.policy, action, account=vault.account, tags=tags):
                _judge(context, vault, rules, one, youngest)


def _judge(
    context: Context,
    vault: Vault,
    rules: Rules,
    one: Denial,
    youngest: Callable[[], datetime | None],
) -> None:
    """Raise where a rule surely forbids it, warn where it may."""
    until = None
    if one.younger_than is not None:
        # No archive is older than its vault.
        until = (youngest() or vault.created_at) + one.younger_than
        if until <= context.clock.now():
            return
    if not one.certain:
        context.reporter.report(
            Notice(message=f"the {rules.what} of vault {vault.name} may forbid it: {one.sentence}")
        )
        return
    when = "" if until is None else f", until {until:%Y-%m-%d %H:%MZ} for the youngest archive"
    raise errors.RefusedByService(
        f'the {rules.what} of vault "{vault.name}" forbids it{when}: {one.sentence}',
        hint=rules.way_out if until is None else f"{rules.way_out}; or run the same line then",
    )


def _rules(context: Context, name: str) -> Iterator[Rules]:
    settings = context.service.settings
    try:
        lock = settings.lock(name)
        policy = settings.access_policy(name)
    except _UNTOLD as error:
        context.reporter.report(
            Notice(
                message=f"whether the policies of vault {name} allow it cannot be told: "
                f"{error.message}"
            )
        )
        return
    if lock is not None:
        yield Rules(policy=lock.policy, what="lock", way_out=_way_out(name, lock))
    if policy is not None:
        way_out = f"glaciercli vault policy remove {name} takes it off"
        yield Rules(policy=policy, what="access policy", way_out=way_out)


def _way_out(name: str, lock: VaultLock) -> str:
    if lock.expires_at is None:
        return "nobody can take a completed lock back"
    return f"glaciercli vault lock abort {name} takes it back"


def _tags(context: Context, name: str, rules: Rules) -> Mapping[str, str]:
    return context.service.settings.tags(name) if asks_for_tags(rules.policy) else {}
