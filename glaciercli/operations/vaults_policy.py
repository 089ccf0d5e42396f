"""The access policy of a vault: shown, set and removed.  Locks get their policy here as well."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from glaciercli import errors
from glaciercli.core import policies, policy_presets
from glaciercli.operations.context import Context
from glaciercli.transfer import textfiles


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySource:
    """Where a policy comes from: a file, a stream, or presets."""

    path: str | None = None
    stream: BinaryIO | None = None
    presets: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPolicy:
    """The access policy of a vault, ``None`` where it has none."""

    vault: str
    policy: str | None
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """An access policy that was set or removed, or would be."""

    vault: str
    #: The new one, ``None`` where it is removed.
    policy: str | None
    #: The one before.
    before: str | None
    dry_run: bool = False
    exit_code: int = 0


def show(context: Context, vault: str) -> ShownPolicy:
    """Return the access policy of a vault."""
    return ShownPolicy(vault=vault, policy=context.service.settings.access_policy(vault))


def put(context: Context, vault: str, source: PolicySource, *, dry_run: bool) -> PolicyChange:
    """Give a vault an access policy, in place of another."""
    policy = given(context, vault, source, for_lock=False)
    before = context.service.settings.access_policy(vault)
    if not dry_run:
        context.service.settings.set_access_policy(vault, policy)
        note(context, vault, "vault policy set")
    return PolicyChange(vault=vault, policy=policy, before=before, dry_run=dry_run)


def remove(context: Context, vault: str, *, dry_run: bool) -> PolicyChange:
    """Take the access policy off a vault; where there is none, nothing is done."""
    before = context.service.settings.access_policy(vault)
    if before is not None and not dry_run:
        context.service.settings.remove_access_policy(vault)
        note(context, vault, "vault policy removed")
    return PolicyChange(vault=vault, policy=None, before=before, dry_run=dry_run)


def given(context: Context, vault: str, source: PolicySource, *, for_lock: bool) -> str:
    """Return the policy of a source, checked before anything is asked of the service.

    Raises ``BadUsage`` where it is none, or none was given.
    """
    if bool(source.presets) == (source.path is not None or source.stream is not None):
        offered = ", ".join(map(policy_presets.form, policy_presets.offered(for_lock=for_lock)))
        raise errors.BadUsage(
            "a policy comes from a file, from standard input (-), or from presets",
            hint=f"--preset, once or more often: {offered}",
        )
    if source.presets:
        arn = context.service.describe_vault(vault).arn
        return policy_presets.document(source.presets, vault_arn=arn, for_lock=for_lock)
    text = textfiles.small(source.path, source.stream, most_bytes=policies.MOST_BYTES)
    policies.check(text, source="standard input" if source.path is None else f'"{source.path}"')
    return text


def note(context: Context, name: str, event: str, detail: str = "") -> None:
    """Write into the journal what was done to a vault as a whole."""
    # Remembered rather than reached, which would tell of the lock that this may be about.
    vault = context.remember(context.service.describe_vault(name))
    context.key_map.journal.write(
        event, at=context.clock.now(), vault_key=vault.key, name=name, detail=detail
    )
