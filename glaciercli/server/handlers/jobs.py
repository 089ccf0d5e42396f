"""InitiateJob, DescribeJob, ListJobs."""

from datetime import timedelta
from typing import Any

from glaciercli.ports import WireResponse
from glaciercli.server import identifiers, inventory, markers, snapshots, times
from glaciercli.server.catalogue import archives, jobs
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import (
    InventoryJob,
    JobRecord,
    JobTimes,
    NewJob,
    Retrieval,
    Snapshot,
    VaultRecord,
)
from glaciercli.server.handlers import job_requests, payloads, proofs
from glaciercli.server.handlers.job_requests import InventoryWish, JobWish, RetrievalWish
from glaciercli.server.service import (
    Service,
    page_limit,
    purge_expired,
    refuse_marker,
    require_vault,
)
from glaciercli.server.wire import Call, empty_answer, invalid, json_answer, not_found

_PAGE_MAX = 50

_RUNNING, _SUCCEEDED = "InProgress", "Succeeded"
_STATUS_CODES = frozenset({_RUNNING, _SUCCEEDED, "Failed"})


def initiate_job(service: Service, call: Call) -> WireResponse:
    """Start a job; answer 202 with its ID."""
    wish = job_requests.parse(call.document)
    purge_expired(service)
    if isinstance(wish.wish, InventoryWish):
        job_id = _start_inventory(service, call, wish, wish.wish)
    else:
        job_id = _start_retrieval(service, call, wish, wish.wish)
    return empty_answer(202, {"Location": call.location("jobs", job_id), "x-amz-job-id": job_id})


def _start_retrieval(service: Service, call: Call, wish: JobWish, wanted: RetrievalWish) -> str:
    delay = service.settings.retrieval_delay(wanted.tier)
    with service.catalogue.writing() as tx:
        vault = require_vault(tx, call)
        archive = archives.find(tx, call.region, wanted.archive_id)
        if archive is None or archive.deleted or archive.vault_row != vault.row:
            raise not_found(f"The archive ID was not found: {wanted.archive_id}")
        span = job_requests.retrieval_span(wanted, archive.size_bytes)
        retrieval = Retrieval(archive=archive, span=span, tier=wanted.tier)
        job = _new_job(service, wish, delay, archive=retrieval)
        jobs.insert(tx, vault.row, job)
    return job.job_id


def _start_inventory(service: Service, call: Call, wish: JobWish, wanted: InventoryWish) -> str:
    with service.catalogue.reading() as tx:
        vault = require_vault(tx, call)
        extent = _extent(call, vault, _last_inventory(service, tx, call, vault), wanted)
    as_csv = wanted.query.format == "CSV"
    output = inventory.write(service.catalogue, service.blobs, extent, as_csv=as_csv)
    prepared = InventoryJob(query=wanted.query, output=output)
    with payloads.entering(service, output.file), service.catalogue.writing() as tx:
        if require_vault(tx, call).row != vault.row:
            raise not_found(f"Vault not found for ARN: {call.vault_arn()}")
        job = _new_job(service, wish, service.settings.inventory_delay, inventory=prepared)
        jobs.insert(tx, vault.row, job)
    return job.job_id


def _last_inventory(service: Service, tx: Transaction, call: Call, vault: VaultRecord) -> Snapshot:
    snapshot = snapshots.latest(tx, vault, service.settings, service.now_ms())
    if snapshot is None:
        raise not_found(f"No inventory is available yet for vault: {call.vault_arn()}")
    return snapshot


def _extent(
    call: Call, vault: VaultRecord, snapshot: Snapshot, wanted: InventoryWish
) -> inventory.Extent:
    return inventory.Extent(
        vault_row=vault.row,
        vault_arn=call.vault_arn(),
        snapshot=snapshot,
        start_ms=wanted.start_ms,
        end_ms=wanted.end_ms,
        limit=wanted.limit,
        after=wanted.after,
    )


