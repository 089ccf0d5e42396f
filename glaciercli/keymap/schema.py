"""The tables of the key map, as numbered migrations.

A migration that has been released is never edited: a change is a new one at the end.  Each runs
in one transaction together with its record and the file's ``user_version``.  docs/key-map.md
explains the tables.
"""

import sqlite3
from contextlib import suppress
from datetime import datetime

from glaciercli import errors
from glaciercli.keymap.database import APPLICATION_ID, Database
from glaciercli.keymap.values import to_ms

_FIRST_TABLES = """
CREATE TABLE migrations (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE vaults (
  vault_key INTEGER PRIMARY KEY,
  endpoint TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER,
  gone_at INTEGER,
  UNIQUE (endpoint, account, region, name)
) STRICT;

-- Every version of every name, tombstones among them.
CREATE TABLE archives (
  archive_key INTEGER PRIMARY KEY,
  vault_key INTEGER NOT NULL REFERENCES vaults,
  -- The start of archive_id as a number: see keymap/identifiers.py.
  id_rank INTEGER,
  archive_id TEXT,
  name TEXT,
  name_source TEXT NOT NULL CHECK (name_source IN ('upload', 'description', 'user', 'none')),
  description TEXT NOT NULL,
  tag TEXT,
  size_bytes INTEGER NOT NULL,
  tree_hash BLOB,
  modified_ns INTEGER,
  uploaded_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN (
    'uploaded', 'confirmed', 'missing', 'unsettled', 'empty', 'deleting', 'deleted')),
  listed_at INTEGER,
  deleted_at INTEGER,
  CHECK ((archive_id IS NULL) = (id_rank IS NULL)),
  CHECK (archive_id IS NOT NULL OR state NOT IN ('uploaded', 'confirmed', 'deleting'))
) STRICT;
CREATE INDEX archives_by_id ON archives (vault_key, id_rank);
CREATE INDEX archives_by_name ON archives (vault_key, name, uploaded_at);
CREATE INDEX archives_unsettled ON archives (vault_key, tag) WHERE state = 'unsettled';

-- The upload ledger: what was begun and is not yet an archive.
CREATE TABLE uploads (
  upload_key INTEGER PRIMARY KEY,
  vault_key INTEGER NOT NULL REFERENCES vaults,
  name TEXT NOT NULL,
  -- The path of the file; empty for standard input.
  path TEXT NOT NULL,
  size_bytes INTEGER,
  modified_ns INTEGER,
  device INTEGER,
  inode INTEGER,
  part_bytes INTEGER NOT NULL,
  description TEXT NOT NULL,
  tag TEXT,
  upload_id TEXT,
  stage TEXT NOT NULL CHECK (stage IN ('intended', 'sending', 'completing')),
  tree_hash BLOB,
  begun_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX uploads_by_name ON uploads (vault_key, name);

CREATE TABLE upload_parts (
  upload_key INTEGER NOT NULL REFERENCES uploads ON DELETE CASCADE,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  tree_hash BLOB NOT NULL,
  PRIMARY KEY (upload_key, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  job_key INTEGER PRIMARY KEY,
  vault_key INTEGER NOT NULL REFERENCES vaults,
  -- NULL from the moment of the intent until the service has answered.
  job_id TEXT,
  action TEXT NOT NULL,
  archive_id TEXT,
  tier TEXT,
  tag TEXT,
  status TEXT NOT NULL,
  status_message TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  completed_at INTEGER,
  size_bytes INTEGER,
  tree_hash BLOB,
  whole INTEGER NOT NULL,
  -- When the service no longer knew it.
  gone_at INTEGER
) STRICT;
CREATE UNIQUE INDEX jobs_by_id ON jobs (vault_key, job_id);

CREATE TABLE downloads (
  download_key INTEGER PRIMARY KEY,
  archive_key INTEGER NOT NULL REFERENCES archives,
  target TEXT NOT NULL,
  partial TEXT NOT NULL,
  range_bytes INTEGER NOT NULL,
  begun_at INTEGER NOT NULL,
  UNIQUE (archive_key, target)
) STRICT;

CREATE TABLE download_ranges (
  download_key INTEGER NOT NULL REFERENCES downloads ON DELETE CASCADE,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  tree_hash BLOB NOT NULL,
  PRIMARY KEY (download_key, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE inventories (
  inventory_key INTEGER PRIMARY KEY,
  vault_key INTEGER NOT NULL REFERENCES vaults,
  inventory_date INTEGER NOT NULL,
  -- The job it came from; NULL for one read from a file.
  job_id TEXT,
  complete INTEGER NOT NULL,
  archive_count INTEGER NOT NULL,
  reconciled_at INTEGER NOT NULL
) STRICT;
CREATE INDEX inventories_by_date ON inventories (vault_key, inventory_date);

-- What was done, and when; only ever added to.
CREATE TABLE journal (
  entry INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  vault_key INTEGER REFERENCES vaults,
  event TEXT NOT NULL,
  archive_id TEXT,
  name TEXT,
  detail TEXT NOT NULL
) STRICT;
"""

