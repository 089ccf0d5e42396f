"""Two machines, three archives, and inventories that come late, again, stale or in part.

What an inventory means is ``core.reconcile``'s alone: both streams go through ``merge``, each pair
through ``decide``.  The service may take days to list an archive, and to list one no longer; what
it has listed once it lists until that is deleted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from glaciercli.core.description import encode
from glaciercli.core.listed import ListedArchive
from glaciercli.core.reconcile import KnownArchive, Verdict, decide, merge
from glaciercli.model.archives import ArchiveState
from tests.core.exploration import Explorer

S = ArchiveState

MACHINES = range(2)
ARCHIVES = range(3)

#: Which machine stores which archives; all delete what they know.
_OWNERS = (0, 0, 1)

#: Which of them is an empty file, for which something stands.
_EMPTY = 2

_DAY = timedelta(days=1)
_LAG_DAYS = 3
_LAST_DAY = 5
_BEGIN = datetime(2026, 1, 10, tzinfo=UTC)

#: How many inventories are kept to be taken in later.
_KEPT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """An archive as the service has it."""

    stored_on: int | None = None
    deleted_on: int | None = None
    shown: bool = False
    #: Whether an inventory was made that no longer lists it.
    hidden: bool = False

    @property
    def is_there(self) -> bool:
        return self.stored_on is not None and self.deleted_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An archive as a machine knows it."""

    state: ArchiveState
    has_id: bool
    uploaded_on: int
    deleted_on: int | None = None
    listed_on: int | None = None
    #: Whether it was once called deleted.
    buried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What the service listed on a day."""

    day: int
    listed: tuple[bool, ...]


Rows = tuple[Row | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The whole world."""

    day: int = 0
    truths: tuple[Truth, ...] = (Truth(),) * len(ARCHIVES)
    known: tuple[Rows, ...] = ((None,) * len(ARCHIVES),) * len(MACHINES)
    kept: tuple[Inventory, ...] = ()
    #: The day of the newest inventory that each machine has taken in.
    newest: tuple[int, ...] = (-1,) * len(MACHINES)

    def with_truth(self, archive: int, truth: Truth) -> "State":
        return replace(self, truths=_put(self.truths, archive, truth))

    def with_row(self, machine: int, archive: int, row: Row) -> "State":
        rows = _put(self.known[machine], archive, row)
        return replace(self, known=_put(self.known, machine, rows))


def _put(values: tuple, place: int, value: object) -> tuple:  # type: ignore[type-arg]
    return (*values[:place], value, *values[place + 1 :])


def steps(state: State) -> Iterator[tuple[str, State]]:
    """Yield every step of anybody, and what it leads to."""
    for archive in ARCHIVES:
        yield from _uploads(state, archive)
        for machine in MACHINES:
            yield from _deletions(state, machine, archive)
    yield from _inventories(state)
    for machine in MACHINES:
        yield from _taken_in(state, machine)
    if state.day < _LAST_DAY:
        yield "a day passes", replace(state, day=state.day + 1)


def _uploads(state: State, archive: int) -> Iterator[tuple[str, State]]:
    machine = _OWNERS[archive]
    if state.truths[archive].stored_on is not None or state.known[machine][archive] is not None:
        return
    stored = state.with_truth(archive, Truth(stored_on=state.day))
    row = Row(state=_there(archive, S.UPLOADED), has_id=True, uploaded_on=state.day)
    doubt = replace(row, state=S.UNSETTLED, has_id=False)
    yield f"store {archive}", stored.with_row(machine, archive, row)
    yield f"store {archive}, the answer lost", stored.with_row(machine, archive, doubt)
    yield f"store {archive}, which never arrives", state.with_row(machine, archive, doubt)


def _there(archive: int, state: ArchiveState) -> ArchiveState:
    """Return the state of an archive that is surely there."""
    return S.EMPTY if archive == _EMPTY else state


def _deletions(state: State, machine: int, archive: int) -> Iterator[tuple[str, State]]:
    row, truth = state.known[machine][archive], state.truths[archive]
    if row is None or not row.has_id or row.state is S.DELETED:
        return
    day = state.day
    gone = replace(truth, deleted_on=day) if truth.is_there else truth
    begun = replace(row, state=S.DELETING, deleted_on=day, buried=True)
    done = replace(begun, state=S.DELETED)
    deleted = state.with_truth(archive, gone)
    yield f"{machine} deletes {archive}", deleted.with_row(machine, archive, done)
    yield f"{machine} deletes {archive}, killed after", deleted.with_row(machine, archive, begun)
    yield f"{machine} deletes {archive}, killed before", state.with_row(machine, archive, begun)


