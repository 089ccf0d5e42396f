"""What an inventory means for each archive that is known or listed.

An inventory is a snapshot.  It lags behind the vault, so an archive that it does not list is
only then missing when it had the time to be listed.  Nothing is ever dropped, and nothing that
was deleted here comes back.  Snapshots are to be applied in the order of their dates.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

from glaciercli.core import tokens
from glaciercli.core.description import decode
from glaciercli.core.listed import ListedArchive
from glaciercli.model.archives import ArchiveState

Listed = TypeVar("Listed", bound=ListedArchive)

#: How long the real service may take to list an archive: in the field, inventories dated after
#: an upload lacked it for up to three days, and mt-aws-glacier allows for as much.
DEFAULT_LAG = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArchive:
    """One archive of the key map."""

    #: What the key map finds it by.
    key: int
    #: None where the service has not told it, or where there is no archive.
    archive_id: str | None
    state: ArchiveState
    uploaded_at: datetime
    #: When its deletion was asked for.
    deleted_at: datetime | None
    size_bytes: int
    tree_hash: bytes | None
    #: The unique tag in its description.
    tag: str | None
    #: The date of the newest inventory that listed it, where that is known.
    listed_at: datetime | None = None
    #: Whether only the store of another tool told of it, so that an inventory knows more.
    hearsay: bool = False

    @property
    def is_of_unknown_size(self) -> bool:
        """Whether it stands for what has no bytes, or nobody told how many it has."""
        return self.size_bytes == 0 and self.tree_hash is None


class Verdict(Enum):
    """What has to be done about an archive; the value is the reason."""

    ADD = "listed, and not known here"
    ADD_UNCONFIRMED = "not known here, and too young for a later inventory that lacks it"
    ADD_MISSING = "not known here, and not in a later inventory that should list it"
    CONFIRM = "listed as it was stored"
    SETTLE = "listed with the tag of an upload whose answer was lost"
    SETTLE_UNCONFIRMED = "listed with the tag of such an upload, and a later inventory lacks it"
    KEEP_DELETED = "deleted here; the inventory is not up to that"
    AGREED = "deleted here, and no longer listed"
    MISSING = "stored before the inventory, and not listed"
    NOT_YET_LISTED = "stored too late for the inventory"
    UNCHANGED = "nothing new"
    CONTRADICTION = "listed with another size or tree hash than it was stored with"

    @property
    def reason(self) -> str:
        """Why, in a few words."""
        return self.value


def decide(
    known: KnownArchive | None,
    listed: ListedArchive | None,
    *,
    snapshot_at: datetime,
    lag: timedelta,
    complete: bool,
    newest_at: datetime | None = None,
) -> Verdict:
    """Return what an inventory means for one archive.

    ``complete`` tells that the inventory is of the whole vault, so that what it does not list
    counts.  ``newest_at`` is the date of the last such one that was taken in, where this one may be
    older, so that nothing which that one lacks is confirmed.  A pair has to be one archive: the
    same ID or the same tag.
    """
    if known is None:
        if listed is None:
            message = "there is nothing to decide about"
            raise ValueError(message)
        return Verdict.ADD if newest_at is None else _decide_new(listed, newest_at, lag)
    if listed is not None:
        if newest_at is not None and not _was_listed(known):
            return _decide_lacking(known, listed, newest_at, lag)
        return _decide_listed(known, listed)
    if not known.state.is_live:
        agreed = complete and _is_surely_gone(known, snapshot_at, lag)
        return Verdict.AGREED if agreed else Verdict.KEEP_DELETED
    return _decide_absent(known, snapshot_at, lag) if complete else Verdict.UNCHANGED


def merge(
    known: Iterable[KnownArchive], listed: Iterable[Listed]
) -> Iterator[tuple[KnownArchive | None, Listed | None]]:
    """Yield each archive once, as a pair of what is known and what is listed.

    Both streams are sorted by archive ID, as ``core.tokens`` does; known archives without an ID
    come first.  A listed archive that nobody knows by its ID is paired with the known one without
    ID whose tag its description carries.  Of several listings of one ID the first counts.
    """
    ours = _ascending(known)
    theirs = _ascending_listed(listed)
    lost: dict[str, KnownArchive] = {}
    mine, other = next(ours, None), next(theirs, None)
    while mine is not None and mine.archive_id is None:
        if mine.tag is not None:
            lost[mine.tag] = mine
        else:
            yield mine, None
        mine = next(ours, None)
    while mine is not None or other is not None:
        if other is None or (mine is not None and _order(mine) < _order(other)):
            yield mine, None
            mine = next(ours, None)
        elif mine is None or _order(other) < _order(mine):
            yield _claim(lost, other), other
            other = next(theirs, None)
        else:
            yield mine, other
            mine, other = next(ours, None), next(theirs, None)
    for unclaimed in lost.values():
        yield unclaimed, None


def _decide_listed(known: KnownArchive, listed: ListedArchive) -> Verdict:
    """Return what it means that a known archive is listed."""
    by_id = known.archive_id == listed.archive_id
    if not by_id and (known.archive_id is not None or not _carries_tag(listed, known.tag)):
        message = "the pair is not one archive"
        raise ValueError(message)
    if not known.state.is_live:
        return Verdict.KEEP_DELETED
    if known.state is ArchiveState.EMPTY:
        # What stands for an empty file is not empty itself.
        return Verdict.UNCHANGED if by_id else Verdict.SETTLE
    if _is_other_content(known, listed):
        return Verdict.CONTRADICTION
    if known.state is ArchiveState.UNSETTLED or not by_id:
        return Verdict.SETTLE
    return Verdict.UNCHANGED if known.state is ArchiveState.CONFIRMED else Verdict.CONFIRM


def _decide_new(listed: ListedArchive, newest_at: datetime, lag: timedelta) -> Verdict:
    """Return what it means that an archive is listed which the newest inventory did not tell of."""
    is_missed = _should_have_shown(listed.created_at, newest_at, lag)
    return Verdict.ADD_MISSING if is_missed else Verdict.ADD_UNCONFIRMED


def _decide_lacking(
    known: KnownArchive, listed: ListedArchive, newest_at: datetime, lag: timedelta
) -> Verdict:
    """Return what it means that an archive is listed which the newest inventory lacks."""
    if known.state is ArchiveState.MISSING:
        return Verdict.MISSING
    verdict = _decide_listed(known, listed)
    if verdict in {Verdict.KEEP_DELETED, Verdict.CONTRADICTION}:
        return verdict
    if _should_have_shown(listed.created_at, newest_at, lag):
        return Verdict.MISSING
    # Which of the two is later, nobody knows: the next one tells.
    return Verdict.SETTLE_UNCONFIRMED if verdict is Verdict.SETTLE else Verdict.NOT_YET_LISTED


def _is_other_content(known: KnownArchive, listed: ListedArchive) -> bool:
    """Tell whether a listed archive cannot be the known one.

    No archive has 0 bytes: that stands for a size that nobody told yet.
    """
    other_size = known.size_bytes not in {0, listed.size_bytes}
    return other_size or known.tree_hash not in {None, listed.tree_hash}


def _decide_absent(known: KnownArchive, snapshot_at: datetime, lag: timedelta) -> Verdict:
    """Return what it means that a live archive is not in an inventory of the whole vault."""
    if known.state is ArchiveState.MISSING or not _was_ever_there(known):
        return Verdict.UNCHANGED
    if _was_listed(known):
        # It was listed once, so it needs no time to be listed; but an older inventory, which
        # somebody imports late, says nothing.
        since = known.uploaded_at if known.listed_at is None else known.listed_at
        return Verdict.MISSING if snapshot_at > since else Verdict.UNCHANGED
    if _should_have_shown(known.uploaded_at, snapshot_at, lag):
        return Verdict.MISSING
    return Verdict.NOT_YET_LISTED


def _was_ever_there(known: KnownArchive) -> bool:
    """Tell whether something may be at the service: for an empty file that is its stand-in."""
    return known.state is not ArchiveState.EMPTY or known.archive_id is not None


def _was_listed(known: KnownArchive) -> bool:
    is_stand_in = known.state is ArchiveState.EMPTY
    return known.state is ArchiveState.CONFIRMED or (is_stand_in and known.listed_at is not None)


def _should_have_shown(since: datetime, snapshot_at: datetime, lag: timedelta) -> bool:
    """Tell whether a snapshot must list what was stored at some moment."""
    return since < snapshot_at - lag


def _is_surely_gone(known: KnownArchive, snapshot_at: datetime, lag: timedelta) -> bool:
    """Tell whether its absence from a snapshot proves that an archive was deleted."""
    since = known.uploaded_at if known.deleted_at is None else known.deleted_at
    if snapshot_at <= since:
        return False
    # While nobody has answered the deletion, absence may as well mean: not listed yet.
    deleted = known.state is ArchiveState.DELETED
    return deleted or _should_have_shown(known.uploaded_at, snapshot_at, lag)


def _carries_tag(listed: ListedArchive, tag: str | None) -> bool:
    """Tell whether a listed archive is the one that was uploaded with a tag."""
    return tag is not None and decode(listed.description).tag == tag


def _claim(lost: dict[str, KnownArchive], listed: ListedArchive) -> KnownArchive | None:
    """Return, and take out, the known archive without ID that a listed one turns out to be."""
    tag = decode(listed.description).tag if lost else None
    return None if tag is None else lost.pop(tag, None)


def _order(one: KnownArchive | ListedArchive) -> tuple[bool, tokens.Kept]:
    """Return the place of an archive that has an ID."""
    assert one.archive_id is not None, "archives without an ID come first"
    return tokens.order(one.archive_id)


def _ascending(known: Iterable[KnownArchive]) -> Iterator[KnownArchive]:
    """Yield the known archives, making sure of their order."""
    last: tuple[bool, tokens.Kept] = (False, "")
    for one in known:
        place = tokens.order(one.archive_id or "")
        if place < last:
            message = "the known archives are not sorted by archive ID"
            raise ValueError(message)
        last = place
        yield one


def _ascending_listed(listed: Iterable[Listed]) -> Iterator[Listed]:
    """Yield the listed archives, each ID once, making sure of their order."""
    last: tuple[bool, tokens.Kept] = (False, "")
    for one in listed:
        place = tokens.order(one.archive_id)
        if place < last:
            message = "the listed archives are not sorted by archive ID"
            raise ValueError(message)
        if place != last:
            yield one
        last = place