#: keymap/listed_dates.py explains it.
_LISTED_UNTIL = """
ALTER TABLE vaults ADD COLUMN listed_until INTEGER;
"""

#: What a vault's history turns on is found without reading all of it; see keymap/journal.py.
_MILESTONES = """
CREATE INDEX journal_milestones ON journal (vault_key, entry)
  WHERE event >= 'vault ' AND event < 'vault!';
"""

#: What follows from other columns is no longer kept, and words and IDs take less room.  The two
#: tables that point at archives are made anew too: a reference follows its table when that is
#: renamed.
_SMALLER_ARCHIVES = """
CREATE TEMP TABLE moved_downloads AS SELECT * FROM downloads;
CREATE TEMP TABLE moved_ranges AS SELECT * FROM download_ranges;
DROP TABLE download_ranges;
DROP TABLE downloads;
DROP INDEX archives_by_id;
DROP INDEX archives_by_name;
DROP INDEX archives_unsettled;
ALTER TABLE archives RENAME TO larger_archives;

-- Every version of every name, tombstones among them.
CREATE TABLE archives (
  archive_key INTEGER PRIMARY KEY,
  vault_key INTEGER NOT NULL REFERENCES vaults,
  -- The 104 bytes of an ID of the service, or the text of any other.
  archive_id ANY,
  name TEXT,
  -- See keymap/codes.py.
  name_source INTEGER NOT NULL CHECK (name_source BETWEEN 0 AND 3),
  -- What does not follow from the name, the time and the tag: see keymap/described.py.
  description ANY,
  -- The 12 bytes of a mark of ours, or the text of any other.
  tag ANY,
  size_bytes INTEGER NOT NULL,
  tree_hash BLOB,
  modified_ns INTEGER,
  uploaded_at INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
  listed_at INTEGER,
  deleted_at INTEGER,
  CHECK (archive_id IS NOT NULL OR state NOT IN (0, 1, 5))
) STRICT;
INSERT INTO archives SELECT archive_key, vault_key, kept_token(CAST(archive_id AS BLOB)), name,
  CASE name_source WHEN 'upload' THEN 0 WHEN 'description' THEN 1 WHEN 'none' THEN 2 ELSE 3 END,
  kept_description(CAST(description AS BLOB), CAST(name AS BLOB), modified_ns,
    CAST(tag AS BLOB)),
  kept_token(CAST(tag AS BLOB)), size_bytes, tree_hash, modified_ns, uploaded_at,
  CASE state WHEN 'uploaded' THEN 0 WHEN 'confirmed' THEN 1 WHEN 'missing' THEN 2
    WHEN 'unsettled' THEN 3 WHEN 'empty' THEN 4 WHEN 'deleting' THEN 5 ELSE 6 END,
  CASE WHEN state = 'confirmed' AND listed_at <= (SELECT listed_until FROM vaults
    WHERE vaults.vault_key = larger_archives.vault_key) THEN 0 ELSE listed_at END,
  deleted_at FROM larger_archives ORDER BY archive_key;
DROP TABLE larger_archives;
CREATE INDEX archives_by_id ON archives (vault_key,
  CASE typeof(archive_id) WHEN 'blob' THEN substr(archive_id, 1, 5) ELSE archive_id END);
CREATE INDEX archives_by_name ON archives (vault_key, name, uploaded_at);
CREATE INDEX archives_unsettled ON archives (vault_key, tag) WHERE state = 3;

CREATE TABLE downloads (
  download_key INTEGER PRIMARY KEY,
  archive_key INTEGER NOT NULL REFERENCES archives,
  target TEXT NOT NULL,
  partial TEXT NOT NULL,
  range_bytes INTEGER NOT NULL,
  begun_at INTEGER NOT NULL,
  UNIQUE (archive_key, target)
) STRICT;
CREATE TABLE download_ranges (
  download_key INTEGER NOT NULL REFERENCES downloads ON DELETE CASCADE,
  start INTEGER NOT NULL,
  stop INTEGER NOT NULL,
  tree_hash BLOB NOT NULL,
  PRIMARY KEY (download_key, start)
) STRICT, WITHOUT ROWID;
INSERT INTO downloads SELECT * FROM moved_downloads;
INSERT INTO download_ranges SELECT * FROM moved_ranges;
DROP TABLE moved_downloads;
DROP TABLE moved_ranges;
"""

#: The kind and the permissions of a file, and since when a sync has missed it.
_TREES = """
ALTER TABLE archives ADD COLUMN mode INTEGER;
ALTER TABLE archives ADD COLUMN gone_at INTEGER;
"""

