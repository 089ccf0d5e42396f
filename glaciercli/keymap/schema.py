"""The tables of the key map, as numbered migrations.

A migration that has been released is never edited: a change is a new one at the end.  Each runs
in one transaction together with its record and the file's ``user_version``.  docs/key-map.md
explains the tables.
"""

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

MIGRATIONS: tuple[tuple[str, str], ...] = (
    ("first tables", _FIRST_TABLES),
    ("listed until", _LISTED_UNTIL),
    ("journal milestones", _MILESTONES),
)


def migrate(database: Database, *, now: datetime, newest: int | None = None) -> None:
    """Bring a key map, or an empty database, to the newest form, or to an older one."""
    for number in range(version(database) + 1, (newest or len(MIGRATIONS)) + 1):
        name, script = MIGRATIONS[number - 1]
        with database.transaction():
            # Another process may have been faster.
            if version(database) >= number:
                continue
            for statement in _statements(script):
                database.execute(statement)
            database.execute(
                "INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)",
                (number, name, to_ms(now)),
            )
            database.execute(f"PRAGMA application_id={APPLICATION_ID}")
            database.execute(f"PRAGMA user_version={number}")


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
