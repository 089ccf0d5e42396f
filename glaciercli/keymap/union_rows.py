"""Which rows of two key maps are about the same thing, and how the simple ones are united.

The other key map stands attached, as ``other``.  In every statement ``o`` is a row of ours, ``t``
one of theirs, and ``m`` maps the keys of their vaults to those of ours.
"""

from collections.abc import Iterator

from glaciercli.core.union import ArchiveFacts
from glaciercli.keymap import identifiers
from glaciercli.keymap.database import Database
from glaciercli.keymap.values import (
    blob,
    blob_or_none,
    integer,
    integer_or_none,
    member,
    text,
    text_or_none,
)
from glaciercli.model.archives import ArchiveState

_MAPPED = "CROSS JOIN temp.vault_map AS m ON m.theirs = t.vault_key"

_TABLES = ("vault_map", "pairs", "lone_ours", "lone_theirs", "named_ours", "named_theirs")

ADD_VAULTS = (
    "INSERT OR IGNORE INTO main.vaults (endpoint, account, region, name, created_at, gone_at)"
    " SELECT endpoint, account, region, name, created_at, gone_at FROM other.vaults"
    " ORDER BY vault_key"
)


def _last_word(schema: str, side: str) -> str:
    """Return the latest that one side knows of a vault: it was there then."""
    return (
        f"max(coalesce({side}.created_at, -1),"
        f" coalesce((SELECT max(inventory_date) FROM {schema}.inventories AS i"
        f" WHERE i.vault_key = {side}.vault_key), -1),"
        f" coalesce((SELECT max(uploaded_at) FROM {schema}.archives AS a"
        f" WHERE a.vault_key = {side}.vault_key AND a.state NOT IN ('deleting', 'deleted')), -1))"
    )


#: A vault is gone if one says so later than anything that the other knows of it.
UNITE_VAULTS = (
    "UPDATE main.vaults AS o SET"
    " created_at = CASE WHEN o.created_at IS NULL OR t.created_at IS NULL"
    " THEN coalesce(o.created_at, t.created_at) ELSE max(o.created_at, t.created_at) END,"
    " gone_at = CASE WHEN o.gone_at IS NOT NULL AND t.gone_at IS NOT NULL"
    " THEN max(o.gone_at, t.gone_at)"
    f" WHEN t.gone_at >= {_last_word('main', 'o')} THEN t.gone_at"
    f" WHEN o.gone_at >= {_last_word('other', 't')} THEN o.gone_at END"
    " FROM other.vaults AS t, temp.vault_map AS m"
    " WHERE m.theirs = t.vault_key AND m.ours = o.vault_key"
)

#: An intent here whose answer the other key map has heard.
ADOPT_JOB_IDS = (
    "UPDATE main.jobs AS o SET job_id = t.job_id FROM other.jobs AS t, temp.vault_map AS m"
    " WHERE m.theirs = t.vault_key AND o.vault_key = m.ours AND o.job_id IS NULL"
    " AND t.job_id IS NOT NULL AND o.tag = t.tag AND NOT EXISTS (SELECT 1 FROM main.jobs AS k"
    " WHERE k.vault_key = m.ours AND k.job_id = t.job_id)"
)

_FINISHED_THERE = "o.status = 'InProgress' AND t.status <> 'InProgress'"

#: A finished job knows more than a running one; what one side saw gone is gone.
UNITE_JOBS = (
    "UPDATE main.jobs AS o SET"
    + ",".join(
        f" {name} = CASE WHEN {_FINISHED_THERE} THEN t.{name} ELSE o.{name} END"
        for name in ("status", "status_message", "completed_at", "size_bytes", "tree_hash")
    )
    + ", gone_at = CASE WHEN o.gone_at IS NULL OR t.gone_at IS NULL"
    " THEN coalesce(o.gone_at, t.gone_at) ELSE min(o.gone_at, t.gone_at) END,"
    " tag = coalesce(o.tag, t.tag), tier = coalesce(o.tier, t.tier)"
    " FROM other.jobs AS t, temp.vault_map AS m"
    " WHERE m.theirs = t.vault_key AND o.vault_key = m.ours AND o.job_id = t.job_id"
)

UNKNOWN_JOB = (
    "NOT EXISTS (SELECT 1 FROM main.jobs AS o WHERE o.vault_key = m.ours"
    " AND (o.job_id = t.job_id OR o.tag = t.tag))"
)

