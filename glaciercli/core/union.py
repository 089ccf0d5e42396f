"""What two key maps know of one archive, made one.

The result is the same whichever of the two comes first.  docs/key-map.md tells the rule in words.
Times are milliseconds since 1970.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from glaciercli.model.archives import ArchiveState

#: Whose word on a name counts more: a guess gives way to what was read, and that to the user.
_SOURCES = ("none", "description", "upload", "user")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFacts:
    """What one key map knows of an archive."""

    archive_id: str | None
    #: Byte for byte, as the key map keeps it.
    name: bytes | None
    name_source: str
    #: When the user gave the name, where the journal tells.
    named_at: int | None
    description: bytes
    tag: str | None
    size_bytes: int
    tree_hash: bytes | None
    modified_ns: int | None
    uploaded_at: int
    state: ArchiveState
    listed_at: int | None
    deleted_at: int | None
    #: The date of the newest whole inventory that this key map has taken in.
    inventory_at: int | None
    #: The kind and the permissions of the file.
    mode: int | None = None


def unite(one: ArchiveFacts, other: ArchiveFacts) -> ArchiveFacts:
    """Return what both know together; the two have to be the same archive."""
    better, worse = sorted((one, other), key=_authority, reverse=True)
    named = max(one, other, key=_weight_of_name)
    state = _united_state(one, other)
    return replace(
        better,
        archive_id=better.archive_id or worse.archive_id,
        name=named.name,
        name_source=named.name_source,
        named_at=named.named_at,
        description=better.description or worse.description,
        tag=better.tag or worse.tag,
        # What another tool's store told may lack the size.
        size_bytes=0 if state is ArchiveState.EMPTY else better.size_bytes or worse.size_bytes,
        tree_hash=better.tree_hash or worse.tree_hash,
        modified_ns=_first(better.modified_ns, worse.modified_ns),
        mode=_first(better.mode, worse.mode),
        state=state,
        listed_at=_latest(one.listed_at, other.listed_at),
        deleted_at=None if state.is_live else _deleted_at(one, other, state),
        inventory_at=_latest(one.inventory_at, other.inventory_at),
    )


#: Whether the ID is known, when an inventory listed it last, or -1, and when it was uploaded.
Dated: TypeAlias = tuple[bool, int, int]


def united_date(one: Dated, other: Dated) -> int:
    """Return when an archive counts as uploaded that two key maps know."""
    return max(one, other)[2]


def _authority(facts: ArchiveFacts) -> tuple[object, ...]:
    """Return what sorts the facts that come nearer to the service's own behind the others."""
    listed_at = -1 if facts.listed_at is None else facts.listed_at
    dated: Dated = (facts.archive_id is not None, listed_at, facts.uploaded_at)
    return (
        *dated,
        # From here on only to decide alike, whichever comes first.
        facts.size_bytes,
        facts.tree_hash or b"",
        facts.description,
        facts.tag or "",
        _LOWEST if facts.modified_ns is None else facts.modified_ns,
        -1 if facts.mode is None else facts.mode,
    )


_LOWEST = -(2**63) - 1


def _weight_of_name(facts: ArchiveFacts) -> tuple[int, int, bytes]:
    source = _SOURCES.index(facts.name_source) if facts.name_source in _SOURCES else 0
    said_at = _LOWEST if facts.named_at is None else facts.named_at
    return source, said_at, facts.name or b""


def _united_state(one: ArchiveFacts, other: ArchiveFacts) -> ArchiveState:
    if one.state.is_live and other.state.is_live:
        return _united_live_state(one, other)
    dead = [facts for facts in (one, other) if not facts.state.is_live]
    archive_id = one.archive_id or other.archive_id
    # The service deletes by ID: whoever did not know it has deleted nothing there yet.
    done = any(
        facts.state is ArchiveState.DELETED and facts.archive_id == archive_id for facts in dead
    )
    return ArchiveState.DELETED if done else ArchiveState.DELETING


def _united_live_state(one: ArchiveFacts, other: ArchiveFacts) -> ArchiveState:
    states = {one.state, other.state}
    if len(states) == 1:
        return one.state
    if ArchiveState.EMPTY in states and ArchiveState.MISSING not in states:
        return ArchiveState.EMPTY
    if (one.archive_id is None) is not (other.archive_id is None):
        return one.state if other.archive_id is None else other.state
    if ArchiveState.MISSING in states:
        return _there_or_missing(one, other)
    return max(states, key=_TOLD_BY_INVENTORY.index)


#: Live states, each behind those that it knows more than.
_TOLD_BY_INVENTORY = (ArchiveState.UNSETTLED, ArchiveState.UPLOADED, ArchiveState.CONFIRMED)


def _there_or_missing(one: ArchiveFacts, other: ArchiveFacts) -> ArchiveState:
    """Return which of the two the later inventory says; who saw none knows less than that."""
    missing, there = (one, other) if one.state is ArchiveState.MISSING else (other, one)
    looked_at = _LOWEST if missing.inventory_at is None else missing.inventory_at
    seen_at = _seen_at(there)
    return missing.state if seen_at is None or seen_at < looked_at else there.state


def _seen_at(there: ArchiveFacts) -> int | None:
    """Return the date of the inventory that listed an archive."""
    if there.state is ArchiveState.CONFIRMED and there.listed_at is None:
        return there.uploaded_at
    is_listed = there.state in {ArchiveState.CONFIRMED, ArchiveState.EMPTY}
    return there.listed_at if is_listed else None


def _deleted_at(one: ArchiveFacts, other: ArchiveFacts, state: ArchiveState) -> int | None:
    """Return when it was deleted first: the fee for an early deletion counts from there."""
    told = [facts for facts in (one, other) if facts.deleted_at is not None]
    best = [facts for facts in told if facts.state is state] or told
    return min((facts.deleted_at for facts in best if facts.deleted_at is not None), default=None)


def _first(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


def _latest(one: int | None, other: int | None) -> int | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)
