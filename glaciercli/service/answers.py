"""The service's answers become values here.

botocore reads a torn or foreign page with status 200 as an empty answer, without an error; so a
member that must be there and is not is a failure, never an empty list.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from glaciercli import errors
from glaciercli.core.times import parse_time
from glaciercli.model.jobs import Job, JobAction, JobStatus, Tier
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.vault_descriptions import Vault
from glaciercli.ports import OpenUpload

Answer = Mapping[str, Any]


#: What reading ends in, botocore's too, where an answer is not what it should be.
UNREADABLE = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


@contextmanager
def readable() -> Iterator[None]:
    """Turn what goes wrong while an answer is read into ``TransientFailure``."""
    try:
        yield
    except UNREADABLE as error:
        raise errors.TransientFailure(f"the service sent an unreadable answer: {error}") from error


def required(answer: Answer, member: str) -> Any:
    """Return a member; raise ``TransientFailure`` where it is not there."""
    value = answer.get(member)
    if value is None:
        raise errors.TransientFailure(f'the service sent an answer without "{member}"')
    return value


def vault(answer: Answer) -> Vault:
    """Return a vault's description."""
    last = answer.get("LastInventoryDate")
    return Vault(
        arn=required(answer, "VaultARN"),
        name=required(answer, "VaultName"),
        created_at=_time(answer, "CreationDate"),
        last_inventory_at=None if last is None else parse_time(last),
        archive_count=int(answer.get("NumberOfArchives") or 0),
        size_bytes=int(answer.get("SizeInBytes") or 0),
    )


def job(answer: Answer) -> Job:
    """Return a job's description."""
    completed = answer.get("CompletionDate")
    tree = answer.get("SHA256TreeHash")
    tier = answer.get("Tier")
    action = JobAction(required(answer, "Action"))
    size = answer.get("InventorySizeInBytes")
    if action is JobAction.RETRIEVAL:
        size = answer.get("ArchiveSizeInBytes")
    return Job(
        job_id=identifier(answer, "JobId"),
        action=action,
        status=JobStatus(required(answer, "StatusCode")),
        status_message=answer.get("StatusMessage") or "",
        description=answer.get("JobDescription") or "",
        created_at=_time(answer, "CreationDate"),
        completed_at=None if completed is None else parse_time(completed),
        archive_id=answer.get("ArchiveId"),
        tier=Tier(tier) if tier in {one.value for one in Tier} else None,
        size_bytes=None if size is None else int(size),
        tree_hash=None if tree is None else bytes.fromhex(tree),
        whole=_is_whole(answer),
    )


def part(answer: Answer) -> HashedSpan:
    """Return a part that the service lists."""
    first, _, last = required(answer, "RangeInBytes").partition("-")
    return HashedSpan(
        span=ByteRange(int(first), int(last) + 1),
        tree_hash=bytes.fromhex(required(answer, "SHA256TreeHash")),
    )


def open_upload(answer: Answer) -> OpenUpload:
    """Return a multipart upload that the service lists."""
    return OpenUpload(
        upload_id=identifier(answer, "MultipartUploadId"),
        description=answer.get("ArchiveDescription") or "",
        part_bytes=int(required(answer, "PartSizeInBytes")),
        created_at=_time(answer, "CreationDate"),
    )


def identifier(answer: Answer, member: str) -> str:
    """Return an ID that the service gave."""
    value = required(answer, member)
    if not (isinstance(value, str) and value and value.isascii() and value.isprintable()):
        raise errors.TransientFailure(f'the service sent an unreadable "{member}"')
    return value


def new_identifier(answer: Answer, member: str, header: str) -> str:
    """Return the ID of something that was made, surely whole.

    An answer that was cut off within its last header reads as if that were all of it, and a
    shortened ID would lead nowhere for ever.  The ``Location`` ends with the ID, too.
    """
    value = identifier(answer, member)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    location = headers.get("location")
    if location is None:
        is_whole = list(headers)[-1].lower() != header
    else:
        is_whole = location.rpartition("/")[2] == value
    if not is_whole:
        raise errors.TransientFailure(f'the service sent an answer cut off at "{member}"')
    return value


def content_range(text: str) -> tuple[ByteRange, int]:
    """Return the range and the total of a ``Content-Range`` such as ``bytes 0-99/1000``."""
    span, total = text.removeprefix("bytes ").split("/")
    first, last = span.split("-")
    return ByteRange(int(first), int(last) + 1), int(total)


def _is_whole(answer: Answer) -> bool:
    """Tell whether a job's output is everything, rather than a range or a selection.

    An inventory as CSV is without its date, so nothing can be concluded from what it lacks.
    """
    span = answer.get("RetrievalByteRange")
    size = answer.get("ArchiveSizeInBytes")
    if span is not None and size is not None:
        return bool(span == f"0-{int(size) - 1}")
    chosen = answer.get("InventoryRetrievalParameters") or {}
    if chosen.get("Format") == "CSV":
        return False
    return not any(chosen.get(name) for name in ("StartDate", "EndDate", "Limit", "Marker"))


def _time(answer: Answer, member: str) -> datetime:
    return parse_time(required(answer, member))