UNKNOWN_INVENTORY = (
    "NOT EXISTS (SELECT 1 FROM main.inventories AS o WHERE o.vault_key = m.ours"
    " AND o.inventory_date = t.inventory_date AND o.complete = t.complete"
    " AND o.job_id IS t.job_id)"
)

_UNKNOWN_UPLOADS = (
    f"SELECT t.upload_key FROM other.uploads AS t {_MAPPED}"
    " WHERE NOT EXISTS (SELECT 1 FROM main.uploads AS o WHERE o.vault_key = m.ours"
    " AND (o.name = t.name OR o.upload_id = t.upload_id OR o.tag = t.tag))"
    " AND NOT EXISTS (SELECT 1 FROM main.archives AS a"
    " WHERE a.vault_key = m.ours AND a.tag = t.tag) ORDER BY t.upload_key"
)

_FACTS = (
    "archive_id",
    "name",
    "name_source",
    "description",
    "tag",
    "size_bytes",
    "tree_hash",
    "modified_ns",
    "uploaded_at",
    "state",
    "listed_at",
    "deleted_at",
)
_TEXTS = frozenset({"name", "description", "tag"})


def prepare(database: Database) -> None:
    """Make the tables that a merge needs for itself."""
    clear(database)
    database.execute("CREATE TEMP TABLE vault_map (theirs INTEGER PRIMARY KEY, ours INTEGER)")
    database.execute("CREATE TEMP TABLE pairs (theirs INTEGER PRIMARY KEY, ours INTEGER UNIQUE)")


def clear(database: Database) -> None:
    """Drop them."""
    for table in _TABLES:
        database.execute(f"DROP TABLE IF EXISTS temp.{table}")


def map_vaults(database: Database) -> None:
    """Find out which vaults are the same."""
    database.execute(
        "INSERT INTO temp.vault_map SELECT t.vault_key, o.vault_key FROM other.vaults AS t"
        " JOIN main.vaults AS o USING (endpoint, account, region, name)"
    )


def pair_archives(database: Database) -> None:
    """Find out which archives are the same.

    Those of one ID are; one whose ID is not known yet is the one with its mark, or, where it has
    none, one without ID that was sent with the same content at the same time.
    """
    database.execute(
        "INSERT OR IGNORE INTO temp.pairs SELECT t.archive_key, o.archive_key"
        f" FROM other.archives AS t {_MAPPED} CROSS JOIN main.archives AS o"
        " ON o.vault_key = m.ours AND o.id_rank = t.id_rank AND o.archive_id = t.archive_id"
        " ORDER BY t.archive_key, o.archive_key"
    )
    _gather_those_without_id(database)
    database.execute(
        "INSERT OR IGNORE INTO temp.pairs SELECT t.archive_key, o.archive_key"
        f" FROM other.archives AS t {_MAPPED} CROSS JOIN temp.lone_ours AS o"
        " ON o.tag = t.tag AND o.vault = m.ours ORDER BY t.archive_id, t.archive_key, o.archive_key"
    )
    database.execute(
        "INSERT OR IGNORE INTO temp.pairs SELECT t.archive_key, o.archive_key"
        " FROM main.archives AS o CROSS JOIN temp.lone_theirs AS t"
        " ON t.tag = o.tag AND t.vault = o.vault_key"
        " ORDER BY o.archive_id, t.archive_key, o.archive_key"
    )
    database.execute(
        "INSERT OR IGNORE INTO temp.pairs SELECT t.archive_key, o.archive_key"
        " FROM temp.lone_theirs AS t CROSS JOIN temp.lone_ours AS o"
        " ON o.tag IS NULL AND o.uploaded_at = t.uploaded_at AND o.vault = t.vault"
        " AND o.size_bytes = t.size_bytes AND o.tree_hash IS t.tree_hash"
        " AND o.description = t.description"
        " WHERE t.tag IS NULL ORDER BY t.archive_key, o.archive_key"
    )


