"""Jobs in the catalogue."""

from dataclasses import dataclass
from typing import Any

from glaciercli.model.jobs import Tier
from glaciercli.model.ranges import ByteRange
from glaciercli.server.catalogue import archives
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import (
    InventoryJob,
    InventoryOutput,
    InventoryQuery,
    JobRecord,
    JobTimes,
    NewJob,
    Retrieval,
)

_COLUMNS = (
    "id, job_id, created_at, completes_at, expires_at, description, sns_topic, tier, archive,"
    " range_start, range_stop, format, start_date, end_date, row_limit, marker, next_marker,"
    " output_file, output_bytes"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs of a vault are wanted, and from where on."""

    now_ms: int
    limit: int
    #: Rows above this one come on an earlier page.
    first_row: int | None
    #: ``True`` wants finished jobs only, ``False`` running ones, ``None`` both.
    finished: bool | None


def insert(tx: Transaction, vault_row: int, job: NewJob) -> None:
    """Enter a new job."""
    values = (*_common(job), *_of_retrieval(job.archive), *_of_inventory(job.inventory))
    tx.execute(
        """
        INSERT INTO jobs (vault, job_id, created_at, completes_at, expires_at, description,
            sns_topic, tier, archive, range_start, range_stop, format, start_date, end_date,
            row_limit, marker, next_marker, output_file, output_bytes)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (vault_row, *values),
    )


def find(tx: Transaction, vault_row: int, job_id: str, *, now_ms: int) -> JobRecord | None:
    """Return a job that has not expired, or ``None``."""
    row = tx.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE vault = ? AND job_id = ? AND expires_at > ?",
        (vault_row, job_id, now_ms),
    ).fetchone()
    return _record(tx, row) if row else None


def page(tx: Transaction, vault_row: int, wanted: JobFilter) -> list[JobRecord]:
    """Return up to ``limit`` jobs of a vault that have not expired, newest first."""
    rows = tx.execute(
        f"""
        SELECT {_COLUMNS} FROM jobs
        WHERE vault = ?1 AND expires_at > ?2 AND (?3 IS NULL OR id <= ?3)
            AND (?4 IS NULL OR ?4 = (completes_at <= ?2))
        ORDER BY id DESC LIMIT ?5
        """,
        (vault_row, wanted.now_ms, wanted.first_row, wanted.finished, wanted.limit),
    ).fetchall()
    return [_record(tx, row) for row in rows]


def purge(tx: Transaction, *, expired_until_ms: int) -> list[str]:
    """Forget jobs that expired long enough ago; return the files that nothing needs any more."""
    gone = tx.execute(
        "DELETE FROM jobs WHERE expires_at <= ? RETURNING output_file, archive",
        (expired_until_ms,),
    ).fetchall()
    outputs = [file for file, _ in gone if file is not None]
    retrieved = {archive for _, archive in gone if archive is not None}
    freed = [file for archive in sorted(retrieved) for file in archives.release(tx, archive)]
    return outputs + freed


def _common(job: NewJob) -> tuple[Any, ...]:
    times = job.times
    return (
        job.job_id,
        times.created_ms,
        times.completes_ms,
        times.expires_ms,
        job.description,
        job.sns_topic,
    )


def _of_retrieval(retrieval: Retrieval | None) -> tuple[Any, ...]:
    if retrieval is None:
        return (None,) * 4
    span = retrieval.span
    return (retrieval.tier.value, retrieval.archive.row, span.start, span.stop)


def _of_inventory(job: InventoryJob | None) -> tuple[Any, ...]:
    if job is None:
        return (None,) * 8
    query, output = job.query, job.output
    asked = (query.format, query.start_date, query.end_date, query.limit, query.marker)
    return (*asked, output.next_marker, output.file, output.size_bytes)


def _record(tx: Transaction, row: tuple[Any, ...]) -> JobRecord:
    return JobRecord(
        row=row[0],
        job_id=row[1],
        times=JobTimes(created_ms=row[2], completes_ms=row[3], expires_ms=row[4]),
        description=row[5],
        sns_topic=row[6],
        archive=None if row[8] is None else _retrieval(tx, row),
        inventory=None if row[8] is not None else _inventory(row),
    )


def _retrieval(tx: Transaction, row: tuple[Any, ...]) -> Retrieval:
    return Retrieval(
        archive=archives.get(tx, row[8]), span=ByteRange(row[9], row[10]), tier=Tier(row[7])
    )


def _inventory(row: tuple[Any, ...]) -> InventoryJob:
    return InventoryJob(
        query=InventoryQuery(
            format=row[11], start_date=row[12], end_date=row[13], limit=row[14], marker=row[15]
        ),
        output=InventoryOutput(file=row[17], size_bytes=row[18], next_marker=row[16]),
    )
