"""UploadArchive and DeleteArchive."""

from functools import partial

from glaciercli.ports import WireResponse
from glaciercli.server import identifiers
from glaciercli.server.catalogue import archives
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import ArchiveRecord, NewArchive, NewBlob, VaultRecord
from glaciercli.server.handlers import payloads
from glaciercli.server.service import Service, check_description, require_archive, require_vault
from glaciercli.server.sigv4 import refuse
from glaciercli.server.wire import Call, empty_answer, invalid, not_found

_DESCRIPTION_HEADER = "x-amz-archive-description"


def header_description(call: Call) -> str:
    """Return the archive description of a call; refuse an illegal one."""
    text = call.headers.get(_DESCRIPTION_HEADER) or ""
    if not text.isascii():
        # The real service calls this a wrong signature, whatever was signed.
        raise refuse()
    check_description(text)
    return text


def upload_archive(service: Service, call: Call) -> WireResponse:
    """Store the body as a new archive; answer 201 with its ID once it is durable."""
    payload = payloads.declared(call)
    description = header_description(call)
    with service.catalogue.reading() as tx:
        require_vault(service, tx, call)
    with payloads.received(service, call, payload) as blob:
        archive = NewArchive(
            archive_id=identifiers.new_archive_id(),
            description=description,
            size_bytes=blob.size_bytes,
            tree_hash=blob.tree_hash,
        )
        _enter(service, call, archive, blob)
    return stored(call, archive)


def _enter(service: Service, call: Call, archive: NewArchive, blob: NewBlob) -> None:
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        places = [(0, archives.insert_blob(tx, blob))]
        archives.insert(tx, vault, archive, places, now_ms=service.now_ms())


def stored(call: Call, archive: NewArchive) -> WireResponse:
    """Return the answer that tells where a new archive is."""
    headers = {
        "Location": call.location("archives", archive.archive_id),
        "x-amz-archive-id": archive.archive_id,
        payloads.TREE_HASH_HEADER: archive.tree_hash.hex(),
    }
    return empty_answer(201, headers)


def delete_archive(service: Service, call: Call) -> WireResponse:
    """Delete an archive; one that is gone already is no error."""
    with service.catalogue.writing() as tx:
        freed = _delete(service, tx, call)
    service.blobs.discard(freed)
    return empty_answer(204)


def _delete(service: Service, tx: Transaction, call: Call) -> list[str]:
    archive = require_archive(service, tx, call, partial(_find, tx, call))
    if archive is None or archive.deleted:
        return []
    return archives.mark_deleted(tx, archive, now_ms=service.now_ms())


def _find(tx: Transaction, call: Call, vault: VaultRecord) -> ArchiveRecord | None:
    archive_id = call.names["archive"]
    archive = archives.find(tx, call.region, archive_id)
    if archive is None and not identifiers.looks_like_an_archive(archive_id):
        raise not_found(f"The archive ID was not found: {archive_id}")
    if archive and archive.vault_row != vault.row:
        raise invalid(f"Invalid vault name: {call.vault_arn()}")
    return archive
