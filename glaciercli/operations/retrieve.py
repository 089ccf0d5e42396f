"""Bringing archives back: the whole of a download's life in one repeatable line.

Jobs are found before they are started: those that the key map knows, and those that the service
lists, whoever asked for them.  What is ready is fetched, in order of expiry; what is missing is
asked for; the rest is waited for, here or by running the same line again.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import BinaryIO

from glaciercli import errors
from glaciercli.core import retrieval_plan
from glaciercli.core.amounts import total
from glaciercli.core.retrieval_plan import NextStep, Step
from glaciercli.core.sizes import format_size
from glaciercli.core.text import counted
from glaciercli.model.jobs import KnownJob, Tier
from glaciercli.operations import (
    download_speed,
    jobs,
    retrieve_offer,
    retrieve_refusals,
    retrieve_schedule,
)
from glaciercli.operations.context import Context
from glaciercli.operations.download_flow import Downloader
from glaciercli.operations.download_speed import Fetched
from glaciercli.operations.results import ItemFailure, Skipped, exit_code
from glaciercli.operations.retrieve_asking import ITEM_ERRORS, Asker
from glaciercli.operations.retrieve_held import HeldFiles
from glaciercli.operations.retrieve_marks import MarkMaker
from glaciercli.operations.retrieve_offer import RetrieveOffer
from glaciercli.operations.retrieve_plan import (
    RetrievePlan,
    RetrieveRequest,
    Wanted,
    by_archive,
)
from glaciercli.reporting import Notice, TransfersPlanned
from glaciercli.transfer import files, flow

_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """An archive that is there as a file."""

    name: str
    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An archive that the service is preparing."""

    name: str
    job_id: str | None
    tier: Tier
    expected_at: datetime
    #: When one that is put off may be asked for, about; ``None`` where that is not so.
    due_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class RetrieveReport:
    """What became of each archive."""

    retrieved: list[Retrieved] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        done = len(self.retrieved) + len(self.skipped)
        return exit_code(self.failed, done=done, waiting=len(self.pending))


def run(context: Context, request: RetrieveRequest, planned: RetrievePlan) -> RetrieveReport:
    """Start what is missing, fetch what is ready, and wait for the rest if that was asked for."""
    return _Run(context, request, planned).run()


def copy_out(report: RetrieveReport, stream: BinaryIO) -> None:
    """Write what was fetched to a stream, proved as it is; its file is gone then."""
    for one in report.retrieved:
        with files.os_errors(one.path):
            source = files.Descriptor(os.open(one.path, os.O_RDONLY | os.O_NOFOLLOW))
            # Before the first byte goes out: whatever ends this leaves nothing behind.
            os.unlink(one.path)
        while piece := _piece(source, one.path):
            stream.write(piece)
        stream.flush()


def _piece(source: files.Descriptor, path: str) -> bytes:
    with files.os_errors(path):
        return os.read(source.number, _COPY_BYTES)


