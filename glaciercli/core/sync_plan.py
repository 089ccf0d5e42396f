"""What has to be done for a vault to hold what a directory holds.

Nothing here looks at a file or at the key map: what is known of both comes in, and each decision
goes out with its reason.
"""

import stat
from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from glaciercli.core.text import printable
from glaciercli.errors import BadUsage
from glaciercli.model.archives import ArchiveState

#: The mode of a file that nobody told: most files have it.
USUAL_MODE = stat.S_IFREG | 0o644

#: How far ahead of the clock the time of a file may be that is written just now: a file server may
#: have another time zone.
_AHEAD = timedelta(days=1)

#: Why an archive is kept that somebody brings back.
BEING_RETRIEVED = "it is being retrieved, or was within a day"

_LOWEST_NS, _HIGHEST_NS = -(2**63), 2**63 - 1


class Compare(Enum):
    """What tells that a file of the same size is the same file."""

    #: The size alone.
    SIZE = "size"
    #: The modification time; the content where that differs.
    MTIME = "mtime"
    #: The content, always.
    HASH = "hash"


class SyncKind(Enum):
    """What happens to one name."""

    UPLOAD = "upload"
    #: Stored as a new version, since it is not what the newest one holds.
    REPLACE = "replace"
    #: The archive of a name that is gone gets this one.
    RENAME = "rename"
    #: The content is stored; its time or its mode is noted in the key map.
    RECORD = "record"
    DELETE = "delete"
    #: In the vault and no longer in the directory, and left alone.
    KEEP = "keep"
    #: As it was stored: never listed, only counted.
    UNCHANGED = "unchanged"
    #: Only its content tells what happens to it.
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """A file of the directory."""

    #: The name of its archive, prefix included; that of an empty directory ends with a slash.
    name: str
    path: str
    size_bytes: int
    modified_ns: int
    #: As the system tells it, the kind of file included.
    mode: int
    #: The name of the archive that holds the same file, where it has several names.
    linked_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """The newest live version of a name in the key map."""

    name: str
    archive_key: int
    #: ``None`` where nobody told it.
    size_bytes: int | None
    modified_ns: int | None
    tree_hash: bytes | None
    state: ArchiveState
    mode: int | None = None
    linked_to: str | None = None
    #: Whether a sync has missed its file since.
    was_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncAction:
    """One name, what happens to it, and why."""

    kind: SyncKind
    name: str
    reason: str
    size_bytes: int
    #: What is stored, or compared with; nothing where there is no such file.
    local: LocalFile | None = None
    #: What is replaced, renamed, noted, kept or deleted: every version that is.
    archive_keys: tuple[int, ...] = ()
    old_name: str | None = None
    #: Since when the file has been missed, where that matters.
    gone_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What happens to a file that has an archive, and why."""

    kind: SyncKind
    reason: str


_UNCHANGED = Verdict(kind=SyncKind.UNCHANGED, reason="as it was stored")
_THERE_AGAIN = Verdict(kind=SyncKind.RECORD, reason="there again, same content")
_IN_DOUBT = Verdict(kind=SyncKind.IN_DOUBT, reason="only the content tells")

_KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "an empty directory",
}


def kept_ns(modified_ns: int) -> int:
    """Return a time in nanoseconds as near as the key map holds it: from 1677 up to 2262."""
    return max(_LOWEST_NS, min(modified_ns, _HIGHEST_NS))


def young(min_age: timedelta | None, *, now: datetime) -> range:
    """Return the times, in nanoseconds, of files that changed too short a time ago.

    What lies further ahead tells nothing: a file dated 2099 would never be stored.
    """
    if min_age is None:
        return range(0)
    first, last = (int(one.timestamp()) * 10**9 for one in (now - min_age, now + _AHEAD))
    return range(first + 1, last + 1)


def compare(file: LocalFile, version: KnownVersion, by: Compare) -> Verdict:
    """Return what happens to a file whose name has an archive."""
    if version.state is ArchiveState.MISSING:
        return Verdict(kind=SyncKind.UPLOAD, reason="the last inventory does not list it")
    other = _other_kind(file, version)
    if other is not None:
        return Verdict(kind=SyncKind.REPLACE, reason=other)
    if file.linked_to is not None:
        return _THERE_AGAIN if version.was_gone else _UNCHANGED
    if file.size_bytes != version.size_bytes:
        # What is not known equals nothing: not even an empty file.
        known = version.size_bytes is not None
        reason = "size changed" if known else "the size of the stored one is not known"
        return Verdict(kind=SyncKind.REPLACE, reason=reason)
    return _compare_closer(file, version, by)


def _compare_closer(file: LocalFile, version: KnownVersion, by: Compare) -> Verdict:
    """Return what happens to a file of the same kind and size."""
    same_time = by is Compare.SIZE or file.modified_ns == version.modified_ns
    if not file.size_bytes or (same_time and by is not Compare.HASH):
        return _with_attributes(file, version, by)
    if version.tree_hash is None:
        reason = "the content of the stored one is not known"
        return Verdict(kind=SyncKind.REPLACE, reason=reason)
    return _IN_DOUBT


def settle(file: LocalFile, version: KnownVersion, *, tree_hash: bytes, by: Compare) -> Verdict:
    """Return what happens to a file that was in doubt, now that its content is known."""
    if tree_hash != version.tree_hash:
        return Verdict(kind=SyncKind.REPLACE, reason="content changed")
    return _with_attributes(file, version, by)


def _with_attributes(file: LocalFile, version: KnownVersion, by: Compare) -> Verdict:
    """Return what happens to a file whose content is stored."""
    # A time is believed only of what was compared: with the size alone nothing was.
    if by is not Compare.SIZE and file.modified_ns != version.modified_ns:
        return Verdict(kind=SyncKind.RECORD, reason="touched, same content")
    if file.mode != (USUAL_MODE if version.mode is None else version.mode):
        return Verdict(kind=SyncKind.RECORD, reason="mode changed")
    return _THERE_AGAIN if version.was_gone else _UNCHANGED


def _other_kind(file: LocalFile, version: KnownVersion) -> str | None:
    """Return what a name is now, where it is not what was stored."""
    if file.linked_to != version.linked_to:
        return "another name of the same file" if file.linked_to else "a file of its own now"
    stored = USUAL_MODE if version.mode is None else version.mode
    now = stat.S_IFMT(file.mode)
    if file.linked_to is not None or now == stat.S_IFMT(stored):
        return None
    return f"{_KINDS.get(now, 'another kind of file')} now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A name of the vault that the directory has no more."""

    name: str
    size_bytes: int
    #: Its versions, the newest last.
    archive_keys: tuple[int, ...]
    #: That of the newest; ``None`` where nothing can take it over.
    tree_hash: bytes | None
    #: Since when a sync has missed it, where one has noted that.
    since: datetime | None = None
    #: Why it has to be left alone, if it has to.
    protected: str | None = None
    #: Whether it was a further name of a file, which may change from now on without it.
    is_further_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What may be deleted."""

    delete: bool = False
    #: How long a file must have been gone.
    delete_after: timedelta | None = None
    #: How many versions of a file stay; ``None`` is one where archives of files that are gone are
    #: deleted, and all of them where they are not.
    keep_versions: int | None = None

    @property
    def deletes_gone(self) -> bool:
        """Whether archives of files that are gone are deleted, at once or in time."""
        return self.delete or self.delete_after is not None

    @property
    def versions(self) -> int | None:
        """How many versions of a file stay; ``None`` is all of them."""
        if self.keep_versions is None and self.deletes_gone:
            return 1
        return self.keep_versions


def surplus(
    versions: Sequence[tuple[int, ArchiveState]], *, successor: bool, keep: int | None
) -> tuple[int, ...]:
    """Return which versions of a name go, once its successor is stored if it gets one.

    ``versions`` are the keys and states of those that are live, the oldest first.  Only what is
    surely to be had counts as one that stays; what is only probably stored never goes.
    """
    sure = successor or (bool(versions) and versions[-1][1] in SURE)
    if keep is None or not sure:
        return ()
    staying, going = int(successor), []
    for key, state in reversed(versions):
        if staying >= keep and state is not ArchiveState.UNSETTLED:
            going.append(key)
        elif state in SURE:
            staying += 1
    return tuple(reversed(going))


#: The states in which the content of a version is surely to be had.
SURE = frozenset({ArchiveState.UPLOADED, ArchiveState.CONFIRMED, ArchiveState.EMPTY})


def fate_of(gone: Gone, retention: Retention, *, now: datetime) -> SyncAction:
    """Return what happens to the archives of a file that is gone."""

    def action(kind: SyncKind, reason: str, since: datetime | None = None) -> SyncAction:
        return SyncAction(
            kind=kind,
            name=gone.name,
            reason=reason,
            size_bytes=gone.size_bytes,
            archive_keys=gone.archive_keys,
            gone_since=since,
        )

    if gone.protected is not None:
        return action(SyncKind.KEEP, gone.protected)
    after, since = retention.delete_after, now if gone.since is None else gone.since
    if after is None:
        kind = SyncKind.DELETE if retention.delete else SyncKind.KEEP
        return action(kind, "no such file any more", since if gone.is_further_name else None)
    if now - since < after:
        return action(SyncKind.KEEP, f"gone since {since:%Y-%m-%d}, and kept for a while", since)
    return action(SyncKind.DELETE, f"gone since {since:%Y-%m-%d}")


def may_be_renamed(files: Iterable[LocalFile], gone: Iterable[Gone]) -> list[LocalFile]:
    """Return the new files whose content may be that of a file that is gone."""
    sizes = {one.size_bytes for one in gone if one.tree_hash is not None}
    return [
        one
        for one in files
        if one.size_bytes in sizes
        and one.size_bytes
        and stat.S_ISREG(one.mode)
        and one.linked_to is None
    ]


def renames(hashes: Mapping[str, bytes], gone: Iterable[Gone]) -> dict[str, Gone]:
    """Return which archive each new name takes over; each archive goes to one name.

    ``hashes`` holds the tree hash of each new file.  Of several archives with its content one
    whose file had the same last component is taken before others.
    """
    left = [one for one in gone if one.tree_hash is not None]
    nearest = _paired(
        {name: (tree_hash, _last(name)) for name, tree_hash in hashes.items()},
        [((one.tree_hash, _last(one.name)), one) for one in left],
    )
    used = {one.name for one in nearest.values()}
    others = _paired(
        {name: tree_hash for name, tree_hash in hashes.items() if name not in nearest},
        [(one.tree_hash, one) for one in left if one.name not in used],
    )
    return nearest | others


def left_of(gone: Gone) -> Gone | None:
    """Return what is still gone once the newest version has got another name."""
    older = gone.archive_keys[:-1]
    return replace(gone, archive_keys=older, tree_hash=None) if older else None


def _paired(
    wanted: Mapping[str, object], offered: Iterable[tuple[object, Gone]]
) -> dict[str, Gone]:
    """Return an archive for each name of which one is wanted, as far as there are any."""
    pools: dict[object, deque[Gone]] = {}
    for key, one in offered:
        pools.setdefault(key, deque()).append(one)
    return {name: pools[key].popleft() for name, key in wanted.items() if pools.get(key)}


def _last(name: str) -> str:
    return name.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionLimit:
    """How much may be deleted in one run: so many archives, or a share of what there is."""

    count: int | None = None
    percent: float | None = None

    def allows(self, deleted: int, *, of: int) -> bool:
        """Tell whether so many of so many files may go."""
        if self.count is not None and deleted > self.count:
            return False
        return self.percent is None or deleted * 100 <= self.percent * of

    @property
    def words(self) -> str:
        """The limit as its user wrote it."""
        return f"{self.count:,}" if self.percent is None else f"{self.percent:g}%"


def held_back(action: SyncAction, limit: DeletionLimit) -> SyncAction:
    """Return what happens instead of a deletion that a limit does not allow."""
    if action.kind is not SyncKind.DELETE:
        return action
    reason = f"{action.reason}, and --max-delete allows {limit.words}"
    return replace(action, kind=SyncKind.KEEP, reason=reason)


def left_for_retrieval(action: SyncAction, retrieved: Container[int]) -> SyncAction:
    """Return what happens instead of a deletion of archives that are being brought back."""
    if action.kind is not SyncKind.DELETE or not any(
        key in retrieved for key in action.archive_keys
    ):
        return action
    return replace(action, kind=SyncKind.KEEP, reason=BEING_RETRIEVED)


def parse_limit(text: str) -> DeletionLimit:
    """Return the limit that a user wrote: a number of files, or a share such as ``5%``."""
    number = text.removesuffix("%")
    whole, _, fraction = number.partition(".")
    if text.endswith("%") and (whole + fraction).isdecimal() and number.isascii():
        return DeletionLimit(percent=float(number))
    if not (number.isascii() and number.isdecimal() and number == text):
        raise BadUsage(
            f'"{printable(text)}" is no number of files', hint="write for instance 100 or 5%"
        )
    return DeletionLimit(count=int(number))
