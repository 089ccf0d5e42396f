"""What a sync is going to do, found by comparing a directory with the key map.

Most names are unchanged, and only counted.  What differs is decided about in ``core.sync_plan``;
this module brings what the decisions need: versions, hashes and dates.
"""

from bisect import bisect_left
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from glaciercli import errors
from glaciercli.core import sync_links, sync_plan
from glaciercli.core.description import is_key_map
from glaciercli.core.marks import Mark, attributes_of, mark_of
from glaciercli.core.sync_merge import Alike, LocalRow, Merge, StoredRow
from glaciercli.core.sync_plan import (
    Compare,
    Gone,
    KnownVersion,
    LocalFile,
    SyncAction,
    SyncKind,
    Verdict,
)
from glaciercli.keymap.database import encode_text
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import retrievals_under_way, sync_hashes
from glaciercli.operations.context import Context
from glaciercli.operations.results import ItemFailure, Skipped, Unsettled
from glaciercli.operations.sync_request import SyncPlan, SyncRequest, left_for_later
from glaciercli.operations.sync_source import Source, protected
from glaciercli.transfer import links, own

#: The live archives of a name, the oldest first.
_Versions: TypeAlias = tuple[tuple[int, ArchiveState], ...]

#: How many files are in doubt at once; what was found of them is dropped before the next.
_MOST_IN_DOUBT = 1000

#: The states in which an archive can stand for a file of another name.
_PRESENT = frozenset({ArchiveState.UPLOADED, ArchiveState.CONFIRMED})

_ALIKE = {
    Compare.MTIME: Alike.SIZE_AND_TIME,
    Compare.SIZE: Alike.SIZE,
    Compare.HASH: Alike.NEVER,
}

