"""Everything there is to know of a vault, asked for at once.

What may not be looked at is told as such, and the rest is shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glaciercli import errors
from glaciercli.keymap.journal import Milestone
from glaciercli.model.jobs import JobStatus
from glaciercli.model.vault_descriptions import Vault
from glaciercli.model.vault_settings import Notifications, VaultLock
from glaciercli.operations import drill, jobs
from glaciercli.operations.context import Context
from glaciercli.ports import OpenUpload
from glaciercli.transfer import flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Something that the service does not let be looked at."""

    what: str
    error: errors.GlacierCliError


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultDetails:
    """A vault as the service describes it, with its settings, and what the key map holds of it."""

    vault: Vault
    known_archives: int
    known_bytes: int
    #: The date of the newest inventory that the key map took in.
    reconciled_inventory_at: datetime | None
    #: The last restore drill, if there ever was one.
    drill: Milestone | None
    tags: Mapping[str, str]
    policy: str | None
    lock: VaultLock | None
    notifications: Notifications | None
    uploads: Sequence[OpenUpload]
    #: How many jobs there are in each state.
    jobs: Mapping[JobStatus, int]
    hidden: Sequence[Hidden]
    #: When this was found out.
    at: datetime
    exit_code: int = 0


#: What is left out of the screen where the service says this.
_REFUSALS = (errors.CredentialsRefused, errors.InvalidRequest, errors.RefusedByService)


def show(context: Context, name: str) -> VaultDetails:
    """Return what there is to know of a vault; raise ``VaultNotFound``."""
    vault = context.service.describe_vault(name)
    known = context.remember(vault)
    settings = context.service.settings
    found, hidden = _asked(
        context,
        {
            "tags": lambda: settings.tags(name),
            "access policy": lambda: settings.access_policy(name),
            "lock": lambda: settings.lock(name),
            "notifications": lambda: settings.notifications(name),
            "unfinished uploads": lambda: list(context.service.list_uploads(name)),
            "jobs": lambda: list(context.service.list_jobs(name)),
        },
    )
    newest = context.key_map.inventories.newest(known.key)
    count, size_bytes = context.key_map.archives.totals(known)
    listed = found.get("jobs", [])
    with context.key_map.transaction():
        for job in listed:
            jobs.meet(context, known, job)
    return VaultDetails(
        vault=vault,
        known_archives=count,
        known_bytes=size_bytes,
        reconciled_inventory_at=newest.inventory_date if newest else None,
        drill=drill.last(context.key_map, known.key),
        tags=found.get("tags", {}),
        policy=found.get("access policy"),
        lock=found.get("lock"),
        notifications=found.get("notifications"),
        uploads=found.get("unfinished uploads", []),
        jobs={status: sum(job.status is status for job in listed) for status in JobStatus},
        hidden=hidden,
        at=context.clock.now(),
    )


def _asked(
    context: Context, questions: Mapping[str, Callable[[], object]]
) -> tuple[dict[str, Any], list[Hidden]]:
    """Ask everything at once; return the answers, and what was refused."""
    found: dict[str, Any] = {}
    hidden: list[Hidden] = []

    def story(what: str, ask: Callable[[], object]) -> flow.Flow[None]:
        try:
            found[what] = yield from flow.call(ask)
        except _REFUSALS as error:
            hidden.append(Hidden(what=what, error=error))

    stories = (story(what, ask) for what, ask in questions.items())
    flow.run_all(stories, workers=context.jobs, take=lambda _: None)
    return found, sorted(hidden, key=lambda one: one.what)
