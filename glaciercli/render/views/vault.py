"""One vault with everything about it on a screen, and changes of one."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.core import policies
from glaciercli.core.text import printable
from glaciercli.model.jobs import JobStatus
from glaciercli.operations.vaults import VaultChange
from glaciercli.operations.vaults_show import VaultDetails
from glaciercli.render import values, words
from glaciercli.render.humanise import moment
from glaciercli.render.views import vault_locks, vault_notifications, vault_policies, vaults

Result = VaultDetails | VaultChange

_STATES = {
    JobStatus.RUNNING: "in progress",
    JobStatus.SUCCEEDED: "ready",
    JobStatus.FAILED: "failed",
}


def document(result: Result) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, VaultChange):
        return {"vault": result.vault, "deed": result.deed, "dry_run": result.dry_run}
    return {
        **_flat(result),
        "tags": dict(result.tags),
        "policy": vault_policies.as_json(result.policy),
        "lock": vault_locks.lock_document(result.lock),
        "notifications": vault_notifications.notifications_document(result.notifications),
        "hidden": [{"what": one.what, "error": one.error.message} for one in result.hidden],
    }


def columns(result: Result) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(document(result) if isinstance(result, VaultChange) else _flat(result))


def items(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the one object; for a vault, without what lies within it."""
    yield document(result) if isinstance(result, VaultChange) else _flat(result)


def lines(result: Result) -> Iterator[str]:
    """Yield what there is to say."""
    if isinstance(result, VaultChange):
        would = "would be " if result.dry_run else ""
        yield f"vault {result.vault} {would}{result.deed}"
        return
    vault = result.vault
    yield f"vault           {vault.name}"
    yield f"arn             {vault.arn}"
    yield f"created         {moment(vault.created_at)}"
    yield f"last inventory  {moment(vault.last_inventory_at)}"
    yield f"in it then      {words.total(vault.archive_count, vault.size_bytes)} with overhead"
    yield f"in the key map  {words.total(result.known_archives, result.known_bytes)}"
    yield f"                by the inventory of {moment(result.reconciled_inventory_at)}"
    if result.drill is not None:
        yield f"last drill      {moment(result.drill.at)}, {result.drill.detail}"
    unread = {one.what for one in result.hidden}
    for what, said in _settings(result):
        told = "may not be looked at" if what in unread else said
        yield from _block(what, told)
    for one in result.hidden:
        yield f"{one.what}: {printable(one.error.message)}"


def _settings(result: VaultDetails) -> Iterator[tuple[str, str]]:
    """Yield each setting with what it says, in lines."""
    tags = (f"{printable(key)} = {printable(value)}" for key, value in result.tags.items())
    yield "tags", "\n".join(tags) or "none"
    policy = "none" if result.policy is None else "\n".join(_rules(result.policy))
    yield "access policy", policy
    lock = result.lock
    said = "none"
    if lock is not None:
        said = "\n".join((vault_locks.state(lock, result.at), *_rules(lock.policy)))
    yield "lock", said
    heard = result.notifications
    yield "notifications", "none" if heard is None else vault_notifications.sentence(heard)
    uploads = len(result.uploads)
    yield "unfinished uploads", f"{uploads:,}" if uploads else "none"
    counts = (f"{count:,} {_STATES[state]}" for state, count in result.jobs.items() if count)
    yield "jobs", ", ".join(counts) or "none"


def _rules(policy: str) -> Iterator[str]:
    return (printable(line) for line in policies.words(policy))


def _block(what: str, said: str) -> Iterator[str]:
    """Yield lines under a heading, the first one beside it where the heading is short."""
    first, *rest = said.splitlines()
    heading = "uploads" if what == "unfinished uploads" else what
    yield f"{heading:14}  {first}"
    yield from (f"{'':14}  {line}" for line in rest)


def _flat(result: VaultDetails) -> dict[str, Any]:
    return {
        **vaults.item(result.vault),
        "known_archives": result.known_archives,
        "known_bytes": result.known_bytes,
        "reconciled_inventory_at": values.time(result.reconciled_inventory_at),
        "last_drill_at": values.time(result.drill.at if result.drill else None),
        "unfinished_uploads": len(result.uploads),
        "jobs_in_progress": result.jobs[JobStatus.RUNNING],
        "jobs_ready": result.jobs[JobStatus.SUCCEEDED],
    }
