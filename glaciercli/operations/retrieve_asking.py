"""Asking for archives: each at most once, whatever other runs do meanwhile."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from glaciercli import errors
from glaciercli.core import retrieval_plan
from glaciercli.core.description import job_tag
from glaciercli.core.retrieval_plan import NextStep, Step
from glaciercli.model.jobs import JobAction
from glaciercli.operations import retrieve_room, retrieve_schedule
from glaciercli.operations.context import Context
from glaciercli.operations.retrieve_day import DayRoom
from glaciercli.operations.retrieve_plan import RetrieveRequest, Wanted, by_archive
from glaciercli.operations.retrieve_schedule import Schedule
from glaciercli.transfer import flow

#: What one archive may fail with while the others go on.
ITEM_ERRORS = (
    errors.ArchiveNotFound,
    errors.Busy,
    errors.ChecksumMismatch,
    errors.FileProblem,
    errors.InvalidRequest,
    errors.OutcomeUnknown,
    errors.RefusedByService,
    errors.RemoteNotFound,
)

#: How often one run asks for an archive whose job never shows in the service's list.
_MOST_TRIES = 4


class Asker:
    """Starts the jobs of one run."""

    def __init__(
        self,
        context: Context,
        request: RetrieveRequest,
        *,
        fail: Callable[[Wanted, errors.GlacierCliError], None],
    ) -> None:
        self._context = context
        self._request = request
        self._fail = fail
        #: The key map as it was when the jobs of what is missing were last looked at.
        self._seen_version: int | None = None
        #: How often the answer was lost, by the keys of the archives.
        self._unheard: Counter[int] = Counter()
        self._day = DayRoom(context, request.max_day_bytes)
        #: What is missing, and other runs took the day's room from.
        self._without_room: list[Wanted] = []

    def may_ask_again(self, one: Wanted) -> bool:
        """Tell whether there is a next time, should a job whose answer was lost not exist."""
        return 0 < self._unheard[one.archive.key] < _MOST_TRIES

    def still_missing(self, missing: Sequence[Wanted]) -> list[Wanted]:
        """Return what nobody has asked for, now that the plan was shown."""
        context = self._context
        self._seen_version = context.key_map.jobs.version()
        self._day = DayRoom(context, self._request.max_day_bytes)
        self._without_room = []
        vaults = {one.vault.key for one in missing}
        known = {key: by_archive(list(context.key_map.jobs.known(key))) for key in vaults}
        now = context.clock.now()

        def is_missing(one: Wanted) -> bool:
            mine = known[one.vault.key].get(one.archive.archive_id or "", [])
            return retrieval_plan.next_step(mine, now=now).step is Step.START

        return [one for one in missing if is_missing(one)]

    def with_room(self, missing: Sequence[Wanted]) -> Sequence[Wanted]:
        """Return what there is room for: all of it, or nothing, which fails."""
        lack = retrieve_room.lack(retrieve_room.room_for(self._context, missing))
        if lack is None:
            return missing
        for one in missing:
            self._fail(one, lack)
        return []

    def put_off(self) -> Schedule:
        """Return when what the day had no room for any more may be asked for."""
        missing = NextStep(step=Step.START, job=None)
        steps = [(one, missing) for one in self._without_room]
        return retrieve_schedule.schedule(self._context, self._request, steps)

    def start(self, one: Wanted, *, again: bool) -> flow.Flow[None]:
        """Ask for one archive, unless another run does so or has just done so."""
        archive_id = one.archive.archive_id
        assert archive_id is not None
        with ExitStack() as held:
            try:
                held.enter_context(
                    self._context.key_map.locks.one_task(
                        one.vault, f"job {archive_id}", "asking for an archive"
                    )
                )
            except errors.Busy:
                # Its intent, or its job, is seen when the jobs are looked at again.
                return
            if not self._was_asked_for_meanwhile(one, archive_id, again=again):
                key, tag = self._intend(one, archive_id)
                if key is not None:
                    yield from self._ask(one, archive_id, key=key, tag=tag)
                elif not again:
                    self._without_room.append(one)

    def _was_asked_for_meanwhile(self, one: Wanted, archive_id: str, *, again: bool) -> bool:
        """Tell whether another run has started a job since the jobs were looked at."""
        jobs_known = self._context.key_map.jobs
        if jobs_known.version() == self._seen_version:
            return False
        if again:
            return retrieve_schedule.is_prepared_already(self._context, one)
        found = jobs_known.of_archive(one.vault.key, archive_id)
        now = self._context.clock.now()
        return retrieval_plan.next_step(found, now=now).step is not Step.START

    def _intend(self, one: Wanted, archive_id: str) -> tuple[int | None, str]:
        """Write down that an archive is asked for, unless the day has no room for it any more.

        Whoever looks next at what the day holds sees it: no other run writes in between.
        """
        tag, size_bytes = self._context.new_tag(), one.archive.size_bytes
        with self._context.key_map.transaction():
            if not self._day.has_room_for(size_bytes):
                return None, tag
            key = self._context.key_map.jobs.intend(
                one.vault.key,
                JobAction.RETRIEVAL,
                archive_id=archive_id,
                tier=self._request.tier,
                tag=tag,
                at=self._context.clock.now(),
            )
            self._day.take(size_bytes)
        return key, tag

    def _ask(self, one: Wanted, archive_id: str, *, key: int, tag: str) -> flow.Flow[None]:
        """Ask for one archive, whose intent is written down."""
        known = self._context.key_map.jobs
        try:
            job_id = yield from flow.call(
                lambda: self._context.service.start_retrieval(
                    one.vault.name,
                    archive_id,
                    tier=self._request.tier,
                    description=job_tag(tag),
                )
            )
        except errors.OutcomeUnknown:
            # The service's list tells by the mark whether it was started.
            self._unheard[one.archive.key] += 1
            return
        except ITEM_ERRORS as error:
            known.withdraw(key)
            self._fail(one, error)
            return
        except errors.GlacierCliError:
            known.withdraw(key)
            raise
        known.started(key, job_id)
