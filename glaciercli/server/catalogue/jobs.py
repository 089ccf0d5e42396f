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
    JobInVault,
    JobRecord,
    JobTimes,
    NewJob,
    Retrieval,
)

_COLUMNS = (
    "id, job_id, created_at, completes_at, expires_at, description, sns_topic, tier, archive,"
    " range_start, range_stop, format, start_date, end_date, row_limit, marker, next_marker,"
    " output_file, output_bytes, failure"
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
    #: ``True`` wants jobs that fail only, ``False`` those that succeed, ``None`` both.
    failed: bool | None


def insert(tx: Transaction, vault_row: int, job: NewJob) -> None:
    """Enter a new job."""
    values = (*_common(job), *_of_retrieval(job.archive), *_of_inventory(job.inventory))
    tx.execute(
        """
        INSERT INTO jobs (vault, job_id, created_at, completes_at, expires_at, description,
            sns_topic, tier, archive, range_start, range_stop, format, start_date, end_date,
            row_limit, marker, next_marker, output_file, output_bytes, failure)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (vault_row, *values, job.failure),
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
            AND (?5 IS NULL OR ?5 = (failure IS NOT NULL))
        ORDER BY id DESC LIMIT ?6
        """,
        (
            vault_row,
            wanted.now_ms,
            wanted.first_row,
            wanted.finished,
            wanted.failed,
            wanted.limit,
        ),
    ).fetchall()
    return [_record(tx, row) for row in rows]


def standard_bytes_running(tx: Transaction, region: str, *, now_ms: int) -> int:
    """Return how many bytes the Standard retrievals prepare that run in a region."""
    return _standard_bytes(tx, "completes_at > ?", region, now_ms)


def standard_bytes_begun(tx: Transaction, region: str, *, since_ms: int) -> int:
    """Return how many bytes the Standard retrievals ask for that began at a moment or later.

    Jobs that are forgotten do not count: those that expired, and those of a deleted vault.
    """
    return _standard_bytes(tx, "jobs.created_at >= ?", region, since_ms)


def _standard_bytes(tx: Transaction, condition: str, region: str, moment_ms: int) -> int:
    row = tx.execute(
        f"""
        SELECT coalesce(sum(range_stop - range_start), 0)
        FROM jobs JOIN vaults ON vaults.id = jobs.vault
        WHERE tier = ? AND region = ? AND {condition}
        """,
        (Tier.STANDARD.value, region, moment_ms),
    ).fetchone()
    return int(row[0])


def expedited_jobs_begun(tx: Transaction, region: str, *, after_ms: int) -> int:
    """Return how many Expedited retrievals began in a region after a moment."""
    row = tx.execute(
        """
        SELECT count(*) FROM jobs JOIN vaults ON vaults.id = jobs.vault
        WHERE tier = ? AND region = ? AND jobs.created_at > ?
        """,
        (Tier.EXPEDITED.value, region, after_ms),
    ).fetchone()
    return int(row[0])


def to_notify(tx: Transaction, now_ms: int) -> list[int]:
    """Return the rows of finished jobs that nobody was told of yet, the first to end first.

    Expired ones are left out: what they say would lead to nothing any more.
    """
    rows = tx.execute(
        """
        SELECT id FROM jobs WHERE notified_at IS NULL AND completes_at <= ?1 AND expires_at > ?1
        ORDER BY completes_at, id
        """,
        (now_ms,),
    )
    return [row[0] for row in rows]


def in_vault(tx: Transaction, job_row: int) -> JobInVault:
    """Return a job together with the vault that it is in."""
    row = tx.execute(f"SELECT {_COLUMNS}, vault FROM jobs WHERE id = ?", (job_row,)).fetchone()
    *values, vault_row = row
    name, region = tx.execute(
        "SELECT name, region FROM vaults WHERE id = ?", (vault_row,)
    ).fetchone()
    job = _record(tx, tuple(values))
    return JobInVault(job=job, vault_row=vault_row, vault_name=name, region=region)


def mark_notified(tx: Transaction, job_rows: list[int], *, now_ms: int) -> None:
    """Note that everybody who wants to know of some jobs has been told."""
    tx.executemany(
        "UPDATE jobs SET notified_at = ? WHERE id = ?", ((now_ms, row) for row in job_rows)
    )


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
        failure=row[19],
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