_NOT_ALL_READ = "not all of the tree could be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """A file, the newest archive of its name, and those that may have to go."""

    file: LocalFile
    version: KnownVersion
    versions: _Versions


class Gathering:
    """One comparison of a directory with the key map."""

    def __init__(self, context: Context, vault: KnownVault, request: SyncRequest) -> None:
        self._context = context
        self._vault = vault
        self._request = request
        self._trees = context.key_map.trees
        self._source = Source(request, own=context.own)
        self._young = sync_plan.young(request.min_age, now=context.clock.now())
        self._plan = SyncPlan(vault=request.vault, root=self._source.root)
        #: Deletes nothing that somebody is bringing back.
        self._spared = partial(retrievals_under_way.spared, context, vault)
        #: In the order of the walk.
        self._new: list[LocalFile] = []
        #: The names of files with several, by the one that was met first, as far as that is new
        #: or stored as a further name, each with its live archives.
        self._several: dict[str, list[tuple[LocalFile, Sequence[Archive]]]] = {}
        self._gone: list[Gone] = []
        #: Files whose content tells what happens to them.
        self._doubts: list[_Compared] = []
        #: Versions that have a successor.
        self._replaced: list[SyncAction] = []
        #: The names of what is there and left out.
        self._left_out: set[str] = set()
        #: The names of files whose content would have told what happens to them.
        self._unread: set[str] = set()

    def plan(self) -> SyncPlan:
        """Return what is to be done; raise ``FileProblem`` where the directory is not to be had."""
        rows = self._trees.rows(self._vault, prefix=self._source.below)
        merge = Merge(self._source.walk.batches(), rows, alike=_ALIKE[self._request.compare])
        for local, versions in merge.pairs():
            self._take(local, versions)
        self._settle_several()
        self._settle_doubts()
        self._plan.unchanged += merge.unchanged
        self._source.check(files=merge.files, gone=len(self._gone))
        self._plan.root_identity = own.identity(self._source.root)
        self._plan.skipped.extend(self._source.skipped)
        self._plan.failed.extend(self._source.failures)
        self._gone = self._source.protect(self._gone)
        dependent = self._dependent()
        fates = self._spared(self._settle_new_and_gone(dependent))
        fates = self._keep_limit(merge.files, fates)
        replaced = self._spared(self._replaced)
        self._plan.actions.extend(sync_links.spare([*fates, *replaced], dependent))
        self._leave_further_names()
        self._plan.actions.sort(key=_order)
        return self._plan

    def _take(self, row: LocalRow | None, versions: Sequence[StoredRow]) -> None:
        """Look at a name that is not plainly unchanged."""
        known = [self._trees.archive(self._vault, one[4]) for one in versions]
        self._finish_deleting(known)
        live = [one for one in known if one.state.is_live]
        if row is None:
            # Nobody misses a stored key map; one that was brought back is a file like others.
            if files := [one for one in live if not is_key_map(one.description)]:
                self._gone.append(self._missed(files))
            return
        file = self._source.file(row)
        reason = self._why_not(file)
        if reason is not None:
            self._plan.skipped.append(Skipped(name=file.path, reason=reason))
            self._left_out.add(file.name)
        elif self._is_one_of_several(file, live):
            self._several.setdefault(file.linked_to or file.name, []).append((file, live))
        elif not live:
            self._new.append(file)
        else:
            self._compare(file, live)

    def _is_one_of_several(self, file: LocalFile, live: Sequence[Archive]) -> bool:
        """Tell whether another name of a file may be the one that holds it in the vault."""
        if file.linked_to is None:
            return bool(live) and mark_of(live[-1]) is Mark.HARD_LINK
        if file.linked_to not in self._several:
            at = bisect_left(self._new, encode_text(file.linked_to) or b"", key=_in_order)
            if at == len(self._new) or self._new[at].name != file.linked_to:
                return False
            self._several[file.linked_to] = [(self._new[at], ())]
        return True

    def _settle_several(self) -> None:
        """Take the names of files with several as what they are stored as."""
        if not self._several:
            return
        self._new = [one for one in self._new if one.name not in self._several]
        for names in self._several.values():
            known = [(one, _version(live[-1]) if live else None) for one, live in names]
            for file, (_, live) in zip(sync_links.first_stored(known), names, strict=True):
                if live:
                    self._compare(file, live)
                else:
                    self._new.append(file)
        self._new.sort(key=_in_order)

    def _finish_deleting(self, known: Iterable[Archive]) -> None:
        """Go on with deletions that an earlier run began."""
        begun = [one for one in known if one.state is ArchiveState.DELETING]
        if begun and self._request.retention.versions is not None:
            self._act(SyncKind.DELETE, begun, "its deletion was begun")

    def _compare(self, file: LocalFile, live: Sequence[Archive]) -> None:
        one = _Compared(file=file, version=_version(live[-1]), versions=_measured(live))
        verdict = sync_plan.compare(file, one.version, self._request.compare)
        if verdict.kind is SyncKind.IN_DOUBT:
            self._doubts.append(one)
            if len(self._doubts) >= _MOST_IN_DOUBT:
                self._settle_doubts()
        else:
            self._decide(one, verdict)

    def _settle_doubts(self) -> None:
        doubts, self._doubts = self._doubts, []
        hashes = self._hashes([one.file for one in doubts])
        for one in doubts:
            if one.file.name in self._unread:
                continue
            verdict = sync_plan.settle(
                one.file,
                one.version,
                tree_hash=hashes[one.file.name],
                by=self._request.compare,
            )
            self._decide(one, verdict)

    def _decide(self, one: _Compared, verdict: Verdict) -> None:
        """Take a verdict about a file into the plan, and what it means for older versions."""
        stores = verdict.kind in {SyncKind.UPLOAD, SyncKind.REPLACE}
        file, newest = one.file, one.version
        if not stores and newest.state is ArchiveState.UNSETTLED:
            self._plan.unsettled.append(Unsettled(name=file.name, size_bytes=file.size_bytes))
        elif verdict.kind is SyncKind.UNCHANGED:
            self._plan.unchanged += 1
        else:
            self._plan.actions.append(
                _about(file, verdict.kind, verdict.reason, keys=(newest.archive_key,))
            )
        keep = self._request.retention.versions
        surplus = sync_plan.surplus(one.versions, successor=stores, keep=keep)
        if surplus:
            kept = f"{keep} version{'' if keep == 1 else 's'} of it stay{'s' if keep == 1 else ''}"
            action = _about(file, SyncKind.DELETE, kept, keys=surplus)
            size = self._trees.archive(self._vault, surplus[-1]).size_bytes
            self._replaced.append(replace(action, size_bytes=size))

    def _leave_further_names(self) -> None:
        """Leave out the further names of files that are not, and will not be, stored for sure."""
        unsure = self._unread | self._left_out | {one.name for one in self._plan.unsettled}
        actions = self._plan.actions
        left = [one for one in actions if sync_links.relies_on(one, unsure)]
        self._plan.actions = [one for one in actions if not sync_links.relies_on(one, unsure)]
        self._plan.skipped.extend(
            left_for_later(one) for one in left if one.kind is not SyncKind.DELETE
        )

    def _dependent(self) -> dict[str, list[str]]:
        """Return the further names that this run does not look at, by the name of their file."""
        if not self._gone and not self._replaced:
            return {}
        unseen = self._left_out | {one.name for one in self._gone}
        further = self._trees.further_names(self._vault)
        return sync_links.left_alone(further, below=self._source.below, unseen=unseen)

    def _settle_new_and_gone(self, dependent: Container[str]) -> list[SyncAction]:
        """Decide about the names that only one side has, archives that were renamed first.

        Returns what happens to those that are gone.
        """
        free = [one for one in self._gone if one.protected is None and one.name not in dependent]
        hashes = self._hashes(sync_plan.may_be_renamed(self._new, free))
        taken = sync_plan.renames(hashes, free)
        self._protect_from_unread()
        for file in (one for one in self._new if one.name not in self._unread):
            source = taken.get(file.name)
            if source is None:
                self._plan.actions.append(_about(file, SyncKind.UPLOAD, "new"))
            else:
                self._rename(file, source)
        renamed = {one.name for one in taken.values()}
        now = self._context.clock.now()
        left = (sync_plan.left_of(one) if one.name in renamed else one for one in self._gone)
        retention = self._request.retention
        return [sync_plan.fate_of(one, retention, now=now) for one in left if one is not None]

    def _rename(self, file: LocalFile, source: Gone) -> None:
        self._plan.actions.append(
            SyncAction(
                kind=SyncKind.RENAME,
                name=file.name,
                reason="the same content as a file that is gone",
                size_bytes=file.size_bytes,
                local=file,
                archive_keys=source.archive_keys[-1:],
                old_name=source.name,
            )
        )

    def _act(self, kind: SyncKind, archives: Sequence[Archive], reason: str) -> None:
        self._plan.actions.append(
            SyncAction(
                kind=kind,
                name=archives[-1].label,
                reason=reason,
                size_bytes=archives[-1].size_bytes,
                archive_keys=tuple(one.key for one in archives),
            )
        )

    def _missed(self, live: Sequence[Archive]) -> Gone:
        newest = live[-1]
        assert newest.name is not None
        doubtful = any(one.state is ArchiveState.UNSETTLED for one in live)
        # Where a symbolic link leads may be the very bytes of a file.
        is_file = newest.state in _PRESENT and mark_of(newest) is Mark.FILE
        return Gone(
            name=newest.name,
            size_bytes=newest.size_bytes,
            archive_keys=tuple(one.key for one in live),
            tree_hash=newest.tree_hash if is_file else None,
            since=newest.gone_at,
            protected="an inventory has to settle its upload first" if doubtful else None,
            is_further_name=attributes_of(newest).linked_to is not None,
        )

    def _why_not(self, file: LocalFile) -> str | None:
        """Return why a file is neither stored nor missed."""
        if file.linked_to is None and not links.can_be_stored(file):
            return "no regular file"
        if file.modified_ns in self._young:
            return "changed too short a time ago"
        return None

    def _hashes(self, files: Sequence[LocalFile]) -> dict[str, bytes]:
        """Return the tree hash of each file; one that cannot be read has none, and fails.

        To store it all the same may be to store, and pay for, what is stored already.
        """
        hashes = sync_hashes.read(self._context, files)
        self._plan.failed.extend(hashes.failed)
        self._unread.update(one.name for one in hashes.failed)
        return hashes.found

    def _protect_from_unread(self) -> None:
        """Keep what is gone, and was not found again, while it may live on in what was not read."""
        if self._unread or any(one.is_trouble for one in self._source.walk.unreadable):
            self._gone = [protected(one, _NOT_ALL_READ) for one in self._gone]

    def _keep_limit(self, count: int, fates: list[SyncAction]) -> list[SyncAction]:
        """Let no file that is gone be deleted if more are gone than the user expects."""
        limit = self._request.limit
        doomed = sum(one.kind is SyncKind.DELETE for one in fates)
        whole = count + len(self._gone)
        if limit is None or limit.allows(doomed, of=whole):
            return fates
        refused = errors.RefusedByService(
            f"{doomed:,} files of {whole:,} are gone, and --max-delete allows {limit.words}: "
            "none of them is deleted",
            hint="look at the list with --dry-run; a larger --max-delete lets them go",
        )
        self._plan.refused = refused
        self._plan.failed.append(ItemFailure(name=self._source.root, error=refused))
        return [sync_plan.held_back(one, limit) for one in fates]


def _version(archive: Archive) -> KnownVersion:
    attributes = attributes_of(archive)
    return KnownVersion(
        name=archive.label,
        archive_key=archive.key,
        size_bytes=archive.known_size_bytes,
        modified_ns=archive.modified_ns,
        tree_hash=archive.tree_hash,
        state=archive.state,
        mode=attributes.mode,
        linked_to=attributes.linked_to,
        was_gone=archive.gone_at is not None,
    )


def _measured(live: Sequence[Archive]) -> _Versions:
    """Return the archives of a name, without those of an unknown size.

    Of such a one nobody can tell that it is not what the file holds: it neither goes nor counts.
    """
    return tuple(
        (one.key, one.state)
        for one in live
        if one.known_size_bytes is not None or one.state is ArchiveState.MISSING
    )


def _about(
    file: LocalFile, kind: SyncKind, reason: str, *, keys: tuple[int, ...] = ()
) -> SyncAction:
    return SyncAction(
        kind=kind,
        name=file.name,
        reason=reason,
        size_bytes=file.size_bytes,
        local=file,
        archive_keys=keys,
    )


def _in_order(file: LocalFile) -> bytes:
    return encode_text(file.name) or b""


def _order(action: SyncAction) -> tuple[bytes, bool]:
    return encode_text(action.name) or b"", action.kind is SyncKind.DELETE
