"""Two machines that store three names each in one vault, a step at a time.

What an upload does next comes from ``core.upload_states`` alone, what an inventory means from
``core.reconcile``.  Everything between the steps is here: a request arrives or does not, its answer
comes or is lost, a machine is killed, and what it had sent arrives afterwards.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache

from glaciercli.core.listed import ListedArchive
from glaciercli.core.reconcile import KnownArchive, Verdict, decide
from glaciercli.core.upload_states import (
    Deed,
    Heard,
    after_completing,
    after_sending,
    is_held,
    left_behind,
)
from glaciercli.model.archives import ArchiveState
from glaciercli.model.uploads import UploadStage
from tests.core.exploration import Explorer

S = ArchiveState

MACHINES = 2
NAMES = 3

_LAG = timedelta(days=3)
_NOW = datetime(2026, 1, 10, tzinfo=UTC)
#: When what is old was stored: every inventory must list it.
_OLD = _NOW - 2 * _LAG


class Asked(Enum):
    """A request that a machine waits for."""

    WHOLE = "send all of it"
    OPEN = "open an upload"
    COMPLETE = "complete it"
    AGAIN = "complete it, asked again"
    DELETE = "delete it"


class There(Enum):
    """What the service has of one attempt."""

    NOTHING = "nothing"
    OPEN = "an open upload"
    #: The upload is remembered, and completing it again gives the same ID.
    FRESH = "an archive that was just completed"
    ARCHIVE = "an archive"
    #: Inventories may list it for a while.
    DELETED = "an archive deleted just now"
    GONE = "an archive deleted long ago"
    TWICE = "two archives of one attempt"


_STORED = frozenset({There.FRESH, There.ARCHIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One name of one machine: what it knows, what it waits for, what the service has."""

    stage: UploadStage | None = None
    has_upload_id: bool = False
    asked: Asked | None = None
    #: Whether the service has carried out what was asked for, and its answer is on its way.
    done: bool = False
    #: What a killed machine had sent, which may still arrive.
    stray: Asked | None = None
    row: ArchiveState | None = None
    #: Whether the row has an archive ID.
    has_id: bool = False
    old: bool = False
    #: Whether the machine was told that it is stored, and did not delete it.
    told: bool = False
    #: What the other machine knows of it.
    other: ArchiveState | None = None
    #: Whether an inventory has listed it: those that follow do so as well.
    shown: bool = False
    #: Whether this machine, and the other, have once called it deleted.
    buried: bool = False
    other_buried: bool = False
    there: There = There.NOTHING
    #: An archive of an earlier attempt that is still there, though its row gave way to a new one.
    paid_before: bool = False


Moves = tuple[tuple[str, Item], ...]

#: The items of all machines, machine by machine.
State = tuple[Item, ...]


# What a machine does


@cache
def run_line(item: Item) -> Moves:
    """Return what the same line does, run again: it goes on, or begins."""
    if item.asked is not None or item.row is S.DELETING:
        return ()
    if item.stage is not None:
        return _go_on(item, left_behind(item.stage))
    if item.row is not None and item.row.is_live and is_held(item.row):
        return ()
    fresh = _begun(item)
    return (
        ("send", replace(fresh, stage=UploadStage.SENDING, asked=Asked.WHOLE)),
        ("open", replace(fresh, stage=UploadStage.INTENDED, asked=Asked.OPEN)),
    )


def _begun(item: Item) -> Item:
    """Return a new attempt, under a mark of its own."""
    there_still = item.there in _STORED and item.row is not S.DELETED
    return Item(paid_before=item.paid_before or there_still)


def _go_on(item: Item, deed: Deed) -> Moves:
    match deed:
        case Deed.GO_ON if item.has_upload_id or item.there is There.OPEN:
            return (("complete", _completing(item)),)
        case Deed.GO_ON:
            return (("open again", replace(item, asked=Asked.OPEN, done=False)),)
        case Deed.DOUBT:
            return (("doubt", _doubted(item)),)
        case _:
            return (("ask again", replace(item, asked=Asked.AGAIN, done=False)),)


def _completing(item: Item) -> Item:
    return replace(
        item,
        stage=UploadStage.COMPLETING,
        has_upload_id=True,
        asked=Asked.COMPLETE,
        done=False,
    )


def _doubted(item: Item) -> Item:
    """Return an upload as probably stored, unless an inventory has already told of it."""
    ended = replace(item, stage=None, asked=None, done=False, has_upload_id=False)
    if item.row is not None and item.has_id:
        return ended
    return replace(ended, row=S.UNSETTLED, has_id=False, old=False)