def _inventories(state: State) -> Iterator[tuple[str, State]]:
    for stale in (False, True):
        listed = tuple(_lists(truth, state.day, stale=stale) for truth in state.truths)
        seen = tuple(
            replace(
                truth,
                shown=truth.shown or is_listed,
                hidden=truth.hidden or (truth.deleted_on is not None and not is_listed),
            )
            for truth, is_listed in zip(state.truths, listed, strict=True)
        )
        kept = (*state.kept, Inventory(day=state.day, listed=listed))[-_KEPT:]
        label = f"{'stale ' if stale else ''}inventory"
        yield label, replace(state, truths=seen, kept=kept)


def _lists(truth: Truth, day: int, *, stale: bool) -> bool:
    """Tell whether an inventory of a day lists an archive; a stale one is as late as may be."""
    if truth.stored_on is None:
        return False
    if truth.deleted_on is not None:
        return stale and not truth.hidden and day - truth.deleted_on <= 1
    return truth.shown or not stale or day - truth.stored_on > _LAG_DAYS


def _taken_in(state: State, machine: int) -> Iterator[tuple[str, State]]:
    rows, truths = state.known[machine], state.truths
    for one in dict.fromkeys(state.kept):
        part = _part(state, machine, one)
        known = _put(state.known, machine, part)
        yield f"{machine} takes in a part of day {one.day}", replace(state, known=known)
        if one.day >= state.newest[machine]:
            known = _put(state.known, machine, reconciled(rows, truths, one, complete=True))
            newest = _put(state.newest, machine, one.day)
            yield (
                f"{machine} takes in day {one.day}",
                replace(state, known=known, newest=newest),
            )


def _part(state: State, machine: int, inventory: Inventory) -> Rows:
    """Return what a machine knows after a part of an inventory, in the form that has no date.

    It counts as of the day it is read, unless it may be older than what was taken in already.
    """
    truths, newest = state.truths, state.newest[machine]
    stored = (
        truth.stored_on
        for truth, is_listed in zip(truths[1:], inventory.listed[1:], strict=True)
        if is_listed and truth.stored_on is not None
    )
    may_be_stale = max(stored, default=newest + 1) <= newest
    read = replace(inventory, day=state.day)
    return reconciled(
        state.known[machine], truths, read, complete=False, newest=newest if may_be_stale else None
    )


def reconciled(
    rows: Rows,
    truths: tuple[Truth, ...],
    inventory: Inventory,
    *,
    complete: bool,
    newest: int | None = None,
) -> Rows:
    """Return rows after an inventory; one that comes in part lacks the first archive.

    It may be older than that of the ``newest`` day.
    """
    stored_on = tuple(
        truth.stored_on if is_listed and (complete or archive) else None
        for archive, (truth, is_listed) in enumerate(zip(truths, inventory.listed, strict=True))
    )
    return _reconciled(rows, stored_on, inventory.day, complete, newest)


@cache
def _reconciled(
    rows: Rows,
    stored_on: tuple[int | None, ...],
    day: int,
    complete: bool,  # noqa: FBT001 - hashed
    newest: int | None,
) -> Rows:
    known = [_known(archive, row) for archive, row in enumerate(rows) if row is not None]
    known.sort(key=lambda one: one.archive_id or "")
    listed = [_listed(archive, on) for archive, on in enumerate(stored_on) if on is not None]
    after = list(rows)
    for one, found in merge(known, listed):
        verdict = decide(
            one,
            found,
            snapshot_at=_at(day),
            lag=_LAG_DAYS * _DAY,
            complete=complete,
            newest_at=None if newest is None else _at(newest),
        )
        archive = one.key if one is not None else _number(found)
        assert one is not None or rows[archive] is None, f"archive {archive} gets a second row"
        before = rows[archive]
        if found is None:
            assert before is not None
            assert not complete or _may_be_unlisted(before, verdict, day), f"{archive} is missed"
            missed = verdict is Verdict.MISSING
            after[archive] = replace(before, state=S.MISSING) if missed else before
        else:
            after[archive] = _listed_row(before, verdict, found, day)
    return tuple(after)


