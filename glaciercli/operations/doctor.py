"""A look over everything: this machine, the credentials, the service, and each vault.

Nothing is changed, and nothing that fails ends it: each failure is a finding with what to do.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from glaciercli import errors
from glaciercli.core import diagnosis, lock_window
from glaciercli.core.denials import denials
from glaciercli.core.permissions import OF_THE_ACCOUNT, needed
from glaciercli.core.retrieval_plan import expires_at, is_ready
from glaciercli.model.archives import ArchiveState
from glaciercli.model.diagnosis import Finding, Status, Verdict
from glaciercli.model.jobs import JobAction
from glaciercli.model.vault_descriptions import Vault
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import jobs, key_map_check
from glaciercli.operations.context import Context
from glaciercli.reporting import Reporter
from glaciercli.transfer.files import free_bytes

#: How many vaults are looked at where none is named.
_MOST_VAULTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Everything that was found."""

    findings: Sequence[Finding]

    @property
    def exit_code(self) -> int:
        """1 where something does not work."""
        return int(any(one.status is Status.PROBLEM for one in self.findings))

    def count(self, status: Status) -> int:
        """Return how many findings are just so bad."""
        return sum(one.status is status for one in self.findings)


def run(
    path: str, begin: Callable[[], Context], reporter: Reporter, *, vaults: Sequence[str]
) -> Diagnosis:
    """Look everything over; for vaults that are named, or for all.

    ``path`` is the key map's, which is looked at before ``begin`` opens it.
    """
    findings = list(_machine(path, reporter))
    try:
        context = begin()
    except errors.GlacierCliError as error:
        told = _failed("key_map", error)
        findings.extend([] if told in findings else [told])
    else:
        findings.extend(_as_far_as_possible(_beyond(context, vaults)))
    return Diagnosis(findings=findings)


def _as_far_as_possible(looked: Iterator[Finding]) -> Iterator[Finding]:
    """Yield what is found until the key map fails, and that; the rest needs it."""
    try:
        yield from looked
    except (errors.KeyMapDamaged, errors.FileProblem) as error:
        yield _failed("key_map", error)


def _machine(path: str, reporter: Reporter) -> Iterator[Finding]:
    yield from _key_map(path, reporter)
    place = os.path.dirname(path) or "."
    if os.path.isdir(place):
        yield diagnosis.disk(place, free_bytes(place))


def _key_map(path: str, reporter: Reporter) -> Iterator[Finding]:
    if not os.path.exists(path):
        message = f"there is no key map {path} yet: the first command that needs one makes it"
        yield Finding(check="key_map", status=Status.NOTE, message=message)
        return
    try:
        report = key_map_check.run(path, full=False, reporter=reporter)
    except errors.GlacierCliError as error:
        yield _failed("key_map", error)
        return
    for one in report.findings:
        message = f"key map {path}: {one.what}: {one.count:,}"
        yield Finding(check="key_map", status=Status.PROBLEM, message=message, advice=one.advice)
    if not report.findings:
        message = f"the key map {path} is sound"
        yield Finding(check="key_map", status=Status.OK, message=message)


def _beyond(context: Context, vaults: Sequence[str]) -> Iterator[Finding]:
    try:
        examiner = context.service.examiner
        yield diagnosis.caller(examiner.caller())
    except errors.GlacierCliError as error:
        yield _failed("credentials", error)
        return
    contact = examiner.contact()
    yield from diagnosis.contact(contact, now=context.clock.now())
    if contact.problem is None:
        yield from _far_side(context, vaults)
    else:
        # Who may not list the vaults may still use one that is named.
        yield from _vaults(context, vaults)


def _far_side(context: Context, vaults: Sequence[str]) -> Iterator[Finding]:
    names = list(vaults)
    if not names:
        try:
            listed = [one.name for one in context.service.list_vaults()]
        except errors.GlacierCliError as error:
            yield _failed("vaults", error)
            return
        names = listed[:_MOST_VAULTS]
        if len(listed) > len(names):
            message = f"{len(names)} of {len(listed):,} vaults are looked at: name the others"
            yield Finding(check="vaults", status=Status.NOTE, message=message)
    yield from _vaults(context, names)
    if not names:
        yield from _permissions(context, None)


