"""The operations that build an archive out of parts."""

import re
from functools import partial
from typing import Any

from glaciercli.core import treehash
from glaciercli.model.ranges import ByteRange
from glaciercli.ports import WireResponse
from glaciercli.server import identifiers, markers, times
from glaciercli.server.catalogue import archives, uploads
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import (
    NewArchive,
    NewBlob,
    Segment,
    UploadRecord,
    UploadState,
    VaultRecord,
)
from glaciercli.server.handlers import payloads
from glaciercli.server.handlers.archives import header_description, stored
from glaciercli.server.handlers.payloads import DeclaredPayload
from glaciercli.server.service import (
    Service,
    page_limit,
    purge_expired,
    refuse_marker,
    require_in_vault,
    require_vault,
)
from glaciercli.server.wire import (
    Call,
    empty_answer,
    invalid,
    json_answer,
    not_found,
)

_PART_SIZES = frozenset(2**power for power in range(20, 33))
_MAX_PARTS = 10_000
_PAGE_MAX = 50
_SIZE_HEADER = "x-amz-archive-size"

# A total behind the slash is not in the reference, but clients in the field send one.
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/(?:\*|[0-9]+)")


def initiate_multipart_upload(service: Service, call: Call) -> WireResponse:
    """Open an upload; answer 201 with its ID."""
    part_bytes = _part_size(call.headers.required("x-amz-part-size"))
    description = header_description(call).lstrip(" ")
    purge_expired(service)
    upload_id = identifiers.new_upload_id()
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        uploads.insert(
            tx,
            vault.row,
            upload_id=upload_id,
            description=description,
            part_bytes=part_bytes,
            now_ms=service.now_ms(),
        )
    location = call.location("multipart-uploads", upload_id)
    return empty_answer(201, {"Location": location, "x-amz-multipart-upload-id": upload_id})


def _part_size(text: str) -> int:
    size = _whole_number(text)
    if size not in _PART_SIZES:
        raise invalid(
            f"Invalid part size: {text}. Part size must not be null, must be a power of two and"
            " be between 1048576 and 4294967296 bytes."
        )
    return size


def _whole_number(text: str) -> int:
    digits = text.isascii() and text.isdigit() and len(text) < 19  # noqa: PLR2004
    return int(text) if digits else -1


def _require_open(service: Service, tx: Transaction, call: Call) -> UploadRecord:
    return _require_upload(service, tx, call, UploadState.OPEN)


def _require_upload(
    service: Service, tx: Transaction, call: Call, *states: UploadState
) -> UploadRecord:
    return require_in_vault(service, tx, call, partial(_find, service, tx, call, states))


def _find(
    service: Service,
    tx: Transaction,
    call: Call,
    states: tuple[UploadState, ...],
    vault: VaultRecord,
) -> UploadRecord:
    upload_id, idle_since = call.names["upload"], service.uploads_idle_since_ms()
    upload = uploads.find(tx, vault.row, upload_id, idle_since_ms=idle_since)
    if upload is None or upload.state not in states:
        raise not_found(f"The upload ID was not found: {upload_id}")
    return upload


def upload_part(service: Service, call: Call) -> WireResponse:
    """Store one part, in place of an earlier one at the same offset; answer its hash."""
    raw_range = call.headers.required("content-range")
    payload = payloads.declared(call)
    span = _part_span(raw_range, payload)
    with service.catalogue.reading() as tx:
        _check_place(_require_open(service, tx, call), span, raw_range)
    with payloads.received(service, call, payload) as blob:
        replaced = _enter_part(service, call, span, blob)
    service.blobs.discard(replaced)
    return empty_answer(204, {payloads.TREE_HASH_HEADER: blob.tree_hash.hex()})


def _part_span(raw_range: str, payload: DeclaredPayload) -> ByteRange:
    match = _CONTENT_RANGE.fullmatch(raw_range)
    if match is None or int(match[1]) > int(match[2]):
        raise invalid(f"Invalid Content-Range: {raw_range}")
    span = ByteRange(int(match[1]), int(match[2]) + 1)
    if span.size_bytes != payload.size_bytes:
        raise invalid(
            f"Content-Range: {raw_range} is incompatible with Content-Length: {payload.size_bytes}"
        )
    return span


def _check_place(upload: UploadRecord, span: ByteRange, raw_range: str) -> None:
    if span.start % upload.part_bytes or span.size_bytes > upload.part_bytes:
        raise invalid(f"Invalid Content-Range: {raw_range}")
    number = span.start // upload.part_bytes + 1
    if number > _MAX_PARTS:
        raise invalid(
            f"This is part number {number} for the current multipart upload. It exceeds the"
            f" limit of {_MAX_PARTS} parts."
        )


def _enter_part(service: Service, call: Call, span: ByteRange, blob: NewBlob) -> list[str]:
    with service.catalogue.writing() as tx:
        upload = _require_open(service, tx, call)
        return uploads.put_part(tx, upload.row, span.start, blob, now_ms=service.now_ms())


def complete_multipart_upload(service: Service, call: Call) -> WireResponse:
    """Make the parts one archive; repeating it gives the same ID.

    No content is copied: the archive consists of the files of its parts.
    """
    raw_size = call.headers.required(_SIZE_HEADER)
    raw_hash = call.headers.required(payloads.TREE_HASH_HEADER)
    with service.catalogue.writing() as tx:
        find = partial(_find, service, tx, call, (UploadState.OPEN, UploadState.COMPLETED))
        vault, upload = require_in_vault(service, tx, call, lambda vault: (vault, find(vault)))
        archive = _completed(upload) or _assemble(tx, upload)
        _check_whole(archive, raw_size, raw_hash)
        if upload.state is UploadState.OPEN:
            _enter_archive(tx, vault, upload, archive, now_ms=service.now_ms())
    return stored(call, archive)


