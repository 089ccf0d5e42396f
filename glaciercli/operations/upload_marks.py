"""Storing what is no file of bytes: symbolic links, empty directories, further names of a file.

Each becomes an archive of its own, so that the vault alone is enough to bring a tree back: that of
a link holds where it leads, the others one byte, and their descriptions say what they are.
"""

import stat

from glaciercli.core import description, parts
from glaciercli.core.described import EMPTY_FILE_CONTENT, Attributes
from glaciercli.core.sync_plan import LocalFile
from glaciercli.model.files import FileIdentity
from glaciercli.model.uploads import UploadIntent
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import ItemFailure, UploadOutcome
from glaciercli.operations.upload_compare import newest_present, stored_already
from glaciercli.operations.upload_flow import ITEM_ERRORS
from glaciercli.operations.upload_ledger import Ledger
from glaciercli.transfer import flow, links
from glaciercli.transfer.meter import Meter
from glaciercli.transfer.spool import spooled


def is_mark(file: LocalFile) -> bool:
    """Tell whether a file is stored by what it is, rather than by its bytes."""
    return file.linked_to is not None or not stat.S_ISREG(file.mode)


class MarkUploader:
    """Stores what is no file of bytes in one vault."""

    def __init__(self, context: Context, vault: KnownVault) -> None:
        self._context = context
        self._vault = vault
        self._ledger = Ledger(context, vault)

    def store(self, file: LocalFile) -> flow.Flow[UploadOutcome]:
        """Store one of them; its failure is a result."""
        try:
            with self._context.key_map.locks.one_name(self._vault, file.name, "the upload"):
                return (yield from self._store(file))
        except ITEM_ERRORS as error:
            return ItemFailure(name=file.name, error=error)

    def _store(self, file: LocalFile) -> flow.Flow[UploadOutcome]:
        yield from self._ledger.settle(file.name)
        target = links.target_of(file.path) if stat.S_ISLNK(file.mode) else None
        content = EMPTY_FILE_CONTENT if target is None else target
        payload = spooled(content, self._context.spool_directory)
        intent = self._intent(file, target)
        known = newest_present(self._context, self._vault, file.name)
        if known is not None and self._says_the_same(known.description, intent.description):
            same = stored_already(
                known,
                size_bytes=0 if target is None else len(target),
                tree_hash=None if target is None else payload.tree_hash,
            )
            if same is not None:
                return same
        yield from self._ledger.drop(file.name)
        meter = Meter(self._context.reporter, file.name, len(content))
        try:
            return (yield from self._ledger.send_whole(intent, payload, meter))
        finally:
            meter.finish()

    def _intent(self, file: LocalFile, target: bytes | None) -> UploadIntent:
        tag = self._context.new_tag()
        attributes = Attributes(
            mode=file.mode,
            target=None if target is None else target.decode("utf-8", "surrogateescape"),
            linked_to=file.linked_to,
        )
        return UploadIntent(
            name=file.name,
            source=FileIdentity(
                path=file.path,
                size_bytes=file.size_bytes,
                modified_ns=file.modified_ns,
                device=0,
                inode=0,
                mode=file.mode,
            ),
            part_bytes=parts.SMALLEST_PART_BYTES,
            description=description.encode(
                name=file.name,
                modified_ns=file.modified_ns,
                tag=tag,
                size_bytes=0 if target is None else None,
                attributes=attributes,
            ),
            tag=tag,
        )

    @staticmethod
    def _says_the_same(one: str, other: str) -> bool:
        """Tell whether two descriptions are of the same thing."""
        return description.decode(one).attributes == description.decode(other).attributes
