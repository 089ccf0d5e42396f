"""The story of one archive on its way into a file.

    download row -> temporary file -> ranges, each proved and recorded once it is on the disk
    -> whole tree hash -> time restored, fsync, final name -> row gone

A rerun reads back the ranges that were recorded, and fetches only what is missing.
"""

import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from glaciercli import errors
from glaciercli.core import ranges
from glaciercli.core.marks import attributes_of, mark_of
from glaciercli.core.treehash import combine
from glaciercli.model.archives import Archive
from glaciercli.model.downloads import Download
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.operations.context import Context
from glaciercli.ports import JobOutput
from glaciercli.transfer import flow, targets
from glaciercli.transfer.download import PartialFile, usual_mode
from glaciercli.transfer.meter import Meter

#: What is fetched in one request; a power of two MiB, so that the service proves each range.
RANGE_BYTES = 32 * 1024 * 1024

#: How much of a hash is in the name of a temporary file.
_TAG_LENGTH = 16

#: How often a range that does not match its hash is fetched again.
_WRONG_HASH_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an archive goes: a path below a directory."""

    root: str
    components: tuple[str, ...]

    @property
    def path(self) -> str:
        """The whole path."""
        return os.path.join(self.root, *self.components)

    def open(self) -> targets.Target:
        """Open the place, making the directories on the way."""
        return targets.below(self.root, self.components)


class Downloader:
    """Fetches archives whose jobs are ready."""

    def __init__(self, context: Context, *, overwrite: bool) -> None:
        self._context = context
        self._downloads = context.key_map.downloads
        self._overwrite = overwrite
        # Now, and not for each file: files are finished on several threads.
        self._usual_mode = usual_mode()

    def fetch(self, archive: Archive, place: Place, job_id: str) -> flow.Flow[str]:
        """Fetch an archive and return the path of its file."""
        target = place.open()
        download = self._begin(archive, target)
        # On a worker, and so once the row is on the disk: nobody would know of a temporary file
        # without one.
        partial_file = yield from flow.call(
            lambda: PartialFile(target, download.partial, size_bytes=archive.size_bytes)
        )
        meter = Meter(self._context.reporter, archive.label, archive.size_bytes)
        try:
            whole = yield from self._fill(archive, download, partial_file, job_id, meter)
        finally:
            meter.finish()
        if whole != archive.tree_hash:
            # What cannot be removed stays known, and the next run tries again.
            with suppress(errors.FileProblem):
                partial_file.discard()
                self._downloads.end(download.key)
            raise errors.ChecksumMismatch(
                f'"{archive.label}" arrived with another tree hash than the key map holds',
                hint="nothing was written; run the same line again",
            )
        yield from flow.call(
            lambda: partial_file.finish(
                mode=self._mode(archive),
                modified_ns=archive.modified_ns,
                overwrite=self._overwrite,
            )
        )
        self._downloads.end(download.key)
        return target.path

    def put_known(self, archive: Archive, place: Place, content: bytes = b"") -> str:
        """Make the file of an archive that needs no job, and return its path."""
        assert not mark_of(archive).needs_job
        target = place.open()
        partial_file = PartialFile(
            target, settled_partial(archive, target), size_bytes=len(content)
        )
        if content:
            partial_file.write(ByteRange(0, len(content)), [content], lambda _: None)
        partial_file.finish(
            mode=self._mode(archive),
            modified_ns=archive.modified_ns,
            overwrite=self._overwrite,
        )
        return target.path

    def settle(self, archive: Archive, place: Place) -> None:
        """Clear away what a run left that was cut off when the file had just got its name."""
        target = place.open()
        found = self._downloads.find(archive.key, target.path)
        if found is not None:
            target.clear(found.partial)
            self._downloads.end(found.key)
        elif not mark_of(archive).needs_job:
            target.clear(settled_partial(archive, target))

    def _mode(self, archive: Archive) -> int:
        mode = attributes_of(archive).mode
        return self._usual_mode if mode is None else mode

    def _begin(self, archive: Archive, target: targets.Target) -> Download:
        found = self._downloads.find(archive.key, target.path)
        if found is not None:
            return found
        return self._downloads.begin(
            archive.key,
            target.path,
            partial=self._partial_name(target),
            range_bytes=RANGE_BYTES,
            begun_at=self._context.clock.now(),
        )

    def _partial_name(self, target: targets.Target) -> str:
        return targets.partial_name(target.name, self._context.new_tag())

    def _fill(
        self,
        archive: Archive,
        download: Download,
        file: PartialFile,
        job_id: str,
        meter: Meter,
    ) -> flow.Flow[bytes]:
        """Bring the missing ranges in and return the tree hash of the whole."""
        held: dict[ByteRange, bytes] = {}

        def reread(found: HashedSpan | None) -> None:
            if found is not None:
                held[found.span] = found.tree_hash
                meter.advance(found.span.start, found.span.size_bytes)

        recorded = self._downloads.ranges(download.key)
        yield from flow.each((partial(_read_back, file, one) for one in recorded), reread)

        def done(found: HashedSpan) -> None:
            self._downloads.record_range(download.key, found.span, found.tree_hash)
            held[found.span] = found.tree_hash

        wanted = list(ranges.cut(archive.size_bytes, download.range_bytes))
        missing = ranges.missing(wanted, held)
        fetch = partial(self._fetch_range, archive, file, job_id, meter)
        yield from flow.each((partial(fetch, span) for span in missing), done)
        return combine([held[span] for span in wanted])

    def _fetch_range(
        self, archive: Archive, file: PartialFile, job_id: str, meter: Meter, span: ByteRange
    ) -> HashedSpan:
        """Fetch one range, on a worker's thread."""

        def take(output: JobOutput) -> tuple[HashedSpan, bytes | None]:
            advanced = partial(meter.advance, span.start)
            return file.write(span, output.pieces, advanced), output.tree_hash

        for _ in range(_WRONG_HASH_TRIES):
            got, given = self._context.service.read_output(
                archive.vault.name, job_id, span=span, take=take
            )
            if given is None or given == got.tree_hash:
                return got
        raise errors.ChecksumMismatch(
            f'"{archive.label}": bytes {span.start} to {span.last} keep arriving damaged',
            hint=self._way_out(),
        )

    def _way_out(self) -> str:
        """Say what to do about bytes that keep arriving damaged."""
        data = self._context.store.local_data
        if data is None:
            return "run the same line again; what arrived well is kept"
        # No line lies between: it would come to the same again.
        check = shlex.join(["glaciercli", "serve", "--data", data, "--check"])
        return f"`{check}` lists what is damaged in the store itself"


def settled_partial(archive: Archive, target: targets.Target) -> str:
    """Return the name of a temporary file that no row tells of.

    It is the same in every run, so that the next one takes up what a killed one left.
    """
    identity = f"{archive.key} {archive.tag}"
    return targets.partial_name(target.name, sha256(identity.encode()).hexdigest()[:_TAG_LENGTH])


def _read_back(file: PartialFile, recorded: HashedSpan) -> HashedSpan | None:
    """Return a recorded range if the file still holds it."""
    found = file.reread(recorded.span)
    return found if found == recorded else None
