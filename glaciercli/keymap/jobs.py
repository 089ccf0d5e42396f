"""Jobs asked for, and jobs met: what is paid for is never forgotten."""

from collections.abc import Iterator
from datetime import datetime

from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.values import (
    blob_or_none,
    from_ms,
    from_ms_or_none,
    integer,
    integer_or_none,
    member,
    text,
    text_or_none,
    to_ms,
    to_ms_or_none,
)
from glaciercli.model.jobs import Job, JobAction, JobStatus, KnownJob, Tier

_COLUMNS = (
    "job_key, job_id, action, archive_id, tier, tag, status, status_message, created_at,"
    " completed_at, size_bytes, tree_hash, whole, gone_at"
)


class Jobs:
    """The jobs of each vault."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def intend(
        self,
        vault_key: int,
        action: JobAction,
        *,
        archive_id: str | None,
        tier: Tier | None,
        tag: str,
        at: datetime,
    ) -> int:
        """Commit to a job before it is asked for, and return its key."""
        return self._database.execute(
            "INSERT INTO jobs (vault_key, action, archive_id, tier, tag, status, status_message,"
            " created_at, whole) VALUES (?, ?, ?, ?, ?, ?, '', ?, 1)",
            (
                vault_key,
                action.value,
                archive_id,
                None if tier is None else tier.value,
                tag,
                JobStatus.RUNNING.value,
                to_ms(at),
            ),
        )

    def started(self, key: int, job_id: str) -> None:
        """Record the service's ID of a job that was intended."""
        # Another run may have met the job in a listing meanwhile: its row gives way.
        self._database.execute(
            "UPDATE OR REPLACE jobs SET job_id = ? WHERE job_key = ?", (job_id, key)
        )

    def withdraw(self, key: int) -> None:
        """Drop an intended job that the service refused."""
        self._database.execute("DELETE FROM jobs WHERE job_key = ? AND job_id IS NULL", (key,))

    def meet(self, vault_key: int, job: Job, *, tag: str | None) -> None:
        """Record what the service says of a job, wherever it was started."""
        with self._database.transaction():
            # An intent whose answer was lost is this job if the mark is the same.
            if tag is not None:
                self._database.execute(
                    "UPDATE OR REPLACE jobs SET job_id = ?"
                    " WHERE vault_key = ? AND tag = CAST(? AS TEXT) AND job_id IS NULL",
                    (job.job_id, vault_key, encode_text(tag)),
                )
            self._put(vault_key, job, tag)

    def _put(self, vault_key: int, job: Job, tag: str | None) -> None:
        self._database.execute(
            "INSERT INTO jobs (vault_key, job_id, action, archive_id, tier, tag, status,"
            " status_message, created_at, completed_at, size_bytes, tree_hash, whole)"
            " VALUES (?, ?, ?, ?, ?, CAST(? AS TEXT), ?, CAST(? AS TEXT), ?, ?, ?, ?, ?)"
            " ON CONFLICT (vault_key, job_id) DO UPDATE SET status = excluded.status,"
            " status_message = excluded.status_message, created_at = excluded.created_at,"
            " completed_at = excluded.completed_at, size_bytes = excluded.size_bytes,"
            " tree_hash = excluded.tree_hash, whole = excluded.whole,"
            # What was finished once and then gone stays so: a listing may outlive the output.
            f" gone_at = CASE jobs.status WHEN '{JobStatus.SUCCEEDED.value}' THEN jobs.gone_at END",
            (
                vault_key,
                job.job_id,
                job.action.value,
                job.archive_id,
                None if job.tier is None else job.tier.value,
                encode_text(tag),
                job.status.value,
                encode_text(job.status_message),
                to_ms(job.created_at),
                to_ms_or_none(job.completed_at),
                job.size_bytes,
                job.tree_hash,
                int(job.whole),
            ),
        )

    def forget(self, vault_key: int, job_id: str, *, gone_at: datetime) -> None:
        """Record that the service no longer knows a job."""
        self._database.execute(
            "UPDATE jobs SET gone_at = coalesce(gone_at, ?) WHERE vault_key = ? AND job_id = ?",
            (to_ms(gone_at), vault_key, job_id),
        )

    def known(self, vault_key: int) -> Iterator[KnownJob]:
        """Yield the jobs of a vault that the service may still know, newest first."""
        rows = self._database.query(
            f"SELECT {_COLUMNS} FROM jobs WHERE vault_key = ? AND gone_at IS NULL"
            " ORDER BY created_at DESC, job_key DESC",
            (vault_key,),
        )
        return (_job(row) for row in rows)

    def of_archive(self, vault_key: int, archive_id: str) -> Iterator[KnownJob]:
        """Yield the jobs for one archive that the service may still know, newest first."""
        rows = self._database.query(
            f"SELECT {_COLUMNS} FROM jobs WHERE vault_key = ? AND archive_id = ?"
            " AND gone_at IS NULL ORDER BY created_at DESC, job_key DESC",
            (vault_key, archive_id),
        )
        return (_job(row) for row in rows)

    def asked_since(self, vault_key: int, moment: datetime) -> Iterator[KnownJob]:
        """Yield the retrievals of a vault that were begun at a moment or later, gone ones too."""
        rows = self._database.query(
            f"SELECT {_COLUMNS} FROM jobs WHERE vault_key = ? AND created_at >= ? AND action = ?",
            (vault_key, to_ms(moment), JobAction.RETRIEVAL.value),
        )
        return (_job(row) for row in rows)

    def version(self) -> int:
        """Return a number that changes when another run commits anything."""
        row = self._database.one("PRAGMA data_version")
        assert row is not None
        return integer(row[0])

    def find(self, vault_key: int, job_id: str) -> KnownJob | None:
        """Return one job."""
        row = self._database.one(
            f"SELECT {_COLUMNS} FROM jobs WHERE vault_key = ? AND job_id = ?", (vault_key, job_id)
        )
        return None if row is None else _job(row)


def _job(row: tuple[object, ...]) -> KnownJob:
    return KnownJob(
        key=integer(row[0]),
        job_id=text_or_none(row[1]),
        action=member(JobAction, row[2]),
        archive_id=text_or_none(row[3]),
        tier=None if row[4] is None else member(Tier, row[4]),
        tag=text_or_none(row[5]),
        status=member(JobStatus, row[6]),
        status_message=text(row[7]),
        created_at=from_ms(row[8]),
        completed_at=from_ms_or_none(row[9]),
        size_bytes=integer_or_none(row[10]),
        tree_hash=blob_or_none(row[11]),
        whole=bool(integer(row[12])),
        gone_at=from_ms_or_none(row[13]),
    )
