"""Reading the files of a directory, and what they say of their archives.

Large files are read by pieces, several at once; small ones many together, since handing one over
to a thread takes longer than reading it.
"""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from glaciercli import errors
from glaciercli.core import ranges, verify
from glaciercli.core.sync_merge import LocalRow
from glaciercli.core.sync_plan import KnownVersion, LocalFile
from glaciercli.core.treehash import combine
from glaciercli.core.verify import IN_DOUBT, Difference, Verdict
from glaciercli.model.ranges import ByteRange
from glaciercli.operations.results import ItemFailure, Skipped
from glaciercli.reporting import Reporter
from glaciercli.transfer import flow, links
from glaciercli.transfer.files import SourceFile
from glaciercli.transfer.meter import Meter

#: A file is read in pieces of this size, several at once; a power of two MiB.
_PIECE_BYTES = 64 * 1024 * 1024

#: How large a small file is, and how many of them are read together.
_SMALL_BYTES, _TOGETHER = 256 * 1024, 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A file that is what was stored."""

    size_bytes: int


#: What became of a name.
Outcome = Proved | Difference | Skipped | ItemFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A file, and what is stored under its name."""

    file: LocalFile
    version: KnownVersion


def is_small(row: LocalRow) -> bool:
    """Tell whether something is a regular file that is read in no time."""
    return row[1] <= _SMALL_BYTES and stat.S_ISREG(row[3])


def prove(doubt: Doubt, reporter: Reporter) -> flow.Flow[Outcome]:
    """Compare a file with its archive; it is read only where that has to be."""
    file, verdict = doubt.file, verify.judge(doubt.file, doubt.version)
    if verdict == IN_DOUBT:
        try:
            tree_hash = yield from _hash(file, reporter)
        except errors.FileProblem as error:
            return ItemFailure(name=file.path, error=error)
        verdict = verify.prove(file, doubt.version, tree_hash=tree_hash)
    return _outcome(file, verdict)


def prove_small(doubts: Sequence[Doubt]) -> Iterator[flow.Flow[list[Outcome]]]:
    """Compare small regular files with their archives, some in one piece of work."""
    left = iter(doubts)
    while some := list(islice(left, _TOGETHER)):
        yield flow.call(partial(_prove_each, some))


def _prove_each(doubts: Sequence[Doubt]) -> list[Outcome]:
    return [_prove_at_once(one) for one in doubts]


def _prove_at_once(doubt: Doubt) -> Outcome:
    file, verdict = doubt.file, verify.judge(doubt.file, doubt.version)
    if verdict == IN_DOUBT:
        try:
            tree_hash = _opened(file).whole_tree_hash()
        except errors.FileProblem as error:
            return ItemFailure(name=file.path, error=error)
        verdict = verify.prove(file, doubt.version, tree_hash=tree_hash)
    return _outcome(file, verdict)


def _hash(file: LocalFile, reporter: Reporter) -> flow.Flow[bytes]:
    """Return the tree hash of what a file holds."""
    if not links.is_regular(file):
        return links.content_hash(file)
    return (yield from hash_in_pieces(_opened(file), file.name, reporter))


def hash_in_pieces(source: SourceFile, name: str, reporter: Reporter) -> flow.Flow[bytes]:
    """Return the tree hash of an open file of at least one byte; raise ``FileChanged``."""
    size = source.identity.size_bytes
    held: dict[ByteRange, bytes] = {}
    meter = Meter(reporter, name, size)

    def read(span: ByteRange) -> tuple[ByteRange, bytes]:
        found = source.tree_hash(span)
        meter.advance(span.start, span.size_bytes)
        return span, found

    spans = list(ranges.cut(size, _PIECE_BYTES))
    try:
        yield from flow.each(
            (partial(read, one) for one in spans), lambda pair: held.update((pair,))
        )
    finally:
        meter.finish()
    tree = combine([held[one] for one in spans])
    yield from flow.call(partial(source.check_unchanged, tree))
    return tree


def _opened(file: LocalFile) -> SourceFile:
    source = SourceFile(file.path)
    if not source.identity.size_bytes:
        # It held something when it was met.
        raise errors.FileChanged(file.path)
    return source


def _outcome(file: LocalFile, verdict: Verdict) -> Outcome:
    return verdict if isinstance(verdict, Difference) else Proved(size_bytes=file.size_bytes)
