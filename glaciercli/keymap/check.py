"""Looking a key map over: what SQLite finds, and what this program itself relies on.

docs/key-map.md lists the rules.  Nothing is ever changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from glaciercli import errors
from glaciercli.keymap import codes, described, identifiers, schema
from glaciercli.keymap.database import Database
from glaciercli.keymap.sources import Heard
from glaciercli.model.care import Finding

_MOST_EXAMPLES = 3

_RESTORE = "restore a copy: `glaciercli keymap snapshots` lists those of the last days"
_REBUILD = (
    "`glaciercli inventory refresh VAULT` rebuilds what is known of its archives; " + _RESTORE
)
_REPAIR = "`glaciercli keymap export` and `keymap import` into a new file make it right"
_REPORT = "this is a fault of the program: please report it; " + _RESTORE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Rows that must not be there, each with a name for it as its only column."""

    kind: str
    what: str
    rows: str
    advice: str


_ARCHIVE = "coalesce(name, 'archive row ' || archive_key)"

_RULES = (
    _Rule(
        kind="kept_id",
        what="archive IDs and marks that cannot be read",
        rows=f"{_ARCHIVE} FROM archives"
        " WHERE NOT coalesce(is_token(archive_id), 1) OR NOT coalesce(is_token(tag), 1)",
        advice=_REBUILD,
    ),
    _Rule(
        kind="id_form",
        what="archive IDs and marks that are kept in the wrong form: nothing finds them",
        rows=f"{_ARCHIVE} FROM archives WHERE kept_token(iif(typeof(archive_id) = 'text',"
        " CAST(archive_id AS BLOB), NULL)) <> archive_id OR kept_token(iif(typeof(tag) = 'text',"
        " CAST(tag AS BLOB), NULL)) <> tag",
        advice=_REPAIR,
    ),
    _Rule(
        kind="repeated_id",
        what="archive IDs that stand in more than one row of a vault",
        rows=f"max({_ARCHIVE}) FROM archives WHERE archive_id IS NOT NULL"
        f" GROUP BY vault_key, {identifiers.rank_of('archives')}, archive_id HAVING count(*) > 1",
        advice=_REPORT,
    ),
    _Rule(
        kind="description",
        what="archives whose description does not follow from what is kept of it",
        rows=f"{_ARCHIVE} FROM archives WHERE typeof(description) = 'integer'"
        " AND NOT follows(description, CAST(name AS BLOB), modified_ns, tag)",
        advice=_REBUILD,
    ),
    _Rule(
        kind="archive_state",
        what="archives in a state that this program does not know",
        rows=f"{_ARCHIVE} FROM archives WHERE state NOT BETWEEN {codes.UPLOADED} AND"
        f" {codes.DELETED}",
        advice=_RESTORE,
    ),
    _Rule(
        kind="name_source",
        what="archives whose name is from nobody knows whom",
        rows=f"{_ARCHIVE} FROM archives WHERE name_source NOT BETWEEN {codes.BY_UPLOAD} AND"
        f" {codes.BY_USER}",
        advice=_RESTORE,
    ),
    _Rule(
        kind="archive_without_id",
        what="archives that are there, or are being deleted, without an ID",
        rows=f"{_ARCHIVE} FROM archives WHERE archive_id IS NULL"
        f" AND state IN ({codes.UPLOADED}, {codes.CONFIRMED}, {codes.EMPTY}, {codes.DELETING})",
        advice=_REBUILD,
    ),
    _Rule(
        kind="tombstone_time",
        what="archives that are deleted and have no time of it, or the other way round",
        rows=f"{_ARCHIVE} FROM archives WHERE ({codes.LIVE}) = (deleted_at IS NOT NULL)",
        advice=_REPORT,
    ),
    _Rule(
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
        advice=_REBUILD,
    ),
    _Rule(
        kind="size",
        what="sizes below nothing",
        rows=f"{_ARCHIVE} FROM archives WHERE size_bytes < 0"
        " UNION ALL SELECT name FROM uploads WHERE size_bytes < 0 OR part_bytes <= 0"
        " UNION ALL SELECT 'job row ' || job_key FROM jobs WHERE size_bytes < 0"
        " UNION ALL SELECT target FROM downloads WHERE range_bytes <= 0",
        advice=_REBUILD,
    ),
    _Rule(
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
    _Rule(
        kind="two_uploads",
        what="names with more than one upload under way",
        rows="name FROM uploads GROUP BY vault_key, name HAVING count(*) > 1",
        advice=_REPORT,
    ),
    _Rule(
        kind="upload_stage",
        what="uploads about to become an archive, of unknown size or hash",
        rows="name FROM uploads WHERE stage <> 'intended'"
        " AND (size_bytes IS NULL OR tree_hash IS NULL)",
        advice=_REPORT,
    ),
    _Rule(
        kind="repeated_job",
        what="job IDs that stand in more than one row of a vault",
        rows="job_id FROM jobs WHERE job_id IS NOT NULL GROUP BY vault_key, job_id"
        " HAVING count(*) > 1",
        advice=_REPORT,
    ),
    _Rule(
        kind="job_status",
        what="jobs of a kind or a status that this program does not know",
        rows="coalesce(job_id, 'row ' || job_key) FROM jobs"
        " WHERE status NOT IN ('InProgress', 'Succeeded', 'Failed')"
        " OR action NOT IN ('ArchiveRetrieval', 'InventoryRetrieval', 'Select')",
        advice=_RESTORE,
    ),
    _Rule(
        kind="inventory",
        what="inventories with a count below nothing",
        rows="'row ' || inventory_key FROM inventories"
        " WHERE archive_count < 0 OR complete NOT IN (0, 1)",
        advice=_REBUILD,
    ),
    _Rule(
        kind="journal",
        what="archives that the journal saw deleted, and that count as there",
        rows=f"{_ARCHIVE} FROM archives WHERE archive_id IS NOT NULL AND {codes.LIVE}"
        " AND (vault_key, archive_id) IN (SELECT vault_key, kept_token(CAST(archive_id AS BLOB))"
        " FROM journal WHERE event = 'deleted' AND archive_id IS NOT NULL)",
        advice=_REBUILD,
    ),
)


def findings(opened: Database, *, full: bool, heard: Heard) -> Iterator[Finding]:
    """Yield what is wrong with a key map, what SQLite finds first; ``full`` takes longer.

    ``heard`` is told how many of the steps are done.
    """
    steps = len(_RULES) + 2
    sound = True
    for finding in sqlite_findings(opened, full=full):
        sound = False
        yield finding
    heard(1, steps)
    if not sound:
        # Whatever else a broken file says is not worth repeating.
        return
    yield from _loose_ends(opened)
    if schema.needs_migration(opened):
        # The rules are those of the newest format, which the next run that opens it brings it to.
        heard(steps, steps)
        return
    opened.define("is_token", identifiers.is_token)
    opened.define("kept_token", identifiers.kept_of_raw)
    opened.define("follows", described.follows, takes=4)
    for done, rule in enumerate(_RULES, start=2):
        heard(done, steps)
        yield from _broken(opened, rule)
    heard(steps, steps)


def refuse_unsound(opened: Database, *, path: str) -> None:
    """Raise ``KeyMapDamaged`` with the first thing that is wrong with a key map."""
    found = next(findings(opened, full=False, heard=lambda _done, _steps: None), None)
    if found is not None:
        shown = f" ({', '.join(found.examples)})" if found.examples else ""
        raise errors.KeyMapDamaged(
            f'"{path}" is damaged: {found.what}{shown}', hint="nothing was changed"
        )


def sqlite_findings(opened: Database, *, full: bool) -> Iterator[Finding]:
    """Yield what SQLite itself finds; a page that cannot be read is a finding too."""
    try:
        told = [
            str(row[0]) for row in opened.query(f"PRAGMA {'integrity' if full else 'quick'}_check")
        ]
    except errors.KeyMapDamaged as error:
        told = [error.message]
    if told != ["ok"]:
        yield _finding("sqlite", "SQLite finds the file broken", told, advice=_REBUILD)


def _loose_ends(opened: Database) -> Iterator[Finding]:
    """Yield the rows that point at rows that are not there."""
    found = [
        f"{row[0]} row {row[1]} points to no row of {row[2]}"
        for row in opened.query("PRAGMA foreign_key_check")
    ]
    if found:
        what = "rows that point at rows that are not there"
        yield _finding("foreign_key", what, found, advice=_RESTORE)


def _broken(opened: Database, rule: _Rule) -> Iterator[Finding]:
    examples: list[str] = []
    count = 0
    for row in opened.query(f"SELECT {rule.rows}"):
        count += 1
        if count <= _MOST_EXAMPLES:
            examples.append(str(row[0]))
    if count:
        yield Finding(
            kind=rule.kind,
            what=rule.what,
            count=count,
            examples=tuple(examples),
            advice=rule.advice,
        )


def _finding(kind: str, what: str, found: list[str], *, advice: str) -> Finding:
    return Finding(
        kind=kind,
        what=what,
        count=len(found),
        examples=tuple(found[:_MOST_EXAMPLES]),
        advice=advice,
    )


def rule_kinds() -> list[str]:
    """Return the word of each rule, for the documentation."""
    return ["sqlite", "foreign_key", *(rule.kind for rule in _RULES)]
