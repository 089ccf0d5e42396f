"""What another tool's store means for each archive that it tells of.

A store is no proof that the service has an archive, so what is new here waits for an inventory.
Nothing that is known better here gives way: a name of the user's, what an inventory listed, a
deletion of ours.  The same store twice changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

from glaciercli.core.description import is_of_no_bytes
from glaciercli.core.foreign_stores.records import NAMELESS, Event, Naming, StoreRecord
from glaciercli.model.archives import ArchiveState

Fact = TypeVar("Fact")

#: Which name stays: the one that is further on; of equals the one that is there.
_RANKS = {"none": 0, "description": 1, "upload": 2, "user": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Everything that a store says of one archive."""

    archive_id: str
    naming: Naming = NAMELESS
    #: When that name was told.
    named_at: datetime | None = None
    size_bytes: int | None = None
    tree_hash: bytes | None = None
    modified_ns: int | None = None
    #: When it was stored, as far as the store says.
    stored_at: datetime | None = None
    deleted: bool = False
    deleted_at: datetime | None = None
    #: Whether the store tells two sizes or tree hashes.
    contradictory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """One archive of the key map."""

    key: int
    state: ArchiveState
    name: str | None
    name_source: str
    description: str
    #: ``None`` until an inventory, or the service, tells.
    size_bytes: int | None
    tree_hash: bytes | None
    modified_ns: int | None
    listed_at: datetime | None

    @property
    def is_stand_in(self) -> bool:
        """Whether it stands for what has no bytes."""
        if self.state is ArchiveState.MISSING and self.size_bytes is None:
            return is_of_no_bytes(self.description)
        return self.state is ArchiveState.EMPTY


class Outcome(Enum):
    """What becomes of an archive; the value is the reason."""

    ADD = "not known here"
    ADD_DELETED = "deleted there, and not known here"
    NAME = "known here without that name"
    COMPLETE = "known here, but not as well"
    DELETE = "known here, and deleted there since"
    SAME = "known here"
    STAYS_DELETED = "deleted here"
    OTHER_NAME = "has another name here, which stays"
    OTHER_CONTENT = "has another size or tree hash here"
    KNOWN_SINCE = "deleted there, but listed by an inventory since"
    CONTRADICTORY = "told with two sizes or tree hashes"

    @property
    def is_conflict(self) -> bool:
        """Whether the store says otherwise than the key map, which stays as it is."""
        return self in _CONFLICTS


_CONFLICTS = frozenset(
    (Outcome.OTHER_NAME, Outcome.OTHER_CONTENT, Outcome.KNOWN_SINCE, Outcome.CONTRADICTORY)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done about one archive; ``None`` leaves a fact as it is."""

    outcome: Outcome
    naming: Naming | None = None
    description: str | None = None
    size_bytes: int | None = None
    tree_hash: bytes | None = None
    modified_ns: int | None = None

    @property
    def completes(self) -> bool:
        """Whether anything but the name is told that was not known."""
        facts = (self.description, self.size_bytes, self.tree_hash, self.modified_ns)
        return any(fact is not None for fact in facts)


def fold(records: Iterable[StoreRecord]) -> Remembered:
    """Return what the records of one archive say together, given in the store's own order.

    The newest record with a name gives it; a deletion wins, whenever it was recorded, since
    stores are cut and joined with text tools and no ID is ever used again.
    """
    each = iter(records)
    whole = _alone(next(each))
    for record in each:
        whole = _joined(whole, _alone(record))
    return whole


def decide(told: Remembered, present: Present | None, *, lag: timedelta) -> Change:
    """Return what a store's word means for an archive that is known here, or is not.

    ``lag`` is how long an inventory may go on listing what was deleted.
    """
    if present is None:
        return Change(outcome=_of_new(told))
    if not present.state.is_live:
        return Change(outcome=Outcome.STAYS_DELETED)
    # What stands for an empty file is not empty itself.
    if present.is_stand_in:
        return Change(outcome=Outcome.SAME)
    return _of_live(told, present, lag)


def _of_live(told: Remembered, present: Present, lag: timedelta) -> Change:
    if told.contradictory:
        return Change(outcome=Outcome.CONTRADICTORY)
    if _differs(present.size_bytes, told.size_bytes) or _differs(present.tree_hash, told.tree_hash):
        return Change(outcome=Outcome.OTHER_CONTENT)
    if told.deleted:
        since = _is_known_since(told, present, lag)
        return Change(outcome=Outcome.KNOWN_SINCE if since else Outcome.DELETE)
    return _completed(told, present)


def _of_new(told: Remembered) -> Outcome:
    if told.contradictory:
        return Outcome.CONTRADICTORY
    return Outcome.ADD_DELETED if told.deleted else Outcome.ADD


def _completed(told: Remembered, present: Present) -> Change:
    """Return the facts that are known there and not here."""
    same_name = told.naming.name in {None, present.name}
    better = not same_name and _RANKS[told.naming.source] > _RANKS[present.name_source]
    change = Change(
        outcome=Outcome.SAME,
        naming=told.naming if better else None,
        description=told.naming.description or None if not present.description else None,
        size_bytes=told.size_bytes if present.size_bytes is None else None,
        tree_hash=told.tree_hash if present.tree_hash is None else None,
        modified_ns=told.modified_ns if present.modified_ns is None else None,
    )
    if better:
        return replace(change, outcome=Outcome.NAME)
    if not same_name:
        return replace(change, outcome=Outcome.OTHER_NAME)
    return replace(change, outcome=Outcome.COMPLETE) if change.completes else change


def _is_known_since(told: Remembered, present: Present, lag: timedelta) -> bool:
    """Tell whether the key map knows better than that an archive was deleted."""
    if told.deleted_at is None:
        return True
    return present.listed_at is not None and present.listed_at > told.deleted_at + lag


def _alone(record: StoreRecord) -> Remembered:
    """Return what one record says by itself."""
    deleted = record.event is Event.DELETED
    return Remembered(
        archive_id=record.archive_id,
        naming=record.naming,
        named_at=record.at,
        size_bytes=record.size_bytes,
        tree_hash=record.tree_hash,
        modified_ns=record.modified_ns,
        stored_at=None if deleted else record.at,
        deleted=deleted,
        deleted_at=record.at if deleted else None,
    )


def _joined(one: Remembered, other: Remembered) -> Remembered:
    """Return what a record, the other, adds to those before it."""
    nameless = one.naming.name is None
    later = other.naming.name is not None and (nameless or _is_newer(other.named_at, one.named_at))
    named, unnamed = (other, one) if later else (one, other)
    return Remembered(
        archive_id=one.archive_id,
        naming=named.naming,
        named_at=named.named_at,
        size_bytes=_either(one.size_bytes, other.size_bytes),
        tree_hash=_either(one.tree_hash, other.tree_hash),
        modified_ns=_either(named.modified_ns, unnamed.modified_ns),
        stored_at=min(_moments(one.stored_at, other.stored_at), default=None),
        deleted=one.deleted or other.deleted,
        deleted_at=max(_moments(one.deleted_at, other.deleted_at), default=None),
        contradictory=one.contradictory
        or _differs(one.size_bytes, other.size_bytes)
        or _differs(one.tree_hash, other.tree_hash),
    )


def _either(one: Fact | None, other: Fact | None) -> Fact | None:
    return other if one is None else one


def _moments(*moments: datetime | None) -> list[datetime]:
    return [moment for moment in moments if moment is not None]


def _is_newer(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one >= other)


def _differs(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other
