"""GetJobOutput: a finished job's output, or a stretch of it.

Rules: "Get Job Output" and "Receiving Checksums When Downloading Data" in the Amazon Glacier
developer guide.  A bad range is a 400 here, never a 416, and an unreadable one is ignored.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass

from glaciercli.core.ranges import is_tree_aligned
from glaciercli.model.ranges import ByteRange
from glaciercli.ports import WireResponse
from glaciercli.server.blobs import BlobStore, read_stretch
from glaciercli.server.catalogue import archives
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import InventoryJob, JobRecord, Retrieval, Segment
from glaciercli.server.handlers import proofs
from glaciercli.server.handlers.jobs import require_job
from glaciercli.server.handlers.payloads import TREE_HASH_HEADER
from glaciercli.server.service import Service
from glaciercli.server.wire import JSON_TYPE, Call, invalid

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_SEVERAL = re.compile(r"bytes=[0-9 ,-]*,[0-9 ,-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Output:
    """An output, wherever its bytes are."""

    total_bytes: int
    headers: dict[str, str]
    pieces: Generator[bytes, None, None]


def get_job_output(service: Service, call: Call) -> WireResponse:
    """Answer the output of a finished job: 200 for all of it, 206 for a range."""
    with service.catalogue.reading() as tx:
        job = require_job(service, tx, call)
        _require_output(job, service.now_ms())
        total = _total_bytes(job)
        asked = parse_range(call.headers.filled("range"), total)
        output = _open(service, tx, job, asked or ByteRange(0, total))
    return _answer(output, asked)


def _require_output(job: JobRecord, now_ms: int) -> None:
    if not job.is_over(now_ms):
        raise invalid(f"The job is not currently available for download: {job.job_id}")
    if job.failure:
        raise invalid(f"The job has failed and has no output: {job.job_id}")


def parse_range(value: str | None, total_bytes: int) -> ByteRange | None:
    """Return the stretch that a ``Range`` header asks for; ``None`` where all is wanted."""
    if value is None:
        return None
    if _SEVERAL.fullmatch(value):
        raise invalid(f"Only one range may be asked for: {value}")
    match = _RANGE.fullmatch(value)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, stop = max(total_bytes - int(match[2]), 0), total_bytes
    else:
        start = int(match[1])
        stop = min(int(match[2]) + 1, total_bytes) if match[2] else total_bytes
        if match[2] and int(match[2]) < start:
            return None
    if start >= total_bytes:
        raise invalid(f"The start of the range is larger than size of retrieved data: {value}")
    return ByteRange(start, stop)


def _total_bytes(job: JobRecord) -> int:
    if job.archive:
        return job.archive.span.size_bytes
    assert job.inventory
    return job.inventory.output.size_bytes


def _open(service: Service, tx: Transaction, job: JobRecord, stretch: ByteRange) -> _Output:
    if job.archive:
        return _archive_output(service, tx, job.archive, stretch)
    assert job.inventory
    return _inventory_output(service, job.inventory, stretch)


def _archive_output(
    service: Service, tx: Transaction, retrieval: Retrieval, stretch: ByteRange
) -> _Output:
    archive, base = retrieval.archive, retrieval.span.start
    span = ByteRange(base + stretch.start, base + stretch.stop)
    headers = {"Content-Type": "application/octet-stream"}
    if archive.description:
        headers["x-amz-archive-description"] = archive.description
    digest = proofs.tree_hash(tx, archive, span)
    if digest and is_tree_aligned(retrieval.span, archive.size_bytes):
        headers[TREE_HASH_HEADER] = digest.hex()
    held = archives.segments(tx, archive.row, span.start, span.stop)
    return _Output(
        total_bytes=retrieval.span.size_bytes,
        headers=headers,
        pieces=_read(service.blobs, held, span),
    )


def _read(blobs: BlobStore, held: list[Segment], span: ByteRange) -> Generator[bytes, None, None]:
    for segment in held:
        start = max(span.start, segment.start) - segment.start
        stop = min(span.stop, segment.stop) - segment.start
        with blobs.open(segment.file) as file:
            yield from read_stretch(file, start, stop)


def _inventory_output(service: Service, job: InventoryJob, stretch: ByteRange) -> _Output:
    return _Output(
        total_bytes=job.output.size_bytes,
        headers={"Content-Type": "text/csv" if job.query.format == "CSV" else JSON_TYPE},
        pieces=_read_file(service.blobs, job.output.file, stretch),
    )


def _read_file(blobs: BlobStore, name: str, stretch: ByteRange) -> Generator[bytes, None, None]:
    with blobs.open(name) as file:
        yield from read_stretch(file, stretch.start, stretch.stop)


def _answer(output: _Output, asked: ByteRange | None) -> WireResponse:
    sent = asked or ByteRange(0, output.total_bytes)
    headers = {
        **output.headers,
        "Content-Length": str(sent.size_bytes),
        "Accept-Ranges": "bytes",
    }
    if asked:
        headers["Content-Range"] = f"bytes {asked.start}-{asked.last}/{output.total_bytes}"
    return WireResponse(
        status=206 if asked else 200,
        headers=headers,
        body=output.pieces,
        close=output.pieces.close,
    )