class _Run:
    """One run over a plan."""

    def __init__(self, context: Context, request: RetrieveRequest, planned: RetrievePlan) -> None:
        self._context = context
        self._request = request
        self._planned = planned
        self._steps = planned.steps
        # What a stopped run left in a file of our own is in nobody's way.
        overwrite = request.overwrite or request.into_stream
        self._downloader = Downloader(context, overwrite=overwrite)
        self._held = HeldFiles(context, self._downloader)
        self._marks = MarkMaker(
            self._downloader,
            context.reporter,
            overwrite=overwrite,
            into_stream=request.into_stream,
        )
        self._further_names = planned.further_names
        self._report = RetrieveReport(skipped=list(planned.skipped), failed=list(planned.failed))
        #: The keys of the archives that failed: names may repeat.
        self._failed: set[int] = set()
        #: What was listed as ready, and had expired.
        self._expired: list[Wanted] = []
        #: The keys of those of them that were asked for again in this run: once each.
        self._begun_anew: set[int] = set()
        #: Until when archives are put off, by their keys.
        self._due: dict[int, datetime] = {}
        #: How many were put off when that was last told.
        self._told_put_off = 0
        #: What was last said of those that are not ready.
        self._told_waiting = ""
        self._asker = Asker(context, request, fail=self._fail)

    def run(self) -> RetrieveReport:
        self._held.settle(self._planned.held)
        self._make_empty_ones()
        waiting = [(one, step) for one, step in self._steps if step is not None]
        pauses = jobs.pauses()
        while waiting:
            self._ask_for_due(waiting)
            waiting = self._look_again(waiting)
            before = len(self._report.retrieved)
            self._fetch_ready(waiting)
            waiting = [(one, step) for one, step in waiting if self._waits(one, step)]
            waiting += self._begin_anew(waiting)
            if self._due and len(self._report.retrieved) > before:
                # What was fetched has made room.
                continue
            if not waiting or not self._request.wait:
                break
            self._tell_when(waiting)
            self._context.clock.sleep(next(pauses))
        self._report.pending.extend(self._pending(one, step) for one, step in waiting)
        again = NextStep(step=Step.START, job=None)
        self._report.pending.extend(self._pending(one, again) for one in self._expired)
        self._prove_doubts()
        self._make_further_names()
        return self._report

    def _make_empty_ones(self) -> None:
        for one, step in self._steps:
            if step is None:
                try:
                    path = self._marks.put(one.archive, one.place)
                except ITEM_ERRORS as error:
                    self._fail(one, error)
                else:
                    self._succeed(one, path)

    def _make_further_names(self) -> None:
        """Give the files that are there their further names; the others have to wait with them."""
        waiting = {one.name: one for one in self._report.pending}
        for one in self._further_names:
            wanted = Wanted(vault=one.vault, archive=one.archive, place=one.place)
            try:
                if one.first_name in waiting:
                    self._report.pending.append(
                        replace(waiting[one.first_name], name=one.archive.label)
                    )
                elif one.first.key in self._failed:
                    raise retrieve_refusals.without_file(one)
                else:
                    self._succeed(wanted, self._marks.link(one))
            except ITEM_ERRORS as error:
                self._fail(wanted, error)

    def _prove_doubts(self) -> None:
        for doubt, outcome in self._held.prove(self._planned, all_of=not self._report.pending):
            if isinstance(outcome, ItemFailure):
                self._failed.update(one.archive.key for one in doubt.of)
                self._report.failed.append(outcome)
            else:
                self._report.skipped.append(outcome)

    def _waits(self, one: Wanted, step: NextStep) -> bool:
        """Tell whether an archive is neither here nor failed."""
        if step.step is Step.START:
            return one.archive.key in self._due or self._asker.may_ask_again(one)
        return step.step is Step.WAIT

    def _ask_for_due(self, waiting: Sequence[tuple[Wanted, NextStep]]) -> None:
        """Ask for what may be asked for now, and note when the rest may be."""
        context = self._context
        found = retrieve_schedule.schedule(context, self._request, waiting)
        self._due = {}
        for one in found.refused:
            self._fail(one, retrieve_refusals.for_a_day(one, found.limits))
        missing = self._asker.with_room(self._asker.still_missing(found.now))
        if found.again and not self._affordable(waiting):
            context.reporter.report(Notice(message="--max-cost allows to ask for nothing again"))
            found.again.clear()
        self._put_off(found.later)
        asked = [(one, True) for one in found.again] + [(one, False) for one in missing]
        if not asked:
            return
        self._tell_asked([one for one, _ in asked])
        self._drive(self._asker.start(one, again=again) for one, again in asked)
        left = self._asker.put_off()
        self._put_off([*((one, context.clock.now()) for one in left.now), *left.later])

    def _begin_anew(
        self, waiting: Sequence[tuple[Wanted, NextStep]]
    ) -> list[tuple[Wanted, NextStep]]:
        """Return what had expired and is asked for again at once, each archive once.

        Otherwise the next run shows what that costs.
        """
        missing = NextStep(step=Step.START, job=None)
        again = [(one, missing) for one in self._expired if one.archive.key not in self._begun_anew]
        if not self._request.wait or not again:
            return []
        offered = self._offer([*waiting, *again])
        if not offered.fits or (offered.needs_consent and not self._request.any_price):
            return []
        chosen = {one.archive.key for one, _ in again}
        self._begun_anew |= chosen
        self._expired = [one for one in self._expired if one.archive.key not in chosen]
        return again

    def _affordable(self, waiting: Sequence[tuple[Wanted, NextStep]]) -> bool:
        """Tell whether everything that is left fits the budget, what comes again with it."""
        return self._offer(waiting).fits

    def _offer(self, waiting: Sequence[tuple[Wanted, NextStep]]) -> RetrieveOffer:
        left = replace(self._planned, steps=list(waiting))
        return retrieve_offer.offer(self._context, self._request, left)

    def _put_off(self, later: Sequence[tuple[Wanted, datetime]]) -> None:
        """Note what is put off, and say so once for each number of archives."""
        self._due.update((one.archive.key, due) for one, due in later)
        if not self._due or len(self._due) == self._told_put_off:
            return
        self._told_put_off = len(self._due)
        message = (
            f"{counted(len(self._due), 'archive')} put off: the same line asks for them "
            f"later, from about {min(self._due.values()):%Y-%m-%d %H:%M} UTC on"
        )
        self._context.reporter.report(Notice(message=message))

    def _tell_asked(self, asked: Sequence[Wanted]) -> None:
        """Say what is asked for: the last thing before it is done."""
        size = sum(one.archive.size_bytes for one in asked)
        tier, billing = self._request.tier, self._context.billing
        price = ""
        if billing.billed:
            cost = retrieve_offer.asking_cost(billing.prices, asked, tier)
            price = f", {total(cost)} before the transfer"
        self._context.reporter.report(
            Notice(
                message=f"asking for {counted(len(asked), 'archive')}, {format_size(size)}, "
                f"{tier.value.lower()} tier{price}"
            )
        )

    def _drive(self, stories: Iterable[flow.Flow[None]]) -> None:
        """Run flows that write their outcome into the report themselves."""
        flow.run_all(
            stories,
            workers=self._context.jobs,
            take=lambda _: None,
            together=self._context.key_map.batch,
        )

    def _look_again(
        self, waiting: Sequence[tuple[Wanted, NextStep]]
    ) -> list[tuple[Wanted, NextStep]]:
        """Return the archives that did not fail, each with its next step as of now."""
        left = [one for one, _ in waiting if one.archive.key not in self._failed]
        known: dict[int, dict[str, list[KnownJob]]] = {}
        for one in left:
            if one.vault.key not in known:
                known[one.vault.key] = by_archive(jobs.refresh(self._context, one.vault))
        now = self._context.clock.now()
        return [(one, retrieval_plan.next_step(self._jobs_of(one, known), now=now)) for one in left]

    @staticmethod
    def _jobs_of(one: Wanted, known: dict[int, dict[str, list[KnownJob]]]) -> list[KnownJob]:
        return known[one.vault.key].get(one.archive.archive_id or "", [])

    def _fetch_ready(self, waiting: Sequence[tuple[Wanted, NextStep]]) -> None:
        now = self._context.clock.now()
        ready = [
            (_with_content(one, step.job), step.job)
            for one, step in waiting
            if step.step is Step.FETCH and step.job
        ]
        ready.sort(key=lambda pair: retrieval_plan.expires_at(pair[1], now=now))
        size = sum(one.archive.size_bytes for one, _ in ready)
        self._context.reporter.report(TransfersPlanned(count=len(ready), total_bytes=size))
        if ready:
            with download_speed.measured(self._context, ready[0][0].vault.key) as fetched:
                self._drive(self._fetch(one, job, fetched) for one, job in ready)
        for one, step in waiting:
            if step.step is Step.START and not self._waits(one, step):
                self._fail(one, retrieve_refusals.not_started(one.archive))

    def _fetch(self, one: Wanted, job: KnownJob, fetched: Fetched) -> flow.Flow[None]:
        assert job.job_id is not None
        archive = one.archive
        try:
            with self._context.key_map.locks.one_task(
                one.vault, f"download {archive.key}", "the download"
            ):
                if archive.known_size_bytes is None or archive.tree_hash is None:
                    raise retrieve_refusals.unknown_content(one)
                if job.tree_hash not in {None, archive.tree_hash}:
                    raise errors.ChecksumMismatch(
                        f'"{archive.label}" has another tree hash at the service '
                        "than in the key map",
                        hint=f"glaciercli inventory show {one.vault.name}",
                    )
                path = yield from self._downloader.fetch(archive, one.place, job.job_id)
        except errors.JobNotFound:
            now = self._context.clock.now()
            self._context.key_map.jobs.forget(one.vault.key, job.job_id, gone_at=now)
            self._expired.append(one)
        except ITEM_ERRORS as error:
            self._fail(one, error)
        else:
            fetched.size_bytes += archive.size_bytes
            self._succeed(one, path)

    def _tell_when(self, waiting: Sequence[tuple[Wanted, NextStep]]) -> None:
        first = min(self._pending(one, step).expected_at for one, step in waiting)
        message = f"{counted(len(waiting), 'archive')} not ready, expected by {first:%H:%M} UTC"
        # Said once for each state of things, however often the service is asked.
        if message != self._told_waiting:
            self._told_waiting = message
            self._context.reporter.report(Notice(message=message))

    def _pending(self, one: Wanted, step: NextStep) -> Pending:
        job = step.job
        now = self._context.clock.now()
        tier = self._request.tier if job is None or job.tier is None else job.tier
        due = self._due.get(one.archive.key) if job is None else None
        return Pending(
            name=one.archive.label,
            job_id=None if job is None else job.job_id,
            tier=tier,
            expected_at=(due or now) + retrieval_plan.usual_delay(tier)
            if job is None
            else retrieval_plan.expected_at(job),
            due_at=due,
        )

    def _succeed(self, one: Wanted, path: str) -> None:
        self._report.retrieved.append(
            Retrieved(name=one.archive.label, path=path, size_bytes=one.archive.size_bytes)
        )

    def _fail(self, one: Wanted, error: errors.GlacierCliError) -> None:
        self._failed.add(one.archive.key)
        self._report.failed.append(ItemFailure(name=one.archive.label, error=error))


def _with_content(one: Wanted, job: KnownJob) -> Wanted:
    """Return an archive with the size and the hash that its job tells, where nobody did before."""
    archive = one.archive
    if archive.known_size_bytes is not None and archive.tree_hash is not None:
        return one
    size_bytes = job.size_bytes if archive.known_size_bytes is None else archive.size_bytes
    told = replace(
        archive, size_bytes=size_bytes or 0, tree_hash=archive.tree_hash or job.tree_hash
    )
    return replace(one, archive=told)
