"""What a file of a directory says about its archive, and an archive about its file."""

from dataclasses import dataclass
from enum import Enum

from glaciercli.core.sync_plan import Compare, KnownVersion, LocalFile, SyncKind, compare, settle
from glaciercli.model.archives import ArchiveState


class Finding(Enum):
    """How a directory and a vault differ about one name."""

    #: In the vault, and not in the directory.
    MISSING = "missing"
    #: In both, and not the same.
    CHANGED = "changed"
    #: In the directory, and not in the vault.
    EXTRA = "extra"
    #: In both, and nothing known tells whether they are the same.
    UNPROVED = "unproved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One name on which a directory and a vault do not agree, and why."""

    finding: Finding
    name: str
    reason: str


#: What a file is as far as it was looked at: a difference, proved, or in need of its hash.
PROVED, IN_DOUBT = "proved", "in doubt"
Verdict = Difference | str

_NOT_SURE = {
    ArchiveState.MISSING: "the last inventory does not list it",
    ArchiveState.UNSETTLED: "the answer to its upload was lost, and no inventory has settled it",
    ArchiveState.DELETING: "its deletion was begun",
}


def missing(name: str) -> Difference:
    """Return the difference about an archive whose file is not there."""
    return Difference(finding=Finding.MISSING, name=name, reason="no such file")


def surplus(name: str) -> Difference:
    """Return the difference about a file that has no archive."""
    return Difference(finding=Finding.EXTRA, name=name, reason="not in the vault")


def judge(file: LocalFile, version: KnownVersion) -> Verdict:
    """Return what is known of a file without reading it."""
    reason = _NOT_SURE.get(version.state) or _untold(file, version)
    if reason is not None:
        return Difference(finding=Finding.UNPROVED, name=file.name, reason=reason)
    found = compare(file, version, Compare.HASH)
    if found.kind is SyncKind.IN_DOUBT:
        return IN_DOUBT
    return _verdict(file, found.kind, found.reason)


def prove(file: LocalFile, version: KnownVersion, *, tree_hash: bytes) -> Verdict:
    """Return what is known of a file in doubt, now that it was read."""
    found = settle(file, version, tree_hash=tree_hash, by=Compare.HASH)
    return _verdict(file, found.kind, found.reason)


def _untold(file: LocalFile, version: KnownVersion) -> str | None:
    """Return what nobody told of an archive, where a proof needs it."""
    if version.size_bytes is None:
        return "nobody told the size of what is stored"
    if version.tree_hash is None and file.size_bytes and file.size_bytes == version.size_bytes:
        return "nobody told the tree hash of what is stored"
    return None


def _verdict(file: LocalFile, kind: SyncKind, reason: str) -> Verdict:
    # A file that was only touched is the file that was stored.
    if kind in {SyncKind.REPLACE, SyncKind.UPLOAD}:
        return Difference(finding=Finding.CHANGED, name=file.name, reason=reason)
    return PROVED