def _recorded(item: Item) -> Item:
    """Return an upload whose archive's ID was told."""
    ended = replace(item, stage=None, asked=None, done=False, has_upload_id=False, told=True)
    if item.row is not None and item.has_id:
        return ended
    return replace(ended, row=S.UPLOADED, has_id=True, old=False)


# What becomes of a request


@cache
def hear(item: Item) -> Moves:
    """Return what may become of the request that is waited for."""
    if item.asked is None:
        return ()
    if item.done:
        return (
            ("answer", _answered(item)),
            ("answer lost", _lost(item)),
        )
    arrived = replace(_carried_out(item, item.asked), done=True)
    if item.asked in {Asked.COMPLETE, Asked.AGAIN} and item.there not in {There.OPEN, There.FRESH}:
        return (("no such upload", _after(item, Heard.FORGOTTEN)),)
    return (("arrives", arrived), ("does not arrive", _lost(item)))


def _carried_out(item: Item, asked: Asked) -> Item:
    """Return what the service has once it did what was asked for."""
    match asked:
        case Asked.WHOLE:
            there = There.ARCHIVE if item.there is There.NOTHING else There.TWICE
        case Asked.OPEN:
            there = There.OPEN if item.there is There.NOTHING else item.there
        case Asked.COMPLETE | Asked.AGAIN:
            there = There.FRESH if item.there is There.OPEN else item.there
        case Asked.DELETE:
            there = There.DELETED if item.there in _STORED else item.there
    return replace(item, there=there)


def _answered(item: Item) -> Item:
    match item.asked:
        case Asked.OPEN:
            return _completing(item)
        case Asked.DELETE:
            return replace(item, asked=None, done=False, row=S.DELETED, buried=True)
        case _:
            return _after(item, Heard.STORED)


def _lost(item: Item) -> Item:
    match item.asked:
        case Asked.OPEN | Asked.DELETE:
            # Repeated until it is heard.
            return replace(item, done=False)
        case _:
            return _after(item, Heard.LOST)


def _after(item: Item, heard: Heard) -> Item:
    """Return what the product makes of an answer."""
    if item.asked is Asked.WHOLE:
        deed = after_sending(heard)
    else:
        deed = after_completing(heard, again=item.asked is Asked.AGAIN)
    return _FOLLOWS[deed](item)


#: What a machine is after each deed.
_FOLLOWS: dict[Deed, Callable[[Item], Item]] = {
    Deed.RECORD: _recorded,
    Deed.DOUBT: _doubted,
    Deed.ASK_AGAIN: lambda item: replace(item, asked=Asked.AGAIN, done=False),
    Deed.BEGIN_ANEW: lambda item: replace(
        _begun(item), stage=UploadStage.INTENDED, asked=Asked.OPEN
    ),
    Deed.DROP: lambda item: replace(item, stage=None, asked=None, done=False),
    Deed.LEAVE: lambda item: replace(item, asked=None, done=False),
}


@cache
def killed(item: Item) -> Item:
    """Return what is left of a machine that was killed: what it had sent may still arrive."""
    stray = item.asked if item.asked is not None and not item.done else item.stray
    return replace(item, asked=None, done=False, stray=stray)


@cache
def stray_arrives(item: Item) -> Moves:
    if item.stray is None:
        return ()
    late = replace(item, stray=None)
    if item.stray is Asked.COMPLETE and item.there is not There.OPEN:
        return (("too late", late),)
    return (("arrives late", _carried_out(late, item.stray)),)


# Deletions, time and inventories


@cache
def delete(item: Item) -> Moves:
    """Return the deletion of what a machine stored, by itself; begun, or gone on with."""
    idle = item.asked is None and item.stage is None
    if not idle or not item.has_id or item.row in {None, S.DELETED}:
        return ()
    asking = replace(item, row=S.DELETING, asked=Asked.DELETE, done=False, told=False)
    return (("delete", asking),)


@cache
def delete_other(item: Item) -> Moves:
    """Return the deletion of what an inventory told the other machine of."""
    if item.other not in {S.CONFIRMED, S.DELETING}:
        return ()
    gone = There.DELETED if item.there in _STORED else item.there
    return (
        (
            "other deletes",
            replace(item, other=S.DELETED, other_buried=True, there=gone, told=False),
        ),
        ("other is killed deleting", replace(item, other=S.DELETING)),
    )


