"""What this program relies on in a key map: rows that break it must not be there.

docs/key-map.md lists the rules in words.
"""

from dataclasses import dataclass
from enum import Enum

from glaciercli.core.parts import MAX_ARCHIVE_BYTES
from glaciercli.core.times import FIRST, LAST
from glaciercli.keymap import codes, identifiers
from glaciercli.keymap.values import to_ms
from glaciercli.model.jobs import JobAction, JobStatus, Tier
from glaciercli.model.uploads import UploadStage

#: What is advised for more than one rule.
RESTORE = "restore a copy: `glaciercli keymap snapshots` lists those of the last days"
REBUILD = "`glaciercli inventory refresh VAULT` rebuilds what is known of its archives; " + RESTORE
_REPAIR = "`glaciercli keymap export` and `keymap import` into a new file make it right"
_REPORT = "this is a fault of the program: please report it; " + RESTORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Rows that must not be there, each with a name for it as its only column."""

    kind: str
    what: str
    rows: str
    advice: str


_ARCHIVE = "coalesce(name, 'archive row ' || archive_key)"

#: The columns with times, and what a row of their table is called by.
TIMES = (
    ("vaults", "name", ("created_at", "gone_at", "listed_until")),
    ("archives", _ARCHIVE, ("uploaded_at", "listed_at", "deleted_at", "gone_at")),
    ("uploads", "name", ("begun_at",)),
    ("jobs", "'job row ' || job_key", ("created_at", "completed_at", "gone_at")),
    ("downloads", "target", ("begun_at",)),
    ("inventories", "'inventory row ' || inventory_key", ("inventory_date", "reconciled_at")),
    ("journal", "'entry ' || entry", ("at",)),
    ("checks", "scope", ("begun_at",)),
)

#: Kind and permissions of a file take so many bits.
_MOST_MODE = 0xFFFF


def _other_times() -> str:
    bounds = f"NOT BETWEEN {to_ms(FIRST)} AND {to_ms(LAST)}"
    return " UNION ALL SELECT ".join(
        f"{called} FROM {table} WHERE {' OR '.join(f'{one} {bounds}' for one in columns)}"
        for table, called, columns in TIMES
    )


def _words(kind: type[Enum]) -> str:
    return ", ".join(f"'{one.value}'" for one in kind)


RULES = (
    Rule(
        kind="kept_id",
        what="archive IDs and marks that cannot be read",
        rows=f"{_ARCHIVE} FROM archives WHERE NOT is_token(CAST(archive_id AS BLOB),"
        # A description may tell an empty mark.
        " typeof(archive_id)) OR tag <> '' AND NOT is_token(CAST(tag AS BLOB), typeof(tag))",
        advice=REBUILD,
    ),
    Rule(
        kind="id_form",
        what="archive IDs and marks that are kept in the wrong form: nothing finds them",
        rows=f"{_ARCHIVE} FROM archives WHERE kept_token(iif(typeof(archive_id) = 'text',"
        " CAST(archive_id AS BLOB), NULL)) <> archive_id OR kept_token(iif(typeof(tag) = 'text',"
        " CAST(tag AS BLOB), NULL)) <> tag",
        advice=_REPAIR,
    ),
    Rule(
        kind="repeated_id",
        what="archive IDs that stand in more than one row of a vault",
        rows=f"max({_ARCHIVE}) FROM archives WHERE archive_id IS NOT NULL"
        f" GROUP BY vault_key, {identifiers.rank_of('archives')}, archive_id HAVING count(*) > 1",
        advice=_REPORT,
    ),
    Rule(
        kind="description",
        what="archives whose description does not follow from what is kept of it",
        rows=f"{_ARCHIVE} FROM archives WHERE typeof(description) = 'real'"
        " OR typeof(description) = 'integer'"
        " AND NOT follows(description, CAST(name AS BLOB), CAST(modified_ns AS INTEGER),"
        " iif(typeof(tag) = 'text', kept_token(CAST(tag AS BLOB)), tag))",
        advice=REBUILD,
    ),
    Rule(
        kind="archive_state",
        what="archives in a state that this program does not know",
        rows=f"{_ARCHIVE} FROM archives WHERE state NOT BETWEEN {codes.UPLOADED} AND"
        f" {codes.DELETED}",
        advice=RESTORE,
    ),
    Rule(
        kind="name_source",
        what="archives whose name is from nobody knows whom",
        rows=f"{_ARCHIVE} FROM archives WHERE name_source NOT BETWEEN {codes.BY_UPLOAD} AND"
        f" {codes.BY_USER}",
        advice=RESTORE,
    ),
    Rule(
        kind="mode",
        what="archives of files of a kind that no system has",
        rows=f"{_ARCHIVE} FROM archives WHERE mode NOT BETWEEN 0 AND {_MOST_MODE}",
        advice=RESTORE,
    ),
    Rule(
        kind="archive_without_id",
        what="archives that are there, or are being deleted, without an ID",
        rows=f"{_ARCHIVE} FROM archives WHERE archive_id IS NULL"
        f" AND state IN ({codes.UPLOADED}, {codes.CONFIRMED}, {codes.EMPTY}, {codes.DELETING})",
        advice=REBUILD,
    ),
    Rule(
        kind="tombstone_time",
        what="archives that are deleted and have no time of it, or the other way round",
        rows=f"{_ARCHIVE} FROM archives WHERE ({codes.LIVE}) = (deleted_at IS NOT NULL)",
        advice=_REPORT,
    ),
    Rule(
        kind="tree_hash",
        what="tree hashes that are not 32 bytes long",
        rows=" UNION ALL SELECT ".join(
            f"'{table} row ' || {key} FROM {table}"
            " WHERE tree_hash IS NOT NULL AND length(tree_hash) <> 32"
            for table, key in (
                ("archives", "archive_key"),
                ("uploads", "upload_key"),
                ("upload_parts", "upload_key"),
                ("jobs", "job_key"),
                ("download_ranges", "download_key"),
            )
        ),
        advice=REBUILD,
    ),
    Rule(
        kind="size",
        what="sizes below nothing, or larger than any archive",
        rows=f"{_ARCHIVE} FROM archives WHERE size_bytes NOT BETWEEN 0 AND {MAX_ARCHIVE_BYTES}"
        " UNION ALL SELECT name FROM uploads WHERE size_bytes < 0 OR part_bytes <= 0"
        " UNION ALL SELECT 'job row ' || job_key FROM jobs WHERE size_bytes < 0"
        " UNION ALL SELECT target FROM downloads WHERE range_bytes <= 0",
        advice=REBUILD,
    ),
    Rule(
        kind="span",
        what="parts and ranges that end before they start, or overlap",
        rows=" UNION ALL SELECT ".join(
            f"'{table} row ' || {key} FROM (SELECT *, lead(start) OVER"
            f" (PARTITION BY {key} ORDER BY start) AS next FROM {table})"
            " WHERE start < 0 OR stop <= start OR next < stop"
            for table, key in (("upload_parts", "upload_key"), ("download_ranges", "download_key"))
        ),
        advice="run the line of that upload or download again: it goes over what is in doubt",
    ),
    Rule(
        kind="two_uploads",
        what="names with more than one upload under way",
        rows="name FROM uploads GROUP BY vault_key, name HAVING count(*) > 1",
        advice=_REPORT,
    ),
    Rule(
        kind="upload_stage",
        what="uploads of a stage that this program does not know, or of unknown size or hash"
        " where they are about to become an archive",
        rows=f"name FROM uploads WHERE stage NOT IN ({_words(UploadStage)})"
        f" OR stage <> '{UploadStage.INTENDED.value}'"
        " AND (size_bytes IS NULL OR tree_hash IS NULL)",
        advice=_REPORT,
    ),
    Rule(
        kind="upload_source",
        what="uploads of a file of which not all is known",
        rows="name FROM uploads WHERE path <> '' AND (size_bytes IS NULL OR modified_ns IS NULL"
        " OR device IS NULL OR inode IS NULL)",
        advice=RESTORE,
    ),
    Rule(
        kind="repeated_job",
        what="job IDs that stand in more than one row of a vault",
        rows="job_id FROM jobs WHERE job_id IS NOT NULL GROUP BY vault_key, job_id"
        " HAVING count(*) > 1",
        advice=_REPORT,
    ),
    Rule(
        kind="job_status",
        what="jobs of a kind, a tier or a status that this program does not know",
        rows="coalesce(job_id, 'row ' || job_key) FROM jobs"
        f" WHERE status NOT IN ({_words(JobStatus)}) OR action NOT IN ({_words(JobAction)})"
        f" OR tier NOT IN ({_words(Tier)})",
        advice=RESTORE,
    ),
    Rule(
        kind="inventory",
        what="inventories with a count below nothing",
        rows="'row ' || inventory_key FROM inventories"
        " WHERE archive_count < 0 OR complete NOT IN (0, 1)",
        advice=REBUILD,
    ),
    Rule(
        kind="journal",
        what="archives that the journal saw deleted, and that count as there",
        rows=f"{_ARCHIVE} FROM archives WHERE archive_id IS NOT NULL AND {codes.LIVE}"
        " AND (vault_key, archive_id) IN (SELECT vault_key, kept_token(CAST(archive_id AS BLOB))"
        " FROM journal WHERE event = 'deleted' AND archive_id IS NOT NULL)",
        advice=REBUILD,
    ),
    Rule(
        kind="time",
        what="times before the year 2 or after the year 9998",
        rows=_other_times(),
        advice=RESTORE,
    ),
)
