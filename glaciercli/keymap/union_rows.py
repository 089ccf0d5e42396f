"""Which rows of two key maps are about the same thing, and how the simple ones are united.

The other key map stands attached, as ``other``.  In every statement ``o`` is a row of ours, ``t``
one of theirs, and ``m`` maps the keys of their vaults to those of ours.
"""

from collections.abc import Iterator

from glaciercli.core.union import ArchiveFacts
from glaciercli.keymap import described, identifiers
from glaciercli.keymap.codes import LIVE, source_of, state_code, state_of
from glaciercli.keymap.database import Database, decode_text, encode_text
from glaciercli.keymap.values import blob_or_none, integer, integer_or_none

_MAPPED = "CROSS JOIN temp.vault_map AS m ON m.theirs = t.vault_key"

_TABLES = ("vault_map", "pairs", "lone_ours", "lone_theirs", "named_ours", "named_theirs")

ADD_VAULTS = (
    "INSERT OR IGNORE INTO main.vaults (endpoint, account, region, name, created_at, gone_at)"
    " SELECT endpoint, account, region, name, created_at, gone_at FROM other.vaults"
    " ORDER BY vault_key"
)


#: The latest that is known of a vault: it was there then.
_LAST_WORD = (
    "max(coalesce(o.created_at, -1), coalesce(t.created_at, -1),"
    " coalesce((SELECT max(inventory_date) FROM main.inventories AS i"
    " WHERE i.vault_key = o.vault_key), -1), coalesce((SELECT max(uploaded_at)"
    f" FROM main.archives AS a WHERE a.vault_key = o.vault_key AND a.{LIVE}), -1))"
)

#: A vault is gone if one says so later than anything that is known of it, once all else is united.
UNITE_VAULTS = (
    "UPDATE main.vaults AS o SET"
    " created_at = CASE WHEN o.created_at IS NULL OR t.created_at IS NULL"
    " THEN coalesce(o.created_at, t.created_at) ELSE max(o.created_at, t.created_at) END,"
    " gone_at = CASE WHEN coalesce(o.gone_at, t.gone_at) IS NULL THEN NULL"
    " WHEN o.gone_at IS NOT NULL AND t.gone_at IS NOT NULL THEN max(o.gone_at, t.gone_at)"
    f" WHEN coalesce(o.gone_at, t.gone_at) >= {_LAST_WORD}"
    " THEN coalesce(o.gone_at, t.gone_at) END"
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
    " WHERE a.vault_key = m.ours AND a.tag = kept_token(CAST(t.tag AS BLOB)))"
    " ORDER BY t.upload_key"
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
    "mode",
)


def prepare(database: Database) -> None:
    """Make the tables that a merge needs for itself."""
    clear(database)
    database.define("kept_token", identifiers.kept_of_raw)
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
        f" ON o.vault_key = m.ours AND {identifiers.same_id('o', 't')}"
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
    told = described.Words(
        name=None if facts.name is None else decode_text(facts.name),
        source=facts.name_source,
        description=decode_text(facts.description),
        modified_ns=facts.modified_ns,
        tag=facts.tag,
    )
    described.write(database, key, told)
    others = ("size_bytes", "tree_hash", "uploaded_at", "listed_at", "deleted_at", "mode")
    changed = ", ".join(f"{name} = ?" for name in others)
    database.execute(
        f"UPDATE main.archives SET archive_id = ?, state = ?, {changed} WHERE archive_key = ?",
        (
            identifiers.kept(facts.archive_id),
            state_code(facts.state),
            *(getattr(facts, name) for name in others),
            key,
        ),
    )


def unknown_uploads(database: Database) -> list[int]:
    """Return the keys of their uploads that nobody here knows, and that are no archives yet."""
    return [integer(row[0]) for row in database.query(_UNKNOWN_UPLOADS)]


def _gather_those_without_id(database: Database) -> None:
    """Set the few archives without an ID aside, where they are found by their marks."""
    kept = (
        "archive_key, tag, uploaded_at, size_bytes, tree_hash,"
        " whole_description(iif(typeof(description) = 'integer', description,"
        " CAST(description AS BLOB)), CAST(name AS BLOB), CAST(modified_ns AS INTEGER),"
        " iif(typeof(tag) = 'text', kept_token(CAST(tag AS BLOB)), tag)) AS description"
    )
    database.define("whole_description", _whole_description, takes=4)
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
            f"CREATE TEMP TABLE {table} AS SELECT vault_key,"
            " kept_token(CAST(archive_id AS BLOB)) AS archive_id, name, max(at) AS at"
            f" FROM {schema}.journal WHERE event = 'renamed'"
            " GROUP BY vault_key, archive_id, name"
        )
        database.execute(f"CREATE INDEX temp.{table}_by_name ON {table} (vault_key, name)")


def _all_facts(side: str, schema: str) -> str:
    """Return the columns of one side, and what its other tables tell of the archive."""
    own = ", ".join(
        f"CAST({side}.{name} AS BLOB)" if name == "name" else f"{side}.{name}" for name in _FACTS
    )
    named = "named_ours" if schema == "main" else "named_theirs"
    return (
        # One that was renamed before its ID was known stands there without.
        f"{own}, (SELECT max(n.at) FROM temp.{named} AS n WHERE n.vault_key = {side}.vault_key"
        f" AND n.name = {side}.name AND (n.archive_id IS {side}.archive_id"
        " OR n.archive_id IS NULL)),"
        f" (SELECT max(inventory_date) FROM {schema}.inventories AS i"
        f" WHERE i.vault_key = {side}.vault_key AND i.complete)"
    )


def _read(row: tuple[object, ...]) -> ArchiveFacts:
    name = blob_or_none(row[1])
    tag, modified_ns = identifiers.token_or_none(row[4]), integer_or_none(row[7])
    description = described.whole(
        row[3],
        name=None if name is None else decode_text(name),
        modified_ns=modified_ns,
        tag=tag,
    )
    return ArchiveFacts(
        archive_id=identifiers.token_or_none(row[0]),
        name=name,
        name_source=source_of(row[2]),
        description=encode_text(description) or b"",
        tag=tag,
        size_bytes=integer(row[5]),
        tree_hash=blob_or_none(row[6]),
        modified_ns=modified_ns,
        uploaded_at=integer(row[8]),
        state=state_of(row[9]),
        listed_at=integer_or_none(row[10]),
        deleted_at=integer_or_none(row[11]),
        mode=integer_or_none(row[12]),
        named_at=integer_or_none(row[13]),
        inventory_at=integer_or_none(row[14]),
    )


def _whole_description(
    kept: bytes | int | None,
    name: bytes | None,
    modified_ns: int | None,
    tag: str | bytes | None,
) -> bytes | None:
    """Return a description for a comparison; SQLite gives out no text that is no UTF-8."""
    return encode_text(
        described.whole(
            kept,
            name=None if name is None else decode_text(name),
            modified_ns=modified_ns,
            tag=identifiers.token_or_none(tag),
        )
    )
