"""What has to be done for a vault to hold what a directory holds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from glaciercli.model.archives import ArchiveState


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
    REPLACE = "replace"
    KEEP = "keep"
    #: In the vault, and no longer in the directory.
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFile:
    """A file of the directory."""

    #: The name of its archive, prefix included.
    name: str
    path: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """The newest live version of a name in the key map."""

    name: str
    archive_key: int
    size_bytes: int
    modified_ns: int | None
    tree_hash: bytes | None
    state: ArchiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncAction:
    """One name, what happens to it, and why."""

    kind: SyncKind
    local: LocalFile | None
    known: KnownVersion | None
    reason: str


def sort_key(name: str) -> bytes:
    """Return what names are sorted by: their bytes in UTF-8, undecodable ones as they are."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # Half a character that stands for no byte: no file has such a name, an archive may.
        return name.encode("utf-8", "surrogatepass")


def plan_sync(
    local: Iterable[LocalFile],
    known: Iterable[KnownVersion],
    *,
    compare: Compare,
    hash_of: Callable[[LocalFile], bytes],
) -> Iterator[SyncAction]:
    """Yield an action for each name, in order.

    Both streams are sorted by `sort_key` and hold each name once.  ``hash_of`` returns the tree
    hash of a file; it is asked only where nothing cheaper tells, and not before the action is
    asked for.
    """
    files, versions = iter(local), iter(known)
    file, version = next(files, None), next(versions, None)
    while file is not None or version is not None:
        order = _order(file, version)
        if order < 0 and file is not None:
            yield _action(SyncKind.UPLOAD, file, None, "new")
        elif order > 0:
            yield _action(SyncKind.GONE, None, version, "no such file any more")
        elif file is not None and version is not None:
            kind, reason = _compare(file, version, compare, hash_of)
            yield _action(kind, file, version, reason)
        file = next(files, None) if order <= 0 else file
        version = next(versions, None) if order >= 0 else version


def _order(file: LocalFile | None, version: KnownVersion | None) -> int:
    """Return -1 if the file's name comes first, 1 if the version's does, 0 for the same name."""
    if file is None:
        return 1
    if version is None:
        return -1
    ours, theirs = sort_key(file.name), sort_key(version.name)
    return (ours > theirs) - (ours < theirs)


def _compare(
    file: LocalFile,
    version: KnownVersion,
    compare: Compare,
    hash_of: Callable[[LocalFile], bytes],
) -> tuple[SyncKind, str]:
    """Return what happens to a file that has an archive, and why."""
    if version.state is ArchiveState.MISSING:
        return SyncKind.UPLOAD, "the last inventory does not list it"
    if file.size_bytes != version.size_bytes:
        return SyncKind.REPLACE, "size changed"
    if file.size_bytes == 0:
        return SyncKind.KEEP, "empty"
    if compare is Compare.SIZE:
        return SyncKind.KEEP, "same size"
    return _compare_content(file, version, compare, hash_of)


def _compare_content(
    file: LocalFile,
    version: KnownVersion,
    compare: Compare,
    hash_of: Callable[[LocalFile], bytes],
) -> tuple[SyncKind, str]:
    """Return what happens to a file of the same size, and why."""
    same_time = file.modified_ns == version.modified_ns
    if compare is Compare.MTIME and same_time:
        return SyncKind.KEEP, "same size and time"
    if version.tree_hash is None:
        return SyncKind.REPLACE, "the content of the stored one is not known"
    if hash_of(file) != version.tree_hash:
        return SyncKind.REPLACE, "content changed"
    return SyncKind.KEEP, "same content" if same_time else "touched, same content"


def _action(
    kind: SyncKind, local: LocalFile | None, known: KnownVersion | None, reason: str
) -> SyncAction:
    """Return one action."""
    return SyncAction(kind=kind, local=local, known=known, reason=reason)