def _vaults(context: Context, names: Sequence[str]) -> Iterator[Finding]:
    for index, name in enumerate(names):
        try:
            vault = context.service.describe_vault(name)
        except errors.GlacierCliError as error:
            yield _failed("vault", error)
            continue
        known = context.remember(vault)
        yield from _vault(context, vault, known)
        # What is allowed is much the same everywhere: the first one, and those that are few.
        if index == 0:
            yield from _permissions(context, vault)


def _vault(context: Context, vault: Vault, known: KnownVault) -> Iterator[Finding]:
    now, newest = context.clock.now(), context.key_map.inventories.newest(known.key)
    yield diagnosis.inventory(
        vault.name,
        last_at=vault.last_inventory_at,
        known_at=newest.inventory_date if newest else None,
        now=now,
    )
    lost = sum(1 for _ in context.key_map.archives.in_state(known, ArchiveState.UNSETTLED))
    yield from diagnosis.unsettled(vault.name, lost)
    yield from _lock(context, vault, known)
    for look in (_uploads, _jobs):
        try:
            yield look(context, vault, known)
        except errors.GlacierCliError as error:
            yield _failed(look.__name__.strip("_"), error)


def _lock(context: Context, vault: Vault, known: KnownVault) -> Iterator[Finding]:
    end = _lock_end(context, vault, known)
    if end is not None:
        yield Finding(
            check="lock",
            status=Status.WARNING,
            message=f"the lock of vault {vault.name} ends by itself at {end:%Y-%m-%d %H:%MZ}",
            advice=f"glaciercli vault lock complete {vault.name}, or abort",
        )


def _lock_end(context: Context, vault: Vault, known: KnownVault) -> datetime | None:
    """Return until when a lock is in progress; where the service does not say, the journal does."""
    try:
        lock = context.service.settings.lock(vault.name)
    except errors.GlacierCliError:
        history = ((one.event, one.at) for one in context.key_map.journal.milestones(known.key))
        return lock_window.open_until(history, now=context.clock.now())
    return None if lock is None else lock.expires_at


def _uploads(context: Context, vault: Vault, known: KnownVault) -> Finding:
    ours = {one.upload_id for one in context.key_map.uploads.under_way(known.key)}
    begun = {
        one.upload_id: one.created_at
        for one in context.service.list_uploads(vault.name)
        if one.upload_id not in ours
    }
    return diagnosis.orphans(vault.name, begun, now=context.clock.now())


def _jobs(context: Context, vault: Vault, known: KnownVault) -> Finding:
    now = context.clock.now()
    expires = {
        job.job_id or "": expires_at(job, now=now)
        for job in jobs.refresh(context, known)
        if is_ready(job) and job.action is JobAction.RETRIEVAL
    }
    return diagnosis.expiring(vault.name, expires, now=now)


def _permissions(context: Context, vault: Vault | None) -> Iterator[Finding]:
    """Yield what a try of each operation that some command needs shows."""
    policies = [] if vault is None else _policies(context, vault.name)
    for operation in needed():
        bound = operation not in OF_THE_ACCOUNT
        if bound and vault is None:
            continue
        where = f"vault {vault.name}" if bound and vault is not None else "the account"
        verdict = context.service.examiner.attempt(operation, vault.name if vault else None)
        if vault is not None and bound and _forbidden(policies, operation, vault):
            verdict = Verdict.DENIED
        yield diagnosis.permission(operation, verdict, where)


def _policies(context: Context, name: str) -> list[str]:
    try:
        lock = context.service.settings.lock(name)
        policy = context.service.settings.access_policy(name)
    except errors.GlacierCliError:
        return []
    return [one for one in (lock and lock.policy, policy) if one]


def _forbidden(policies: Sequence[str], operation: str, vault: Vault) -> bool:
    """Tell whether a policy of the vault surely denies an operation, whatever it is about."""
    return any(
        one.certain and one.younger_than is None
        for policy in policies
        for one in denials(policy, operation, account=vault.account, tags={})
    )


def _failed(check: str, error: errors.GlacierCliError) -> Finding:
    return Finding(check=check, status=Status.PROBLEM, message=error.message, advice=error.hint)
