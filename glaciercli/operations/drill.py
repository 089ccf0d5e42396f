"""A restore drill: a few archives drawn at random, brought back, proved, and thrown away.

The draw is written down, so that the same line goes on with it while the service prepares the
archives; the result is kept in the journal of the key map.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from glaciercli import errors
from glaciercli.core.marks import Mark, mark_of
from glaciercli.core.refs import Ref, RefKind
from glaciercli.core.sizes import format_size
from glaciercli.keymap.journal import Milestone
from glaciercli.keymap.store import KeyMap
from glaciercli.model.archives import Archive
from glaciercli.model.jobs import Tier
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import retrieve, retrieve_places, retrieve_plan
from glaciercli.operations.context import Context
from glaciercli.operations.results import ItemFailure, exit_code
from glaciercli.operations.retrieve import Pending, RetrieveReport
from glaciercli.operations.retrieve_plan import RetrievePlan, RetrieveRequest, Wanted
from glaciercli.reporting import Notice
from glaciercli.transfer.files import os_errors

#: The journal's word for a drill that is over.
EVENT = "vault drill"

#: What says that an archive is not what was stored, or is not there at all.
_NOT_WHAT_WAS_STORED = (
    errors.ArchiveNotFound,
    errors.ChecksumMismatch,
    errors.InvalidRequest,
    errors.RemoteNotFound,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRequest:
    """What a command asks for."""

    vault: str
    count: int
    tier: Tier = Tier.BULK
    wait: bool = False
    max_usd: Decimal | None = None
    #: Draw anew, whatever an earlier run has drawn.
    restart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillPlan:
    """What was drawn, and what it takes to bring it back."""

    vault: KnownVault
    drawn: Sequence[Archive]
    #: The keys of those that were brought back before.
    proved: frozenset[int]
    request: RetrieveRequest
    retrieval: RetrievePlan


@dataclass(slots=True, kw_only=True)
class DrillReport:
    """What became of what was drawn."""

    vault: str
    drawn: int
    proved: list[Archive] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        if any(isinstance(one.error, _NOT_WHAT_WAS_STORED) for one in self.failed):
            return errors.ChecksumMismatch.exit_code
        return exit_code(self.failed, done=len(self.proved), waiting=len(self.pending))

    @property
    def is_over(self) -> bool:
        """Whether everything that was drawn is known to be sound, or not to be."""
        known = (isinstance(one.error, _NOT_WHAT_WAS_STORED) for one in self.failed)
        return not self.pending and all(known)


def plan(context: Context, request: DrillRequest) -> DrillPlan:
    """Return what was drawn, now or by an earlier run, and what is left to do.

    Raises ``ArchiveNotFound`` where a vault has nothing to draw from.
    """
    vault = context.reach(request.vault)
    drawn = _drawn(context, vault, request)
    proved = context.key_map.checks.proved_in_drill(vault.key)
    wanted = RetrieveRequest(
        refs=[
            Ref(store=None, vault=vault.name, kind=RefKind.ARCHIVE_ID, selector=one.archive_id)
            for one in drawn
            if one.key not in proved
        ],
        to=_directory(context, vault),
        tier=request.tier,
        by_key=True,
        overwrite=True,
        wait=request.wait,
        max_usd=request.max_usd,
    )
    retrieval = retrieve_plan.plan(context, wanted)
    retrieval.thrown_away.extend(
        Wanted(vault=vault, archive=one, place=retrieve_places.place_by_key(wanted.to, one))
        for one in drawn
        if one.key in proved
    )
    return DrillPlan(
        vault=vault,
        drawn=drawn,
        proved=frozenset(proved),
        request=wanted,
        retrieval=retrieval,
    )


def run(context: Context, planned: DrillPlan) -> DrillReport:
    """Bring back what is ready, prove it and throw it away; ask for the rest."""
    keys = {one.place.path: one.archive.key for one, _ in planned.retrieval.steps}
    keys |= {one.place.path: one.archive.key for one in planned.retrieval.held}
    checks, vault = context.key_map.checks, planned.vault
    with context.key_map.locks.one_task(vault, EVENT, "this drill"):
        done = retrieve.run(context, planned.request, planned.retrieval)
        found = [one.place.path for one in planned.retrieval.held]
        found += [one.path for one in done.retrieved]
        checks.note_drilled(vault.key, [keys[path] for path in found])
        for path in found:
            with os_errors(path):
                os.unlink(path)
        report = _report(planned, done, proved=checks.proved_in_drill(vault.key))
        if report.is_over:
            _end(context, vault, report)
    return report


def last(key_map: KeyMap, vault_key: int) -> Milestone | None:
    """Return what the last drill of a vault came to, if there ever was one."""
    found = (one for one in key_map.journal.milestones(vault_key) if one.event == EVENT)
    return next(found, None)


def _drawn(context: Context, vault: KnownVault, request: DrillRequest) -> list[Archive]:
    checks = context.key_map.checks
    keys = checks.drawn(vault.key)
    trees = context.key_map.trees
    drawn = [one for key in keys if (one := trees.archive(vault, key)).state.is_live]
    if drawn and not request.restart:
        message = f"going on with the drill of {len(drawn):,} archives; --restart draws anew"
        context.reporter.report(Notice(message=message))
        return drawn
    # What was deleted since it was drawn proves nothing.
    checks.end_drill(vault.key)
    found = (trees.archive(vault, key) for key in checks.candidates(vault.key))
    drawn = list(islice((one for one in found if mark_of(one) is Mark.FILE), request.count))
    if not drawn:
        raise errors.ArchiveNotFound(
            f'the key map knows no archive of vault "{vault.name}" that could be proved',
            hint=f"glaciercli inventory refresh {vault.name} asks the service",
        )
    checks.begin_drill(vault.key, [one.key for one in drawn])
    return sorted(drawn, key=lambda one: one.key)


def _report(planned: DrillPlan, done: RetrieveReport, *, proved: set[int]) -> DrillReport:
    return DrillReport(
        vault=planned.vault.name,
        drawn=len(planned.drawn),
        proved=[one for one in planned.drawn if one.key in proved],
        pending=done.pending,
        failed=done.failed,
    )


def _end(context: Context, vault: KnownVault, report: DrillReport) -> None:
    """Keep the result, and nothing else."""
    size = sum(one.size_bytes for one in report.proved)
    with context.key_map.transaction():
        context.key_map.journal.write(
            EVENT,
            at=context.clock.now(),
            vault_key=vault.key,
            detail=f"{len(report.proved):,} of {report.drawn:,} archives proved, "
            f"{format_size(size)}",
        )
        context.key_map.checks.end_drill(vault.key)
    shutil.rmtree(_directory(context, vault), ignore_errors=True)


def _directory(context: Context, vault: KnownVault) -> str:
    return os.path.join(context.spool_directory or ".", f"drill-{vault.key}", "")
