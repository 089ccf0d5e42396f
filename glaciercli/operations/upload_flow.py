"""The story of one file on its way to becoming an archive, told in order."""

from dataclasses import dataclass
from functools import partial

from glaciercli import errors
from glaciercli.core import description, parts
from glaciercli.core.described import Attributes
from glaciercli.core.treehash import combine
from glaciercli.model.archives import Archive
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.uploads import LedgerEntry, UploadIntent
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import ItemFailure, Unsettled, Uploaded, UploadOutcome
from glaciercli.operations.upload_compare import newest_file, stored_already
from glaciercli.operations.upload_ledger import Ledger, LeftBehind
from glaciercli.reporting import Detail, TransferSpared
from glaciercli.transfer import flow
from glaciercli.transfer.files import FileSlice, SourceFile
from glaciercli.transfer.meter import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadItem:
    """A file and the name that it is going to have; a path of ``None`` is standard input."""

    path: str | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOptions:
    """How the items of one command are stored."""

    part_bytes: int | None = None
    description: str | None = None
    #: What the archives are, where they are no files of a user's.
    kind: str | None = None
    #: Store even what the name already holds.
    force: bool = False

    def describes(self, intent: UploadIntent | Archive) -> bool:
        """Tell whether an upload of an earlier run gets the description that is wanted now."""
        if self.description is None:
            # Only a record of ours has a mark.
            return intent.tag is not None
        return intent.tag is None and intent.description == self.description

    def just_made(self, known: Archive | None, left: LeftBehind) -> Uploaded | None:
        """Return what an upload of an earlier run has become, if that is the newest version.

        With the content that is to be stored it is what this line asks for: no run said so yet.
        """
        if known is None or not isinstance(left, Uploaded) or not self.describes(known):
            return None
        return left if known.archive_id == left.archive_id else None


#: What fails one item and lets the others go on.
ITEM_ERRORS = (
    # A name that no description holds, a file that no archive holds.
    errors.BadUsage,
    errors.Busy,
    errors.ChecksumMismatch,
    errors.FileProblem,
    errors.InvalidRequest,
    errors.OutcomeUnknown,
    errors.RefusedByService,
    errors.RemoteNotFound,
)

#: What is heard of a file that changes while it is sent: the service refuses bytes that are not
#: those that were hashed.
_SIGNS_OF_CHANGE = (errors.ChecksumMismatch, errors.FileChanged, errors.InvalidRequest)


