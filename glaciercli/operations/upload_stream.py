"""The story of standard input on its way to becoming an archive.

A pipe cannot be read twice, so a rerun reads it from the start again, and sends only the parts
whose hash the service does not hold.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO

from glaciercli import errors
from glaciercli.core import description, parts
from glaciercli.core.treehash import combine
from glaciercli.model.ranges import HashedSpan
from glaciercli.model.uploads import LedgerEntry, UploadIntent
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import ItemFailure, UploadOutcome
from glaciercli.operations.upload_compare import newest_file, stored_already
from glaciercli.operations.upload_flow import ITEM_ERRORS, UploadOptions
from glaciercli.operations.upload_ledger import Ledger, LeftBehind, SentParts
from glaciercli.transfer import flow
from glaciercli.transfer.files import FileSlice
from glaciercli.transfer.meter import Meter
from glaciercli.transfer.spool import Spool


class StreamUploader:
    """Stores a stream under one name of a vault."""

    def __init__(self, context: Context, vault: KnownVault, options: UploadOptions) -> None:
        self._context = context
        self._vault = vault
        self._options = options
        self._ledger = Ledger(context, vault)
        self._part_bytes = parts.stream_part_bytes(options.part_bytes)

    def store(self, stream: BinaryIO, name: str) -> flow.Flow[UploadOutcome]:
        """Store what a stream holds; its failure is a result."""
        try:
            with self._context.key_map.locks.one_name(self._vault, name, "the upload"):
                return (yield from self._store(stream, name))
        except ITEM_ERRORS as error:
            return ItemFailure(name=name, error=error)

    def _store(self, stream: BinaryIO, name: str) -> flow.Flow[UploadOutcome]:
        left = yield from self._ledger.settle(name)
        spool = Spool(stream, part_bytes=self._part_bytes, directory=self._context.spool_directory)
        first = spool.next_part()
        if first is None:
            same = self._compare(name, left, size_bytes=0, tree_hash=None)
            if same is not None:
                return same
            tag = self._context.new_tag()
            return (yield from self._ledger.store_empty(name, None, tag))
        second = spool.next_part() if first.span.size_bytes == self._part_bytes else None
        meter = Meter(self._context.reporter, name, None)
        try:
            if second is None and parts.fits_single_request(
                first.span.size_bytes, self._part_bytes
            ):
                return (yield from self._send_whole(name, first, left, meter))
            rest = chain((second,) if second else (), iter(spool.next_part, None))
            return (yield from self._send_parts(name, first, rest, left, meter))
        finally:
            meter.finish()

    def _send_whole(
        self, name: str, payload: FileSlice, left: LeftBehind, meter: Meter
    ) -> flow.Flow[UploadOutcome]:
        size = payload.span.size_bytes
        same = self._compare(name, left, size_bytes=size, tree_hash=payload.tree_hash)
        if same is not None:
            return same
        yield from self._ledger.drop(name)
        return (yield from self._ledger.send_whole(self._intent(name), payload, meter))

    def _send_parts(
        self,
        name: str,
        first: FileSlice,
        rest: Iterator[FileSlice],
        left: LeftBehind,
        meter: Meter,
    ) -> flow.Flow[UploadOutcome]:
        entry, sent = yield from self._open(name, first)
        trees: dict[int, bytes] = {}
        size = 0

        def works() -> Iterator[Callable[[], HashedSpan]]:
            nonlocal size
            for part in chain((first,), rest):
                size = part.span.stop
                trees[part.span.start] = part.tree_hash
                if sent.recorded.get(part.span) == part.tree_hash:
                    meter.advance(part.span.start, part.span.size_bytes)
                    continue
                part.reporting(partial(meter.advance, part.span.start))
                yield partial(self._ledger.send_part, entry, part, sent)

        def done(part: HashedSpan) -> None:
            self._context.key_map.uploads.record_part(entry.key, part)

        yield from flow.each(works(), done)
        tree = combine([trees[start] for start in sorted(trees)])
        same = self._compare(name, left, size_bytes=size, tree_hash=tree)
        if same is not None:
            # Nobody knew before its end that the stream is stored already.
            yield from self._ledger.give_up(entry)
            return same
        if any(span.start >= size for span in sent.listed):
            # A part that has arrived cannot be taken back.
            yield from self._ledger.give_up(entry)
            raise _shorter()
        return (yield from self._ledger.complete(entry, size_bytes=size, tree=tree))

    def _compare(
        self, name: str, left: LeftBehind, *, size_bytes: int, tree_hash: bytes | None
    ) -> UploadOutcome | None:
        """Return what there is to say where the name already holds the stream's content."""
        known = newest_file(self._context, self._vault, name)
        made = self._options.just_made(known, left)
        if self._options.force and made is None:
            return None
        return stored_already(known, size_bytes=size_bytes, tree_hash=tree_hash, made=made)

    def _open(self, name: str, first: FileSlice) -> flow.Flow[tuple[LedgerEntry, SentParts]]:
        """Open the upload of an earlier run, or a new one where that was of another stream."""
        entry = yield from self._entry(name)
        try:
            entry, sent = yield from self._ledger.open(entry)
        except errors.UploadNotFound:
            self._context.key_map.uploads.end(entry.key)
        else:
            if sent.may_begin_with(first.span, first.tree_hash):
                return entry, sent
            yield from self._ledger.give_up(entry)
        return (yield from self._ledger.open(self._ledger.begin(self._intent(name))))

    def _entry(self, name: str) -> flow.Flow[LedgerEntry]:
        found = self._context.key_map.uploads.find(self._vault.key, name)
        if found is not None:
            intent = found.intent
            same_parts = intent.source is None and intent.part_bytes == self._part_bytes
            if same_parts and self._options.describes(intent):
                return (yield from self._ledger.recover(found))
            yield from self._ledger.give_up(found)
        return self._ledger.begin(self._intent(name))

    def _intent(self, name: str) -> UploadIntent:
        tag = self._context.new_tag()
        text = self._options.description
        return UploadIntent(
            name=name,
            source=None,
            part_bytes=self._part_bytes,
            description=description.encode(name=name, modified_ns=None, tag=tag)
            if text is None
            else text,
            tag=tag if text is None else None,
        )


def _shorter() -> errors.FileProblem:
    return errors.FileProblem(
        "standard input began as in an earlier run and ended sooner: what was sent was dropped",
        hint="run the same line again: it begins anew",
    )