def _may_be_unlisted(row: Row, verdict: Verdict, day: int) -> bool:
    """Tell whether a whole inventory may lack a live archive that goes on being called there."""
    if verdict is Verdict.MISSING or row.state is S.MISSING or not row.state.is_live:
        return True
    since = row.uploaded_on + _LAG_DAYS if row.listed_on is None else row.listed_on
    return day <= since


#: What a listing means that may be older than an inventory which lacks the archive.
_UNPROVED = {
    Verdict.ADD_UNCONFIRMED,
    Verdict.ADD_MISSING,
    Verdict.SETTLE_UNCONFIRMED,
    Verdict.NOT_YET_LISTED,
    Verdict.MISSING,
}


def _unproved_row(row: Row | None, verdict: Verdict, found: ListedArchive, day: int) -> Row:
    """Return a row after a listing that proves nothing."""
    if row is None:
        unlisted = Row(
            state=_there(_number(found), S.UPLOADED),
            has_id=True,
            uploaded_on=(found.created_at - _BEGIN).days,
        )
        is_missed = verdict is Verdict.ADD_MISSING
        return replace(unlisted, state=S.MISSING, listed_on=day) if is_missed else unlisted
    if verdict is Verdict.MISSING:
        return replace(row, state=S.MISSING)
    if verdict is Verdict.SETTLE_UNCONFIRMED:
        return replace(row, state=_there(_number(found), S.UPLOADED), has_id=True)
    return row


def _listed_row(row: Row | None, verdict: Verdict, found: ListedArchive, day: int) -> Row:
    """Return a row after a verdict on what is listed, as the key map would hold it."""
    uploaded_on, there = (found.created_at - _BEGIN).days, _there(_number(found), S.CONFIRMED)
    if verdict in _UNPROVED:
        return _unproved_row(row, verdict, found, day)
    if verdict is Verdict.ADD or row is None:
        return Row(state=there, has_id=True, uploaded_on=uploaded_on, listed_on=day)
    if verdict is Verdict.KEEP_DELETED:
        state = row.state if row.has_id else S.DELETING
        return replace(row, state=state, has_id=True, listed_on=day)
    return replace(row, state=there, has_id=True, uploaded_on=uploaded_on, listed_on=day)


def _at(day: int) -> datetime:
    return _BEGIN + day * _DAY


def _id(archive: int) -> str:
    return f"archive{archive}"


def _tag(archive: int) -> str:
    return f"marks_of_12_{archive}"


def _number(found: ListedArchive | None) -> int:
    assert found is not None
    return int(found.archive_id.removeprefix("archive"))


@cache
def _listed(archive: int, stored_on: int) -> ListedArchive:
    return ListedArchive(
        archive_id=_id(archive),
        description=encode(name="a", modified_ns=1, tag=_tag(archive)),
        created_at=_at(stored_on),
        size_bytes=3,
        tree_hash=bytes([archive]) * 32,
    )


@cache
def _known(archive: int, row: Row) -> KnownArchive:
    return KnownArchive(
        key=archive,
        archive_id=_id(archive) if row.has_id else None,
        state=row.state,
        uploaded_at=_at(row.uploaded_on),
        deleted_at=None if row.deleted_on is None else _at(row.deleted_on),
        size_bytes=0 if archive == _EMPTY else 3,
        tree_hash=None if archive == _EMPTY else bytes([archive]) * 32,
        tag=_tag(archive),
        listed_at=None if row.listed_on is None else _at(row.listed_on),
    )


def wrong(state: State) -> str | None:
    """Return what must not be and is."""
    for machine in MACHINES:
        for archive in ARCHIVES:
            problem = _problem(state.known[machine][archive], state.truths[archive])
            if problem is not None:
                return f"{problem}: {archive} at {machine}"
    return None


@cache
def _problem(row: Row | None, truth: Truth) -> str | None:
    if row is None:
        return None
    if row.buried and row.state.is_live:
        return "back from the dead"
    if row.state in {S.MISSING, S.DELETED} and truth.is_there:
        return f"called {row.state.value}, and there"
    if row.state in {S.CONFIRMED, S.EMPTY} and truth.stored_on is None:
        return "never stored, and called there"
    return None


WORLD = Explorer(begin=State(), steps=steps, wrong=wrong)