def differing(database: Database) -> Iterator[tuple[int, ArchiveFacts, ArchiveFacts]]:
    """Yield the pairs that are not the same in everything: our key, our facts, their facts."""
    _gather_names_given(database)
    ours, theirs = (_all_facts(side, schema) for side, schema in (("o", "main"), ("t", "other")))
    compared = [", ".join(f"{side}.{name}" for name in _FACTS) for side in ("o", "t")]
    rows = database.query(
        f"SELECT o.archive_key, {ours}, {theirs} FROM temp.pairs AS p"
        " CROSS JOIN main.archives AS o ON o.archive_key = p.ours"
        " CROSS JOIN other.archives AS t ON t.archive_key = p.theirs"
        f" WHERE ({compared[0]}) IS NOT ({compared[1]})"
    )
    half = len(_FACTS) + 2
    for row in rows:
        yield integer(row[0]), _read(row[1 : 1 + half]), _read(row[1 + half :])


def update(database: Database, key: int, facts: ArchiveFacts) -> None:
    """Give an archive of ours the facts that were united."""
    changed = ", ".join(
        f"{name} = {'CAST(? AS TEXT)' if name in _TEXTS else '?'}" for name in _FACTS
    )
    values = [getattr(facts, name) for name in _FACTS if name != "state"]
    values.insert(_FACTS.index("state"), facts.state.value)
    rank = None if facts.archive_id is None else identifiers.rank(facts.archive_id)
    database.execute(
        f"UPDATE main.archives SET {changed}, id_rank = ? WHERE archive_key = ?",
        (*values, rank, key),
    )


def unknown_uploads(database: Database) -> list[int]:
    """Return the keys of their uploads that nobody here knows, and that are no archives yet."""
    return [integer(row[0]) for row in database.query(_UNKNOWN_UPLOADS)]


def _gather_those_without_id(database: Database) -> None:
    """Set the few archives without an ID aside, where they are found by their marks."""
    kept = "archive_key, tag, uploaded_at, size_bytes, tree_hash, description"
    database.execute(
        f"CREATE TEMP TABLE lone_ours AS SELECT vault_key AS vault, {kept} FROM main.archives"
        " WHERE archive_id IS NULL"
    )
    database.execute(
        f"CREATE TEMP TABLE lone_theirs AS SELECT m.ours AS vault, {kept}"
        f" FROM other.archives AS t {_MAPPED} WHERE archive_id IS NULL"
    )
    for table in ("lone_ours", "lone_theirs"):
        database.execute(f"CREATE INDEX temp.{table}_by_tag ON {table} (tag, uploaded_at)")


def _gather_names_given(database: Database) -> None:
    """Gather when a user gave which name, as the journals tell."""
    for table, schema in (("named_ours", "main"), ("named_theirs", "other")):
        database.execute(
            f"CREATE TEMP TABLE {table} AS SELECT vault_key, archive_id, name, max(at) AS at"
            f" FROM {schema}.journal WHERE event = 'renamed'"
            " GROUP BY vault_key, archive_id, name"
        )
        database.execute(f"CREATE INDEX temp.{table}_by_name ON {table} (vault_key, name)")


def _all_facts(side: str, schema: str) -> str:
    """Return the columns of one side, and what its other tables tell of the archive."""
    own = ", ".join(
        f"CAST({side}.{name} AS BLOB)" if name in _TEXTS else f"{side}.{name}" for name in _FACTS
    )
    named = "named_ours" if schema == "main" else "named_theirs"
    return (
        f"{own}, (SELECT n.at FROM temp.{named} AS n WHERE n.vault_key = {side}.vault_key"
        f" AND n.name = {side}.name AND n.archive_id IS {side}.archive_id),"
        f" (SELECT max(inventory_date) FROM {schema}.inventories AS i"
        f" WHERE i.vault_key = {side}.vault_key AND i.complete)"
    )


def _read(row: tuple[object, ...]) -> ArchiveFacts:
    return ArchiveFacts(
        archive_id=text_or_none(row[0]),
        name=blob_or_none(row[1]),
        name_source=text(row[2]),
        description=blob(row[3]),
        tag=blob_or_none(row[4]),
        size_bytes=integer(row[5]),
        tree_hash=blob_or_none(row[6]),
        modified_ns=integer_or_none(row[7]),
        uploaded_at=integer(row[8]),
        state=member(ArchiveState, row[9]),
        listed_at=integer_or_none(row[10]),
        deleted_at=integer_or_none(row[11]),
        named_at=integer_or_none(row[12]),
        inventory_at=integer_or_none(row[13]),
    )
