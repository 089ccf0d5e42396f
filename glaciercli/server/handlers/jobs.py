"""InitiateJob, DescribeJob, ListJobs."""

from datetime import timedelta
from functools import partial

from glaciercli.ports import WireResponse
from glaciercli.server import identifiers, inventory, markers, retrieval_limits, snapshots, times
from glaciercli.server.catalogue import archives, jobs
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import (
    ArchiveRecord,
    InventoryJob,
    JobRecord,
    JobTimes,
    NewJob,
    Retrieval,
    Snapshot,
    VaultRecord,
)
from glaciercli.server.handlers import job_descriptions, job_requests, payloads
from glaciercli.server.handlers.job_descriptions import FAILED, RUNNING, SUCCEEDED
from glaciercli.server.handlers.job_requests import InventoryWish, JobWish, RetrievalWish
from glaciercli.server.retrieval_limits import WantedRetrieval
from glaciercli.server.service import (
    Service,
    page_limit,
    purge_expired,
    refuse_marker,
    require_archive,
    require_in_vault,
    require_vault,
)
from glaciercli.server.wire import Call, empty_answer, invalid, json_answer, not_found

_PAGE_MAX = 50

_STATUS_CODES = frozenset({RUNNING, SUCCEEDED, FAILED})

_ARCHIVE_GONE = "The archive was deleted."


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
        found = partial(_find_archive, service, tx, call, wanted.archive_id)
        archive = require_archive(service, tx, call, found)
        span = job_requests.retrieval_span(wanted, archive.size_bytes)
        retrieval = Retrieval(archive=archive, span=span, tier=wanted.tier)
        job = _new_job(service, wish, delay, archive=retrieval)
        retrieval_limits.check(tx, service.settings, _load(call, job, retrieval))
        jobs.insert(tx, archive.vault_row, job)
    return job.job_id


def _find_archive(
    service: Service, tx: Transaction, call: Call, archive_id: str, vault: VaultRecord
) -> ArchiveRecord:
    archive = archives.find(tx, call.region, archive_id)
    if archive is None or archive.vault_row != vault.row or not _is_served(service, archive):
        raise not_found(f"The archive ID was not found: {archive_id}")
    return archive


def _is_served(service: Service, archive: ArchiveRecord) -> bool:
    return not archive.deleted or service.settings.accept_deleted_archives


def _load(call: Call, job: NewJob, retrieval: Retrieval) -> WantedRetrieval:
    return WantedRetrieval(
        region=call.region,
        tier=retrieval.tier,
        size_bytes=retrieval.span.size_bytes,
        now_ms=job.times.created_ms,
    )


def _start_inventory(service: Service, call: Call, wish: JobWish, wanted: InventoryWish) -> str:
    # As a writer: an upload that has its date, and is on its way to the disk, must not come into
    # an inventory that somebody has seen without it.
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        extent = _extent(call, vault, _last_inventory(service, tx, call, vault), wanted)
    as_csv = wanted.query.format == "CSV"
    output = inventory.write(service.catalogue, service.blobs, extent, as_csv=as_csv)
    prepared = InventoryJob(query=wanted.query, output=output)
    with payloads.entering(service, output.file), service.catalogue.writing() as tx:
        if require_vault(service, tx, call).row != vault.row:
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
        failure=_ARCHIVE_GONE if archive and archive.archive.deleted else None,
    )


def require_job(service: Service, tx: Transaction, call: Call) -> JobRecord:
    """Return the job that a call names; refuse the call where it is unknown or expired."""
    return require_in_vault(service, tx, call, partial(_find_job, service, tx, call))


def _find_job(service: Service, tx: Transaction, call: Call, vault: VaultRecord) -> JobRecord:
    job = jobs.find(tx, vault.row, call.names["job"], now_ms=service.now_ms())
    if job is None:
        raise not_found(f"The job ID was not found: {call.names['job']}")
    return job


def describe_job(service: Service, call: Call) -> WireResponse:
    """Answer what a job is and how far it is."""
    with service.catalogue.reading() as tx:
        job = require_job(service, tx, call)
        return json_answer(job_descriptions.describe(tx, call.vault_arn(), job, service.now_ms()))


def list_jobs(service: Service, call: Call) -> WireResponse:
    """Answer a page of a vault's jobs, newest first."""
    wanted = _filter(service, call)
    limit, arn = wanted.limit - 1, call.vault_arn()
    with service.catalogue.reading() as tx:
        vault = require_vault(service, tx, call)
        found = [] if _excludes_all(call) else jobs.page(tx, vault.row, wanted)
        listed = [job_descriptions.describe(tx, arn, job, wanted.now_ms) for job in found[:limit]]
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
        failed=_failed(call),
    )


def _finished(call: Call) -> bool | None:
    completed, status = _completed(call), _status_code(call)
    if status is None:
        return completed
    return status != RUNNING


def _failed(call: Call) -> bool | None:
    # A job that runs has not failed yet, whatever is going to become of it.
    status = _status_code(call)
    return None if status in (None, RUNNING) else status == FAILED


def _excludes_all(call: Call) -> bool:
    # What runs has not been completed.
    completed, status = _completed(call), _status_code(call)
    return None not in (completed, status) and completed != (status != RUNNING)


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