def _completed(upload: UploadRecord) -> NewArchive | None:
    known = (upload.archive_id, upload.size_bytes, upload.tree_hash)
    if known[0] is None or known[1] is None or known[2] is None:
        return None
    return NewArchive(
        archive_id=known[0],
        description=upload.description,
        size_bytes=known[1],
        tree_hash=known[2],
    )


def _assemble(tx: Transaction, upload: UploadRecord) -> NewArchive:
    parts = uploads.parts(tx, upload.row)
    _check_gapless(upload, parts)
    return NewArchive(
        archive_id=identifiers.new_archive_id(),
        description=upload.description,
        size_bytes=parts[-1].stop,
        tree_hash=treehash.combine([part.tree_hash for part in parts]),
    )


def _check_gapless(upload: UploadRecord, parts: list[Segment]) -> None:
    if not parts:
        raise invalid("The multipart upload has no parts.")
    expected = 0
    for part in parts:
        if part.start != expected:
            raise invalid(f"The bytes from {expected} to {part.start - 1} were not uploaded.")
        expected = part.start + upload.part_bytes
    for part in parts[:-1]:
        if part.size_bytes != upload.part_bytes:
            raise invalid(f"The part at {part.start} is shorter than the part size.")


def _check_whole(archive: NewArchive, raw_size: str, raw_hash: str) -> None:
    if _whole_number(raw_size) != archive.size_bytes:
        raise invalid(
            f"Invalid {_SIZE_HEADER}: {raw_size}. The parts hold {archive.size_bytes} bytes."
        )
    if raw_hash.lower() != archive.tree_hash.hex():
        raise invalid(f"Invalid {payloads.TREE_HASH_HEADER}: {raw_hash}")


def _enter_archive(
    tx: Transaction, vault: VaultRecord, upload: UploadRecord, archive: NewArchive, *, now_ms: int
) -> None:
    places = [(part.start, part.blob_row) for part in uploads.parts(tx, upload.row)]
    archives.insert(tx, vault, archive, places, now_ms=now_ms)
    uploads.complete(tx, upload.row, archive, now_ms=now_ms)


def abort_multipart_upload(service: Service, call: Call) -> WireResponse:
    """Drop an upload with its parts; repeating it is no error for a day."""
    upload_id = call.names["upload"]
    if not identifiers.is_opaque(upload_id):
        raise invalid(f"Invalid upload ID: {upload_id}")
    with service.catalogue.writing() as tx:
        upload = _require_upload(service, tx, call, UploadState.OPEN, UploadState.ABORTED)
        freed = uploads.abort(tx, upload.row, now_ms=service.now_ms())
    service.blobs.discard(freed)
    return empty_answer(204)


def list_parts(service: Service, call: Call) -> WireResponse:
    """Answer a page of the parts that arrived, by range."""
    limit = page_limit(call, _PAGE_MAX)
    first = _first(call, "parts")
    with service.catalogue.reading() as tx:
        upload = _require_open(service, tx, call)
        found = uploads.parts(tx, upload.row, first_start=first, limit=limit + 1)
    marker = markers.encode("parts", found[limit].start) if len(found) > limit else None
    return json_answer(_parts_page(call, upload, found[:limit], marker))


def _parts_page(
    call: Call, upload: UploadRecord, parts: list[Segment], marker: str | None
) -> dict[str, Any]:
    listed = [
        {
            "RangeInBytes": f"{part.start}-{part.stop - 1}",
            "SHA256TreeHash": part.tree_hash.hex(),
        }
        for part in parts
    ]
    return {
        "ArchiveDescription": upload.description or None,
        "CreationDate": times.api_date(upload.created_ms),
        "Marker": marker,
        "MultipartUploadId": upload.upload_id,
        "PartSizeInBytes": upload.part_bytes,
        "Parts": listed,
        "VaultARN": call.vault_arn(),
    }


def list_multipart_uploads(service: Service, call: Call) -> WireResponse:
    """Answer a page of the uploads that are neither completed nor aborted."""
    limit = page_limit(call, _PAGE_MAX)
    first = _first(call, "uploads")
    with service.catalogue.reading() as tx:
        vault = require_vault(service, tx, call)
        idle_since = service.uploads_idle_since_ms()
        found = uploads.page(
            tx, vault.row, first_row=first, limit=limit + 1, idle_since_ms=idle_since
        )
    marker = markers.encode("uploads", found[limit].row) if len(found) > limit else None
    listed = [_upload_entry(call, upload) for upload in found[:limit]]
    return json_answer({"Marker": marker, "UploadsList": listed})


def _first(call: Call, kind: str) -> int:
    marker = call.target.parameter("marker")
    if marker is None:
        return 0
    numbers = markers.decode(kind, marker, count=1)
    if numbers is None:
        raise refuse_marker(marker)
    return numbers[0]


def _upload_entry(call: Call, upload: UploadRecord) -> dict[str, Any]:
    return {
        "ArchiveDescription": upload.description or None,
        "CreationDate": times.api_date(upload.created_ms),
        "MultipartUploadId": upload.upload_id,
        "PartSizeInBytes": upload.part_bytes,
        "VaultARN": call.vault_arn(),
    }
