"""Proving that a directory holds what a vault holds, file by file.

Files are taken in order of name, some at a time.  After each few it is written down how far the
check has come and what it has found, so that the same line goes on where it was stopped.  What
could not be read is looked at anew then.  The service is not asked: what is compared with is the
tree hash that it confirmed at the upload.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from glaciercli import errors
from glaciercli.core import unread, verify
from glaciercli.core.description import is_key_map
from glaciercli.core.filters import PatternRules
from glaciercli.core.marks import Mark, attributes_of, mark_of, stands_for
from glaciercli.core.paths import archive_name
from glaciercli.core.sync_merge import NOT_PLAIN, Alike, LocalRow, Merge, Pair, StoredRow
from glaciercli.core.sync_plan import KnownVersion, LocalFile, kept_ns
from glaciercli.core.text import printable
from glaciercli.core.unread import Unread
from glaciercli.core.verify import Difference, Finding
from glaciercli.keymap.database import decode_text, encode_text
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.checks import KnownCheck, KnownFinding
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import verify_files
from glaciercli.operations.context import Context
from glaciercli.operations.results import ItemFailure, Skipped, exit_code
from glaciercli.operations.verify_files import Doubt, Outcome, Proved
from glaciercli.reporting import Notice
from glaciercli.transfer import flow, links, tree

#: After how many files, or how much of them, it is written down how far the check has come.
_MOST_FILES, _MOST_BYTES = 500, 4 * 1024**3

#: How a place that could not be read is written down; its reason is what had been read before.
_UNREAD = "unread"

_NOT_PROVED = errors.ChecksumMismatch.exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """What a command asks for."""

    directory: str
    vault: str
    prefix: str | None
    rules: PatternRules = field(default_factory=PatternRules)
    #: The patterns as they were given: a check with others is another check.
    patterns: Sequence[Sequence[str]] = ()
    follow_symlinks: bool = False
    #: Begin anew, whatever an earlier run has proved.
    restart: bool = False


@dataclass(slots=True, kw_only=True)
class VerifyReport:
    """What became of each name."""

    vault: str
    directory: str
    begun_at: datetime
    proved: int = 0
    proved_bytes: int = 0
    differences: list[Difference] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    def of(self, finding: Finding) -> list[Difference]:
        """Return the differences of one kind, in order of name."""
        return [one for one in self.differences if one.finding is finding]

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        if self.differences:
            return _NOT_PROVED
        return exit_code(self.failed, done=self.proved)


#: What there is to do about a few names, and the last of them.
_Few = tuple[list[flow.Flow[list[Outcome]]], bytes]


def run(context: Context, request: VerifyRequest) -> VerifyReport:
    """Compare a directory with the key map and return the differences."""
    if not os.path.isdir(request.directory):
        raise errors.FileProblem(
            f'"{printable(request.directory)}" is no directory', hint="verify takes a directory"
        )
    vault = context.recall(request.vault)
    scope = _scope(request)
    with context.key_map.locks.one_task(vault, scope, "this check"):
        return _Run(context, vault, request, scope).run()


def _scope(request: VerifyRequest) -> str:
    """Return what makes a check the same check."""
    told = {
        "directory": os.path.abspath(request.directory),
        "prefix": request.prefix,
        "patterns": request.patterns,
        "follow": request.follow_symlinks,
    }
    return json.dumps(told, sort_keys=True)


class _Run:
    """One run over a directory."""

    def __init__(
        self, context: Context, vault: KnownVault, request: VerifyRequest, scope: str
    ) -> None:
        self._context = context
        self._vault = vault
        self._checks = context.key_map.checks
        self._trees = context.key_map.trees
        self._root = os.path.abspath(request.directory)
        self._below = archive_name("", request.prefix)
        self._start = len(encode_text(self._below) or b"")
        self._rules = request.rules
        self._check = self._begin(scope, restart=request.restart)
        self._walk = tree.Walk(
            self._root,
            prefix=encode_text(self._below) or b"",
            follow=request.follow_symlinks,
            rules=request.rules,
            own=context.own,
        )
        self._report = VerifyReport(
            vault=vault.name,
            directory=self._root,
            begun_at=self._check.begun_at,
            proved=self._check.proved,
            proved_bytes=self._check.proved_bytes,
        )
        #: What an earlier run could not read, and which of it is to be looked at anew still.
        self._unread: list[Unread] = []
        self._noted: set[bytes] = set()
        for one in self._checks.findings(self._check.key):
            self._recall(one)

    def run(self) -> VerifyReport:
        """Look at every name that was not looked at before."""
        written = len(self._report.differences)
        for stories, reached in self._few():
            flow.run_all(stories, workers=self._context.jobs, take=self._take_all)
            # What is looked at anew comes first, and counts once all of it was.
            if reached > self._check.reached:
                self._record(reached, self._report.differences[written:])
                written = len(self._report.differences)
        self._tell_unreadable()
        self._report.differences.sort(key=lambda one: encode_text(one.name) or b"")
        self._checks.end(self._check.key)
        return self._report

    def _begin(self, scope: str, *, restart: bool) -> KnownCheck:
        now = self._context.clock.now()
        check = self._checks.begin(self._vault.key, scope, at=now)
        if restart and check.reached:
            self._checks.end(check.key)
            check = self._checks.begin(self._vault.key, scope, at=now)
        if check.reached:
            message = (
                f"going on with the check of {check.begun_at:%Y-%m-%d %H:%MZ}: "
                f"{check.proved:,} files were proved; --restart begins anew"
            )
            self._context.reporter.report(Notice(message=message))
        return check

    def _recall(self, one: KnownFinding) -> None:
        """Take what an earlier run has written down."""
        name, reason = encode_text(one.name) or b"", encode_text(one.reason) or b""
        if one.finding == _UNREAD:
            self._unread.append(Unread(place=name, since=reason))
            self._noted.add(name)
        else:
            finding = Finding(one.finding)
            self._take(Difference(finding=finding, name=one.name, reason=one.reason))

    def _record(self, reached: bytes, differences: Iterable[Difference]) -> None:
        """Write down how far the check has come, and what could not be read up to there."""
        places = self._places()
        met, settled = unread.changes(
            places, noted=self._noted, reached=self._check.reached, unread=self._unread
        )
        self._checks.record(
            self._check.key,
            reached=reached,
            proved=self._report.proved,
            proved_bytes=self._report.proved_bytes,
            found=[*map(_finding, differences), *map(_unread, met)],
            settled=[_unread(Unread(place=one)) for one in settled],
        )
        self._noted = (self._noted | places) - settled

    def _places(self) -> set[bytes]:
        """Return the places that could not be read so far."""
        below = encode_text(self._below) or b""
        root = len(os.path.join(os.fsencode(self._root), b""))
        files = (os.fsencode(one.name)[root:] for one in self._report.failed)
        return {below + one for one in (*files, *(one.name for one in self._walk.unreadable))}

    def _few(self) -> Iterator[_Few]:
        """Yield what there is to do, a few names at a time, each with the last of its names."""
        rows = self._trees.rows(self._vault, prefix=self._below)
        merge = Merge(self._walk.batches(), rows, alike=Alike.NEVER)
        reached, again = self._check.reached, self._unread
        left = (
            one
            for one in merge.pairs()
            if unread.is_due(_name_of(one), reached=reached, unread=again)
        )
        for pairs in _together(left):
            # Asked for together: one by one takes longer than reading small files does.
            hashes = self._trees.hashes([one[1][0][4] for one in pairs if len(one[1]) == 1])
            small: list[Doubt] = []
            stories = [self._story(*one, hashes, small) for one in pairs]
            told = [_alone(one) for one in stories if one is not None]
            yield [*told, *verify_files.prove_small(small)], _name_of(pairs[-1])

    def _story(
        self,
        row: LocalRow | None,
        versions: Sequence[StoredRow],
        hashes: Mapping[int, bytes],
        small: list[Doubt],
    ) -> flow.Flow[Outcome] | None:
        """Return what there is to do about a name, if there is anything.

        Files that are read in no time go to ``small``.
        """
        plain = _plain(versions, hashes)
        if row is not None and plain is not None and verify_files.is_small(row):
            small.append(Doubt(file=self._file(row), version=plain))
            return None
        known = [self._trees.archive(self._vault, one[4]) for one in versions]
        stored = [one for one in known if one.state.is_live]
        if row is None:
            # Nobody misses a stored key map; one that was brought back is proved as all else is.
            files = [one for one in stored if not is_key_map(one.description)]
            name = versions[0][0]
            is_missing = files and self._is_wanted(name) and not self._is_unreadable(name)
            return _say(verify.missing(decode_text(name))) if is_missing else None
        file = self._file(row)
        if not links.can_be_stored(file):
            return _say(Skipped(name=file.path, reason="no regular file"))
        if not stored:
            return _say(verify.surplus(file.name))
        doubt = Doubt(file=file, version=self._version(stored[-1]))
        return verify_files.prove(doubt, self._context.reporter)

    def _version(self, archive: Archive) -> KnownVersion:
        """Return what is stored for a name; of a further name of a file, the file."""
        if mark_of(archive) is Mark.HARD_LINK:
            name = attributes_of(archive).linked_to or ""
            first = stands_for(archive, self._context.key_map.archives.named(self._vault, name))
            archive = archive if first is None else first
        attributes = attributes_of(archive)
        return KnownVersion(
            name=archive.label,
            archive_key=archive.key,
            size_bytes=archive.known_size_bytes,
            modified_ns=archive.modified_ns,
            tree_hash=archive.tree_hash,
            state=archive.state,
            mode=attributes.mode,
        )

    def _is_wanted(self, name: bytes) -> bool:
        relative = name[self._start :]
        if self._walk.leaves_out(relative):
            return False
        return not self._rules.active or self._rules.wants(relative)

    def _is_unreadable(self, name: bytes) -> bool:
        """Tell whether something may be there all the same: the walk has passed its place."""
        relative = name[self._start :]
        return any(Unread(place=one.name).holds(relative) for one in self._walk.unreadable)

    def _file(self, row: LocalRow) -> LocalFile:
        name, size_bytes, modified_ns, mode = row
        return LocalFile(
            name=decode_text(name),
            path=os.path.join(self._root, os.fsdecode(name[self._start :])),
            size_bytes=size_bytes,
            modified_ns=kept_ns(modified_ns),
            mode=mode,
        )

    def _take_all(self, outcomes: Iterable[Outcome]) -> None:
        for one in outcomes:
            self._take(one)

    def _take(self, outcome: Outcome) -> None:
        match outcome:
            case Proved():
                self._report.proved += 1
                self._report.proved_bytes += outcome.size_bytes
            case Difference():
                self._report.differences.append(outcome)
            case Skipped():
                self._report.skipped.append(outcome)
            case ItemFailure():
                self._report.failed.append(outcome)

    def _tell_unreadable(self) -> None:
        """Say what could not be read, or was left out."""
        self._report.skipped.extend(
            Skipped(name=one.path, reason=one.reason) for one in self._walk.skipped
        )
        for one in self._walk.unreadable:
            error = errors.FileProblem(one.reason)
            self._report.failed.append(ItemFailure(name=one.path, error=error))


def _name_of(pair: Pair) -> bytes:
    local, versions = pair
    return versions[0][0] if local is None else local[0]


def _together(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    """Yield as many names at a time as are written down at once."""
    few: list[Pair] = []
    size = 0
    for one in pairs:
        few.append(one)
        size += 0 if one[0] is None else one[0][1]
        if len(few) >= _MOST_FILES or size >= _MOST_BYTES:
            yield few
            few, size = [], 0
    if few:
        yield few


def _plain(versions: Sequence[StoredRow], hashes: Mapping[int, bytes]) -> KnownVersion | None:
    """Return the only version of a name if its row and its hash tell all of it."""
    if len(versions) != 1 or versions[0][3] == NOT_PLAIN or versions[0][4] not in hashes:
        return None
    name, size_bytes, modified_ns, mode, key, _ = versions[0]
    return KnownVersion(
        name=decode_text(name),
        archive_key=key,
        size_bytes=size_bytes,
        modified_ns=modified_ns,
        tree_hash=hashes[key],
        state=ArchiveState.CONFIRMED,
        mode=mode,
    )


def _alone(story: flow.Flow[Outcome]) -> flow.Flow[list[Outcome]]:
    return [(yield from story)]


def _say(outcome: Outcome) -> flow.Flow[Outcome]:
    """Return a story that is told already."""
    yield from ()
    return outcome


def _finding(one: Difference) -> KnownFinding:
    return KnownFinding(finding=one.finding.value, name=one.name, reason=one.reason)


def _unread(one: Unread) -> KnownFinding:
    return KnownFinding(finding=_UNREAD, name=decode_text(one.place), reason=decode_text(one.since))
