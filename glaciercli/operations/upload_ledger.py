"""The steps of an upload that are written down before they are taken.

Whatever ends the program, the same line finds in the ledger where to go on:

    intent -> upload ID -> parts as they finish -> completing -> archive row, intent gone

A single request goes sending -> archive row.  Where the answer to the request that
creates the archive was lost, the archive is probably stored: it becomes an *unsettled* row, which
the next inventory settles by the mark in its description.
"""

from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from glaciercli import errors
from glaciercli.core import description, parts, versions
from glaciercli.core.described import EMPTY_FILE_CONTENT, Attributes
from glaciercli.core.listed import ListedArchive
from glaciercli.core.times import CLOCKS_APART
from glaciercli.core.upload_states import (
    Deed,
    Heard,
    after_completing,
    after_sending,
    left_behind,
)
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.files import FileIdentity
from glaciercli.model.new_archives import NewArchive
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.uploads import LedgerEntry, UploadIntent
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import Unsettled, Uploaded, UploadOutcome
from glaciercli.transfer import flow
from glaciercli.transfer.files import FileSlice
from glaciercli.transfer.meter import Meter
from glaciercli.transfer.spool import spooled

#: What there is of an upload of an earlier run: what goes on, or is an archive since.
LeftBehind = LedgerEntry | Uploaded | None

