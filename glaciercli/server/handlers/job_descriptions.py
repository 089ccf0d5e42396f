"""A job as the wire describes it: for DescribeJob, ListJobs and notifications alike."""

from typing import Any

from glaciercli.server import times
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import InventoryJob, JobRecord
from glaciercli.server.handlers import proofs

RUNNING, SUCCEEDED, FAILED = "InProgress", "Succeeded", "Failed"


def describe(tx: Transaction, vault_arn: str, job: JobRecord, now_ms: int) -> dict[str, Any]:
    """Return a job as a document; what does not apply is null, in the order of the samples."""
    done = job.is_over(now_ms)
    archive, stored = job.archive, job.inventory
    whole = archive.archive if archive else None
    marker = stored.output.next_marker if stored and done else None
    return {
        "Action": "ArchiveRetrieval" if archive else "InventoryRetrieval",
        "ArchiveId": whole.archive_id if whole else None,
        "ArchiveSHA256TreeHash": whole.tree_hash.hex() if whole else None,
        "ArchiveSizeInBytes": whole.size_bytes if whole else None,
        "Completed": done,
        "CompletionDate": times.api_date(job.times.completes_ms) if done else None,
        "CreationDate": times.api_date(job.times.created_ms),
        "InventoryRetrievalParameters": _parameters(stored, marker, done=done),
        "InventorySizeInBytes": stored.output.size_bytes if stored and done else None,
        "JobDescription": job.description,
        "JobId": job.job_id,
        "JobOutputPath": None,
        "OutputLocation": None,
        "RetrievalByteRange": f"{archive.span.start}-{archive.span.last}" if archive else None,
        "SelectParameters": None,
        "SHA256TreeHash": _proof(tx, job),
        "SNSTopic": job.sns_topic,
        "StatusCode": _status_code(job, done=done),
        "StatusMessage": (job.failure or SUCCEEDED) if done else None,
        "Tier": archive.tier.value if archive else None,
        "VaultARN": vault_arn,
        "NextInventoryRetrievalMarker": marker,
    }


def _parameters(
    stored: InventoryJob | None, next_marker: str | None, *, done: bool
) -> dict[str, str | None] | None:
    if stored is None:
        return None
    query = stored.query
    return {
        "EndDate": query.end_date,
        "Format": query.format,
        "Limit": query.limit,
        "Marker": next_marker if done else query.marker,
        "StartDate": query.start_date,
    }


def _status_code(job: JobRecord, *, done: bool) -> str:
    if not done:
        return RUNNING
    return FAILED if job.failure else SUCCEEDED


def _proof(tx: Transaction, job: JobRecord) -> str | None:
    if job.archive is None:
        return None
    archive, span = job.archive.archive, job.archive.span
    if job.failure and span.size_bytes < archive.size_bytes:
        # The digests of a stretch go with the content.
        return None
    digest = proofs.tree_hash(tx, archive, span)
    return digest.hex() if digest else None