@cache
def day_passes(item: Item) -> Item:
    """Return what it is after days: nothing is on its way, and nothing is remembered."""
    there = item.there
    if there is There.FRESH:
        there = There.ARCHIVE
    elif there is There.OPEN:
        there = There.NOTHING
    elif there is There.DELETED:
        there = There.GONE
    return replace(item, stray=None, old=item.row is not None, there=there)


@cache
def takes_inventory(item: Item, mine: bool, stale: bool) -> Item:  # noqa: FBT001 - hashed
    """Return what a machine knows of an item, its own or the other's, by an inventory of now.

    A stale one lacks what is young, and lists what was deleted a moment ago.
    """
    young = not item.old and not item.shown
    listed = item.there in _STORED and not (stale and young)
    listed = listed or (stale and item.there is There.DELETED)
    there = There.GONE if item.there is There.DELETED and not stale else item.there
    seen = replace(item, shown=item.shown or listed, there=there)
    if mine and listed and item.stage is not None and left_behind(item.stage) is not Deed.GO_ON:
        # What the inventory lists needs no other run to find out what became of it.
        seen = replace(seen, stage=None, has_upload_id=False)
    state = item.row if mine else item.other
    after = _decided(state, has_id=item.has_id or not mine, old=item.old, listed=listed)
    if not mine:
        return replace(seen, other=after)
    return replace(seen, row=after, has_id=item.has_id or (listed and after is not None))


@cache
def _decided(
    state: ArchiveState | None, *, has_id: bool, old: bool, listed: bool
) -> ArchiveState | None:
    """Return the state of a row after an inventory, by the product's own decision."""
    if state is None and not listed:
        return None
    verdict = decide(
        None if state is None else _known(state, has_id=has_id, old=old),
        _LISTED if listed else None,
        snapshot_at=_NOW,
        lag=_LAG,
        complete=True,
    )
    if verdict is Verdict.MISSING:
        return S.MISSING
    if verdict is Verdict.KEEP_DELETED:
        return S.DELETING if listed and not has_id else state
    return S.CONFIRMED if listed else state


_MARK = "0123456789abcdef"
_LISTED = ListedArchive(
    archive_id="A",
    description=f'gc1 {{"n":"a","u":"{_MARK}"}}',
    created_at=_OLD,
    size_bytes=3,
    tree_hash=bytes(32),
)


def _known(state: ArchiveState, *, has_id: bool, old: bool) -> KnownArchive:
    return KnownArchive(
        key=1,
        archive_id="A" if has_id else None,
        state=state,
        uploaded_at=_OLD if old else _NOW,
        deleted_at=None if state.is_live else _NOW,
        size_bytes=3,
        tree_hash=bytes(32),
        tag=_MARK,
        listed_at=_OLD,
    )


# All of them together


@cache
def _moves(item: Item) -> Moves:
    """Return every step that is about one item alone."""
    return (
        *run_line(item),
        *hear(item),
        *stray_arrives(item),
        *delete(item),
        *delete_other(item),
    )


@cache
def problem(item: Item) -> str | None:
    """Return what must not be and is."""
    if item.there is There.TWICE or (item.paid_before and item.there in _STORED):
        return "paid twice"
    if item.there in _STORED and S.MISSING in {item.row, item.other}:
        return "called missing, and there"
    if item.told and item.there in _STORED and item.row is None:
        return "dropped"
    if (item.buried and item.row is not S.DELETED) or (
        item.other_buried and item.other is not S.DELETED
    ):
        return "back from the dead"
    return None


def steps(state: State) -> Iterator[tuple[str, State]]:
    """Yield every step of anybody, and what it leads to."""
    for place, item in enumerate(state):
        for label, after in _moves(item):
            yield f"{label} {place}", (*state[:place], after, *state[place + 1 :])
    for machine in range(MACHINES):
        mine = range(machine * NAMES, (machine + 1) * NAMES)
        if any(state[place].asked for place in mine):
            yield (
                f"kill {machine}",
                tuple(killed(one) if at in mine else one for at, one in enumerate(state)),
            )
        for stale in (False, True):
            yield (
                f"{'stale ' if stale else ''}inventory for {machine}",
                tuple(takes_inventory(one, at in mine, stale) for at, one in enumerate(state)),
            )
    # No run waits for days.
    if not any(one.asked for one in state):
        yield "days pass", tuple(map(day_passes, state))


def wrong(state: State) -> str | None:
    return next(filter(None, map(problem, state)), None)


WORLD = Explorer(begin=(Item(),) * (MACHINES * NAMES), steps=steps, wrong=wrong)