#: How the service says that parts and their hashes do not make the archive that was announced.
_REFUSALS = (errors.ChecksumMismatch, errors.InvalidRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentParts:
    """The parts of an upload from before, each with its tree hash."""

    #: What the service has; a run may have been cut off before it recorded all of it.
    listed: Mapping[ByteRange, bytes]
    #: Those of them that are recorded as sent, and need no second record.
    recorded: Mapping[ByteRange, bytes]

    def may_begin_with(self, span: ByteRange, tree_hash: bytes) -> bool:
        """Tell whether the first part is the given one, as far as it is known."""
        first = [one for one in self.listed if one.start == span.start]
        return not first or self.listed[first[0]] == tree_hash


class Ledger:
    """The steps of an upload that are written down before they are taken."""

    def __init__(self, context: Context, vault: KnownVault) -> None:
        self._context = context
        self._vault = vault
        self._key_map = context.key_map

    def begin(self, intent: UploadIntent) -> LedgerEntry:
        """Commit to an upload."""
        return self._key_map.uploads.begin(
            self._vault.key, intent, begun_at=self._context.clock.now()
        )

    def settle(self, name: str) -> flow.Flow[LeftBehind]:
        """Find out what became of an upload that was cut off while it may have been completed.

        Returns the entry of one that was cut off before that, and the archive that it is now of
        one that the service has.
        """
        entry = self._key_map.uploads.find(self._vault.key, name)
        deed = None if entry is None else left_behind(entry.stage)
        if entry is None or deed is Deed.GO_ON:
            return entry
        made: UploadOutcome | None = None
        if deed is Deed.DOUBT:
            made = self._record_unsettled(entry)
        else:
            # What the service refuses was given up: the line goes on anew.
            with suppress(*_REFUSALS):
                made = yield from self._make_archive(entry, again=True)
        return made if isinstance(made, Uploaded) else None

    def take_in(self, entry: LedgerEntry, listed: ListedArchive | None) -> None:
        """Make an archive of an upload that was cut off, if an inventory tells of it.

        It lists it now, or has told of it before.
        """
        intent, archives = entry.intent, self._key_map.archives
        if intent.tag is None or not archives.has_mark(self._vault, intent.name, intent.tag):
            if listed is None:
                return
            new = self._new_archive(entry, None, ArchiveState.UNSETTLED)
            # Newer than what was there when it was begun; what the service says is told with
            # the rest of the inventory.
            dated = replace(new, archive_id=listed.archive_id, uploaded_at=entry.begun_at)
            archives.add(self._vault.key, dated)
        self._key_map.uploads.end(entry.key)

    def drop(self, name: str) -> Generator[flow.Step, None, None]:
        """Give up whatever is under way for a name."""
        found = self._key_map.uploads.find(self._vault.key, name)
        if found is not None:
            yield from self.give_up(found)

    def recover(self, entry: LedgerEntry) -> flow.Flow[LedgerEntry]:
        """Return an entry of an earlier run with the upload that was opened for it, if one was.

        A run may have been cut off between the service's answer and the record of it; the mark
        in the description tells such an upload from anybody else's.
        """
        intent = entry.intent
        if entry.upload_id is not None or intent.tag is None:
            return entry
        service, vault = self._context.service, self._vault.name
        listed = yield from flow.call(lambda: list(service.list_uploads(vault)))
        for one in listed:
            if one.description == intent.description and one.part_bytes == intent.part_bytes:
                return self._key_map.uploads.opened(entry, one.upload_id)
        return entry

    def open(self, entry: LedgerEntry) -> flow.Flow[tuple[LedgerEntry, SentParts]]:
        """Return the entry with its upload ID, and the parts that are safely at the service."""
        service, vault = self._context.service, self._vault.name
        if entry.upload_id is not None:
            upload_id = entry.upload_id
            listed = yield from flow.call(lambda: list(service.list_parts(vault, upload_id)))
            there = {part.span: part.tree_hash for part in listed}
            ours = self._key_map.uploads.parts(entry.key)
            recorded = {
                part.span: part.tree_hash for part in ours if there.get(part.span) == part.tree_hash
            }
            return entry, SentParts(listed=there, recorded=recorded)
        intent = entry.intent
        upload_id = yield from flow.call(
            lambda: service.initiate_upload(
                vault, part_bytes=intent.part_bytes, description=intent.description
            )
        )
        opened = self._key_map.uploads.opened(entry, upload_id)
        return opened, SentParts(listed={}, recorded={})

    def send_part(self, entry: LedgerEntry, payload: FileSlice, sent: SentParts) -> HashedSpan:
        """Send one part, on a worker's thread, unless the service has it."""
        assert entry.upload_id is not None
        if sent.listed.get(payload.span) != payload.tree_hash:
            self._context.service.upload_part(self._vault.name, entry.upload_id, payload)
        return HashedSpan(span=payload.span, tree_hash=payload.tree_hash)

    def send_whole(
        self, intent: UploadIntent, payload: FileSlice, meter: Meter
    ) -> flow.Flow[UploadOutcome]:
        """Store everything in one request."""
        service, vault = self._context.service, self._vault.name
        payload.reporting(partial(meter.advance, 0))
        entry = self._key_map.uploads.begin_sending(
            self._vault.key,
            intent,
            size_bytes=payload.span.size_bytes,
            tree=payload.tree_hash,
            begun_at=self._context.clock.now(),
        )
        try:
            archive_id = yield from flow.call(
                lambda: service.upload_archive(vault, payload, description=intent.description)
            )
        except errors.GlacierCliError as failure:
            if after_sending(_heard_in(failure)) is Deed.DOUBT:
                return self._record_unsettled(entry)
            self._key_map.uploads.end(entry.key)
            raise
        except GeneratorExit:
            # Stopped: sure to be nowhere only if the last byte never went out.
            if payload.revoke():
                self._key_map.uploads.end(entry.key)
            raise
        return self._record(entry, archive_id)

    def complete(
        self, entry: LedgerEntry, *, size_bytes: int, tree: bytes
    ) -> flow.Flow[UploadOutcome]:
        """Make the parts one archive."""
        entry = self._key_map.uploads.completing(entry, size_bytes=size_bytes, tree=tree)
        return (yield from self._make_archive(entry, again=False))

    def give_up(self, entry: LedgerEntry) -> Generator[flow.Step, None, None]:
        """Drop an upload here and at the service."""
        entry = yield from self.recover(entry)
        if entry.upload_id is not None:
            upload_id = entry.upload_id
            yield from flow.call(
                lambda: self._context.service.abort_upload(self._vault.name, upload_id)
            )
        self._key_map.uploads.end(entry.key)

    def store_empty(
        self, name: str, source: FileIdentity | None, tag: str
    ) -> flow.Flow[UploadOutcome]:
        """Store what stands for an empty file.

        Glacier knows no empty archives; an archive of one byte, whose description says that the
        file has none, lets the vault alone rebuild the key map.
        """
        yield from self.drop(name)
        modified_ns = None if source is None else source.modified_ns
        intent = UploadIntent(
            name=name,
            source=source,
            part_bytes=parts.SMALLEST_PART_BYTES,
            description=description.encode(
                name=name,
                modified_ns=modified_ns,
                tag=tag,
                size_bytes=0,
                attributes=None if source is None else Attributes(mode=source.mode),
            ),
            tag=tag,
        )
        payload = spooled(EMPTY_FILE_CONTENT, self._context.spool_directory)
        meter = Meter(self._context.reporter, name, len(EMPTY_FILE_CONTENT))
        try:
            return (yield from self.send_whole(intent, payload, meter))
        finally:
            meter.finish()

    def _make_archive(self, entry: LedgerEntry, *, again: bool) -> flow.Flow[UploadOutcome]:
        """Ask the service to make the parts one archive, and find out what became of that.

        Completing names one upload, so it can never make a second archive, however often it is
        asked for; for a while the service even answers a repetition with the same ID.
        """
        while True:
            try:
                ask = partial(self._ask_to_complete, entry, again=again)
                archive_id = yield from flow.call(ask)
            except errors.GlacierCliError as failure:
                deed = after_completing(_heard_in(failure), again=again)
                if deed is Deed.DOUBT:
                    return self._record_unsettled(entry)
                if deed is Deed.GIVE_UP:
                    # Sent again under a new upload.
                    yield from self.give_up(entry)
                if deed is not Deed.ASK_AGAIN:
                    raise
                again = True
            else:
                return self._record(entry, archive_id)

    def _ask_to_complete(self, entry: LedgerEntry, *, again: bool) -> str:
        assert entry.upload_id is not None
        assert entry.size_bytes is not None
        assert entry.tree_hash is not None
        return self._context.service.complete_upload(
            self._vault.name,
            entry.upload_id,
            size_bytes=entry.size_bytes,
            tree_hash=entry.tree_hash,
            again=again,
        )

    def _record(self, entry: LedgerEntry, archive_id: str) -> Uploaded:
        new = self._finish(self._new_archive(entry, archive_id, ArchiveState.UPLOADED), entry)
        return Uploaded(
            name=entry.intent.name,
            archive_id=archive_id,
            size_bytes=new.size_bytes,
            tree_hash=new.tree_hash,
        )

    def _record_unsettled(self, entry: LedgerEntry) -> Uploaded | Unsettled:
        new = self._finish(self._new_archive(entry, None, ArchiveState.UNSETTLED), entry)
        if new.archive_id is None:
            return Unsettled(name=entry.intent.name, size_bytes=new.size_bytes)
        # Known from an inventory.
        return Uploaded(
            name=entry.intent.name,
            archive_id=new.archive_id,
            size_bytes=new.size_bytes,
            tree_hash=new.tree_hash,
        )

    def _new_archive(
        self, entry: LedgerEntry, archive_id: str | None, state: ArchiveState
    ) -> NewArchive:
        intent = entry.intent
        told, source = description.decode(intent.description), intent.source
        # Only what is as long as the stand-in can be one.
        empty = entry.size_bytes == len(EMPTY_FILE_CONTENT) and told.size_bytes == 0
        # An upload of an earlier run has it in the description alone.
        mode = told.attributes.mode if source is None or source.mode is None else source.mode
        return NewArchive(
            archive_id=archive_id,
            name=intent.name,
            name_source="upload",
            description=intent.description,
            tag=intent.tag,
            size_bytes=0 if empty else entry.size_bytes or 0,
            tree_hash=None if empty else entry.tree_hash,
            modified_ns=None if intent.source is None else intent.source.modified_ns,
            uploaded_at=self._context.clock.now(),
            # Whether anything stands for it is as much in doubt as any other archive.
            state=ArchiveState.EMPTY if empty and archive_id is not None else state,
            mode=mode,
        )

    def _finish(self, new: NewArchive, entry: LedgerEntry) -> NewArchive | Archive:
        """Turn a ledger entry into an archive row, in one commit, and return the row.

        An inventory that was taken in meanwhile may have made the row: it is the same archive.
        """
        with self._key_map.transaction():
            since = entry.begun_at - CLOCKS_APART
            row = self._key_map.archives.adopt(self._vault, new, since=since)
            if row is None:
                self._key_map.archives.add(self._vault.key, self._as_newest(new))
            self._key_map.uploads.end(entry.key)
            self._key_map.journal.write(
                new.state.value if row is None else row.state.value,
                at=new.uploaded_at,
                vault_key=self._vault.key,
                archive_id=new.archive_id if row is None else row.archive_id,
                name=new.name,
            )
        return row or new

    def _as_newest(self, new: NewArchive) -> NewArchive:
        """Return a new archive dated behind the version that it follows, be that deleted."""
        last = self._key_map.archives.last(self._vault, new.name or "")
        last_at = None if last is None else last.uploaded_at
        return replace(new, uploaded_at=versions.stored_at(new.uploaded_at, last_at))


def _heard_in(failure: errors.GlacierCliError) -> Heard:
    """Return what a failed request tells of an upload."""
    if isinstance(failure, errors.OutcomeUnknown):
        return Heard.LOST
    if isinstance(failure, errors.UploadNotFound):
        return Heard.FORGOTTEN
    return Heard.REFUSED if isinstance(failure, _REFUSALS) else Heard.NOT_DONE