def _new_job(
    service: Service,
    wish: JobWish,
    delay: timedelta,
    *,
    archive: Retrieval | None = None,
    inventory: InventoryJob | None = None,
) -> NewJob:
    created = service.now_ms()
    completes = created + times.span_ms(delay)
    expires = completes + times.span_ms(service.settings.job_lifetime)
    return NewJob(
        job_id=identifiers.new_job_id(),
        times=JobTimes(created_ms=created, completes_ms=completes, expires_ms=expires),
        description=wish.description,
        sns_topic=wish.sns_topic,
        archive=archive,
        inventory=inventory,
    )


def require_job(service: Service, tx: Transaction, call: Call) -> JobRecord:
    """Return the job that a call names; refuse the call where it is unknown or expired."""
    vault = require_vault(tx, call)
    job = jobs.find(tx, vault.row, call.names["job"], now_ms=service.now_ms())
    if job is None:
        raise not_found(f"The job ID was not found: {call.names['job']}")
    return job


def describe_job(service: Service, call: Call) -> WireResponse:
    """Answer what a job is and how far it is."""
    with service.catalogue.reading() as tx:
        job = require_job(service, tx, call)
        return json_answer(_description(tx, call, job, service.now_ms()))


def list_jobs(service: Service, call: Call) -> WireResponse:
    """Answer a page of a vault's jobs, newest first."""
    wanted = _filter(service, call)
    limit = wanted.limit - 1
    with service.catalogue.reading() as tx:
        vault = require_vault(tx, call)
        found = [] if _excludes_all(call) else jobs.page(tx, vault.row, wanted)
        listed = [_description(tx, call, job, wanted.now_ms) for job in found[:limit]]
    marker = markers.encode("jobs", found[limit].row) if len(found) > limit else None
    return json_answer({"JobList": listed, "Marker": marker})


def _filter(service: Service, call: Call) -> jobs.JobFilter:
    marker = call.target.parameter("marker")
    first = markers.decode("jobs", marker, count=1) if marker else None
    if marker and first is None:
        raise refuse_marker(marker)
    return jobs.JobFilter(
        now_ms=service.now_ms(),
        limit=page_limit(call, _PAGE_MAX) + 1,
        first_row=first[0] if first else None,
        finished=_finished(call),
    )


def _finished(call: Call) -> bool | None:
    completed, status = _completed(call), _status_code(call)
    if status is None:
        return completed
    return status != _RUNNING


def _excludes_all(call: Call) -> bool:
    # No job of this service fails, and what runs has not been completed.
    completed, status = _completed(call), _status_code(call)
    contradiction = completed is not None and status is not None
    return status == "Failed" or (contradiction and completed != (status != _RUNNING))


def _completed(call: Call) -> bool | None:
    text = call.target.parameter("completed")
    if text is None:
        return None
    if text not in ("true", "false"):
        raise invalid(f"The value of completed is not valid: {text}")
    return text == "true"


def _status_code(call: Call) -> str | None:
    text = call.target.parameter("statuscode")
    if text is not None and text not in _STATUS_CODES:
        raise invalid(f"The job status code is not valid: {text}")
    return text


def is_completed(job: JobRecord, now_ms: int) -> bool:
    """Tell whether a job's output is ready."""
    return job.times.completes_ms <= now_ms


def _description(tx: Transaction, call: Call, job: JobRecord, now_ms: int) -> dict[str, Any]:
    done = is_completed(job, now_ms)
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
        "SHA256TreeHash": _proof(tx, archive),
        "SNSTopic": job.sns_topic,
        "StatusCode": _SUCCEEDED if done else _RUNNING,
        "StatusMessage": _SUCCEEDED if done else None,
        "Tier": archive.tier.value if archive else None,
        "VaultARN": call.vault_arn(),
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


def _proof(tx: Transaction, archive: Retrieval | None) -> str | None:
    digest = proofs.tree_hash(tx, archive.archive, archive.span) if archive else None
    return digest.hex() if digest else None