class Uploader:
    """Stores items in one vault."""

    def __init__(self, context: Context, vault: KnownVault, options: UploadOptions) -> None:
        self._context = context
        self._vault = vault
        self._options = options
        self._ledger = Ledger(context, vault)
        #: Whether a single request's answer was lost.  What became of one nobody can ask; of an
        #: upload in parts one can, so from then on even small files go that way.
        self._is_wary = False

    def store(self, item: UploadItem) -> flow.Flow[UploadOutcome]:
        """Store one file; its failure is a result."""
        assert item.path is not None
        try:
            with self._context.key_map.locks.one_name(self._vault, item.name, "the upload"):
                return (yield from self._store(item.name, item.path))
        except ITEM_ERRORS as error:
            return ItemFailure(name=item.name, error=error)

    def _store(self, name: str, path: str) -> flow.Flow[UploadOutcome]:
        left = yield from self._ledger.settle(name)
        source = SourceFile(path, own=self._context.own)
        try:
            return (yield from self._store_open(name, source, left))
        except _SIGNS_OF_CHANGE as error:
            changed = _change_behind(error, source)
            if changed is None:
                raise
            yield from self._ledger.drop(name)
            raise changed from error

    def _store_open(
        self, name: str, source: SourceFile, left: LeftBehind
    ) -> flow.Flow[UploadOutcome]:
        same = yield from self._compare(name, source, left)
        if same is not None:
            self._context.reporter.report(
                TransferSpared(name=name, total_bytes=source.identity.size_bytes)
            )
            return same
        if not source.identity.size_bytes:
            tag = self._context.new_tag()
            return (yield from self._ledger.store_empty(name, source.identity, tag))
        meter = Meter(self._context.reporter, name, source.identity.size_bytes)
        try:
            return (yield from self._send(name, source, left, meter))
        finally:
            meter.finish()

    def _compare(
        self, name: str, source: SourceFile, left: LeftBehind
    ) -> flow.Flow[UploadOutcome | None]:
        """Return what there is to say where the name already holds the file's content."""
        size = source.identity.size_bytes
        known = newest_file(self._context, self._vault, name)
        made = self._options.just_made(known, left)
        if self._options.force and made is None:
            return None
        if known is None or known.known_size_bytes != size:
            return None
        tree = (yield from flow.call(source.whole_tree_hash)) if size else None
        return stored_already(known, size_bytes=size, tree_hash=tree, made=made)

    def _send(
        self, name: str, source: SourceFile, left: LeftBehind, meter: Meter
    ) -> flow.Flow[UploadOutcome]:
        size = source.identity.size_bytes
        part_bytes = parts.choose_part_bytes(size, wanted=self._options.part_bytes)
        if isinstance(left, LedgerEntry):
            if self._goes_on(left, source, part_bytes):
                entry = yield from self._ledger.recover(left)
                return (yield from self._send_in_parts(entry, source, meter))
            yield from self._ledger.give_up(left)
        intent = self._intent(name, source, part_bytes)
        if parts.fits_single_request(size, part_bytes):
            payload = yield from flow.call(source.read_whole)
            if not self._is_wary:
                return (yield from self._send_whole(intent, payload, meter))
        return (yield from self._send_in_parts(self._ledger.begin(intent), source, meter))

    def _goes_on(self, left: LedgerEntry, source: SourceFile, part_bytes: int) -> bool:
        """Tell whether an upload of an earlier run is what this one is to be.

        It has this content, is in the wanted parts, and gets the wanted description.
        """
        was, wanted = left.intent.source, self._options.part_bytes
        if was is None or not was.is_still(source.identity):
            return False
        if not self._options.describes(left.intent):
            return False
        return wanted is None or left.intent.part_bytes == part_bytes

    def _intent(self, name: str, source: SourceFile, part_bytes: int) -> UploadIntent:
        tag = self._context.new_tag()
        text = self._options.description
        return UploadIntent(
            name=name,
            source=source.identity,
            part_bytes=part_bytes,
            description=description.encode(
                name=name,
                modified_ns=source.identity.modified_ns,
                tag=tag,
                kind=self._options.kind,
                attributes=Attributes(mode=source.identity.mode),
            )
            if text is None
            else text,
            tag=tag if text is None else None,
        )

    def _send_whole(
        self, intent: UploadIntent, payload: FileSlice, meter: Meter
    ) -> flow.Flow[UploadOutcome]:
        outcome = yield from self._ledger.send_whole(intent, payload, meter)
        if isinstance(outcome, Unsettled) and not self._is_wary:
            self._is_wary = True
            self._context.reporter.report(
                Detail(message="an answer was lost: small files go as uploads of one part now")
            )
        return outcome

    def _send_in_parts(
        self, entry: LedgerEntry, source: SourceFile, meter: Meter
    ) -> flow.Flow[UploadOutcome]:
        try:
            return (yield from self._send_parts(entry, source, meter))
        except errors.UploadNotFound:
            # The service forgets an upload that rests for a day: begin it anew, once.
            self._context.key_map.uploads.end(entry.key)
            intent = self._intent(entry.intent.name, source, entry.intent.part_bytes)
            return (yield from self._send_parts(self._ledger.begin(intent), source, meter))

    def _send_parts(
        self, entry: LedgerEntry, source: SourceFile, meter: Meter
    ) -> flow.Flow[UploadOutcome]:
        size = source.identity.size_bytes
        entry, sent = yield from self._ledger.open(entry)
        wanted = list(parts.lay_out(size, entry.intent.part_bytes))
        held: dict[ByteRange, bytes] = {}

        def done(part: HashedSpan) -> None:
            if sent.recorded.get(part.span) != part.tree_hash:
                self._context.key_map.uploads.record_part(entry.key, part)
            held[part.span] = part.tree_hash

        def send(span: ByteRange) -> HashedSpan:
            # What was sent before is read again too: a file's time does not prove its content.
            payload = source.hashed(span).reporting(partial(meter.advance, span.start))
            part = self._ledger.send_part(entry, payload, sent)
            meter.advance(span.start, span.size_bytes)
            return part

        yield from flow.each((partial(send, span) for span in wanted), done)
        tree = combine([held[span] for span in wanted])
        yield from flow.call(partial(source.check_unchanged, tree))
        return (yield from self._ledger.complete(entry, size_bytes=size, tree=tree))


def _change_behind(
    error: errors.GlacierCliError, source: SourceFile
) -> errors.GlacierCliError | None:
    """Return the error that says that a file changed, if that is why another was raised."""
    if isinstance(error, errors.FileChanged):
        return errors.FileChanged(source.path)
    try:
        source.check_unchanged()
    except errors.FileProblem as changed:
        return changed
    return None