_CHECKS = """
-- Checks of directories under way: which, and up to which name they have come.
CREATE TABLE checks (
  check_key INTEGER PRIMARY KEY,
  vault_key INTEGER NOT NULL REFERENCES vaults,
  -- The directory and all that says which of its files are compared, as JSON.
  scope TEXT NOT NULL,
  begun_at INTEGER NOT NULL,
  reached BLOB NOT NULL,
  proved INTEGER NOT NULL,
  proved_bytes INTEGER NOT NULL,
  UNIQUE (vault_key, scope)
) STRICT;

CREATE TABLE check_findings (
  finding_key INTEGER PRIMARY KEY,
  check_key INTEGER NOT NULL REFERENCES checks ON DELETE CASCADE,
  finding TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX check_findings_by_check ON check_findings (check_key);

-- The archives that restore drills under way bring back.
CREATE TABLE drills (
  vault_key INTEGER NOT NULL REFERENCES vaults,
  archive_key INTEGER NOT NULL REFERENCES archives ON DELETE CASCADE,
  proved INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (vault_key, archive_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX drills_by_archive ON drills (archive_key);
"""

#: What stands for an empty file was called stored though nobody had heard so: it is unsettled.
_UNHEARD_STAND_INS = "UPDATE archives SET state = 3 WHERE state = 4 AND archive_id IS NULL;\n"

MIGRATIONS: tuple[tuple[str, str], ...] = (
    ("first tables", _FIRST_TABLES),
    ("listed until", _LISTED_UNTIL),
    ("journal milestones", _MILESTONES),
    ("smaller archives", _SMALLER_ARCHIVES),
    ("trees", _TREES),
    ("checks", _CHECKS),
    ("unheard stand-ins", _UNHEARD_STAND_INS),
)

#: From which format on archives are kept in so much less room.
SMALLER_SINCE = 4

#: Rows of 250 bytes leave less of a larger page empty.
_PAGE_BYTES = 8192


def migrate(database: Database, *, now: datetime, newest: int | None = None) -> None:
    """Bring a key map, or an empty database, to the newest form, or to an older one."""
    before, last = version(database), newest or len(MIGRATIONS)
    if before < 1:
        database.execute(f"PRAGMA page_size={_PAGE_BYTES}")
    _define_functions(database)
    for number in range(before + 1, last + 1):
        with database.transaction():
            # Another process may have been faster.
            if version(database) < number:
                _carry_out(database, number, now=now)
    if 1 <= before < SMALLER_SINCE <= last:
        _give_back(database)


def _carry_out(database: Database, number: int, *, now: datetime) -> None:
    name, script = MIGRATIONS[number - 1]
    try:
        for statement in _statements(script):
            database.execute(statement)
        database.execute(
            "INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)",
            (number, name, to_ms(now)),
        )
    except sqlite3.IntegrityError as error:
        # The statements are the same for every key map: it is the rows that they trip over.
        raise errors.KeyMapDamaged(
            f'the key map "{database.path}" is damaged: {error}',
            hint="nothing was changed; restore a copy of it",
        ) from error
    database.execute(f"PRAGMA application_id={APPLICATION_ID}")
    database.execute(f"PRAGMA user_version={number}")


def _define_functions(database: Database) -> None:
    """Let the statements of migrations call what makes columns smaller."""
    from glaciercli.keymap import described, identifiers

    database.define("kept_token", identifiers.kept_of_raw)
    database.define("kept_description", described.kept_of_raw, takes=4)


def _give_back(database: Database) -> None:
    """Give the room of what was dropped back to the disk; nothing depends on that."""
    with suppress(errors.GlacierCliError):
        database.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        database.execute("VACUUM")


def needs_migration(database: Database) -> bool:
    """Tell whether a key map is older than this program."""
    return version(database) < len(MIGRATIONS)


def verify(database: Database) -> None:
    """Refuse what is no key map, and one that a newer program wrote.

    Raises ``KeyMapDamaged`` and ``KeyMapTooNew``.
    """
    if database.one("PRAGMA application_id") != (APPLICATION_ID,):
        raise errors.KeyMapDamaged(
            f'"{database.path}" is not a key map of glaciercli',
            hint="nothing was changed; --key-map FILE names another file",
        )
    found = version(database)
    if found < 1:
        # A key map gets its name only when it is whole.
        raise errors.KeyMapDamaged(
            f'the key map "{database.path}" has no tables', hint="restore a copy of it"
        )
    if found > len(MIGRATIONS):
        raise errors.KeyMapTooNew(
            f'the key map "{database.path}" has format {found}, '
            f"and this program knows formats up to {len(MIGRATIONS)}",
            hint="use the newer version of glaciercli that wrote it",
        )


def version(database: Database) -> int:
    """Return the format of a key map: the number of its last migration."""
    row = database.one("PRAGMA user_version")
    assert row is not None
    assert isinstance(row[0], int)
    return row[0]


def _statements(script: str) -> list[str]:
    # executescript() would commit the transaction around it.
    return [statement for statement in script.split(";\n") if statement.strip()]
