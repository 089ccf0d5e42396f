"""What another tool's store means for each archive that it tells of.

A store is no proof that the service has an archive, so what is new here waits for an inventory.
Nothing that is known better here gives way: a name of the user's, what an inventory listed, a
deletion of ours.  The same store twice changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from glaciercli.core.foreign_stores.records import NAMELESS, Event, Naming, StoreRecord
from glaciercli.model.archives import ArchiveState

#: Which name stays: the one that is further on; of equals the one that is there.
_RANKS = {"none": 0, "description": 1, "upload": 2, "user": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Everything that a store says of one archive."""

    archive_id: str
    naming: Naming = NAMELESS
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
    whole: Remembered | None = None
    named_at: datetime | None = None
    for record in records:
        if whole is None:
            whole = Remembered(archive_id=record.archive_id)
        if record.naming.name and (whole.naming.name is None or _is_newer(record.at, named_at)):
            named_at = record.at
            whole = replace(whole, naming=record.naming, modified_ns=record.modified_ns)
        whole = _with_event(_with_content(whole, record), record)
    assert whole is not None, "there is a record at least"
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
    if present.state is ArchiveState.EMPTY:
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


def _with_content(whole: Remembered, record: StoreRecord) -> Remembered:
    size, digest = whole.size_bytes, whole.tree_hash
    contradictory = _differs(size, record.size_bytes) or _differs(digest, record.tree_hash)
    modified_ns = whole.modified_ns
    return replace(
        whole,
        size_bytes=record.size_bytes if size is None else size,
        tree_hash=record.tree_hash if digest is None else digest,
        modified_ns=record.modified_ns if modified_ns is None else modified_ns,
        contradictory=whole.contradictory or contradictory,
    )


def _with_event(whole: Remembered, record: StoreRecord) -> Remembered:
    if record.event is Event.DELETED:
        newer = _is_newer(record.at, whole.deleted_at)
        at = record.at if newer or whole.deleted_at is None else whole.deleted_at
        return replace(whole, deleted=True, deleted_at=at)
    earlier = record.at is not None and (whole.stored_at is None or record.at < whole.stored_at)
    return replace(whole, stored_at=record.at) if earlier else whole


def _is_newer(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one >= other)


def _differs(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other
