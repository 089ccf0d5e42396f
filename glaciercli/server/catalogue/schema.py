"""The tables of the catalogue, as numbered steps that are never edited once released."""

import sqlite3

#: Marks a SQLite file as this program's service catalogue ("GlCS").
APPLICATION_ID = 0x476C4353

#: The step that this program writes; a file with a higher one is from a newer program.
VERSION = 2

# Times are milliseconds since 1970 in UTC.  A deleted archive stays as a row, so that the
# content as of any inventory can be computed; its segments go when no job needs them.
_STEP_1 = """
CREATE TABLE vaults (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    region        TEXT NOT NULL,
    name          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    last_write_at INTEGER,
    write_count   INTEGER NOT NULL DEFAULT 0,
    live_count    INTEGER NOT NULL DEFAULT 0,
    live_bytes    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (region, name)
) STRICT;

CREATE TABLE blobs (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    file      TEXT NOT NULL UNIQUE,
    size      INTEGER NOT NULL,
    tree_hash BLOB NOT NULL,
    leaves    BLOB NOT NULL
) STRICT;

CREATE TABLE archives (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    vault         INTEGER NOT NULL REFERENCES vaults ON DELETE CASCADE,
    archive_id    TEXT NOT NULL UNIQUE,
    description   TEXT NOT NULL,
    size          INTEGER NOT NULL,
    tree_hash     BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    created_write INTEGER NOT NULL,
    deleted_at    INTEGER,
    deleted_write INTEGER
) STRICT;
CREATE INDEX archives_by_creation ON archives (vault, created_at, id);
CREATE INDEX archives_by_deletion ON archives (vault, deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE segments (
    archive INTEGER NOT NULL REFERENCES archives ON DELETE CASCADE,
    start   INTEGER NOT NULL,
    blob    INTEGER NOT NULL REFERENCES blobs,
    PRIMARY KEY (archive, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX segments_by_blob ON segments (blob);

CREATE TABLE uploads (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    vault       INTEGER NOT NULL REFERENCES vaults ON DELETE CASCADE,
    upload_id   TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    part_bytes  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    touched_at  INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'completed', 'aborted')),
    archive_id  TEXT,
    size        INTEGER,
    tree_hash   BLOB
) STRICT;
CREATE INDEX uploads_by_vault ON uploads (vault, id);
CREATE INDEX uploads_by_touch ON uploads (touched_at);

CREATE TABLE parts (
    upload INTEGER NOT NULL REFERENCES uploads ON DELETE CASCADE,
    start  INTEGER NOT NULL,
    blob   INTEGER NOT NULL REFERENCES blobs,
    PRIMARY KEY (upload, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX parts_by_blob ON parts (blob);

CREATE TABLE jobs (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    vault        INTEGER NOT NULL REFERENCES vaults ON DELETE CASCADE,
    job_id       TEXT NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    completes_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    description  TEXT,
    sns_topic    TEXT,
    tier         TEXT,
    archive      INTEGER REFERENCES archives,
    range_start  INTEGER,
    range_stop   INTEGER,
    format       TEXT,
    start_date   TEXT,
    end_date     TEXT,
    row_limit    TEXT,
    marker       TEXT,
    next_marker  TEXT,
    output_file  TEXT UNIQUE,
    output_bytes INTEGER
) STRICT;
CREATE INDEX jobs_by_vault ON jobs (vault, id);
CREATE INDEX jobs_by_archive ON jobs (archive);
CREATE INDEX jobs_by_expiry ON jobs (expires_at);
"""

# What a vault, a region or a job has beside its content: each row stands while it is in force.
_STEP_2 = """
CREATE TABLE tags (
    vault INTEGER NOT NULL REFERENCES vaults ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (vault, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE notifications (
    vault  INTEGER PRIMARY KEY REFERENCES vaults ON DELETE CASCADE,
    topic  TEXT NOT NULL,
    events TEXT NOT NULL
) STRICT;

CREATE TABLE access_policies (
    vault  INTEGER PRIMARY KEY REFERENCES vaults ON DELETE CASCADE,
    policy TEXT NOT NULL
) STRICT;

CREATE TABLE vault_locks (
    vault      INTEGER PRIMARY KEY REFERENCES vaults ON DELETE CASCADE,
    lock_id    TEXT NOT NULL,
    policy     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;

CREATE TABLE retrieval_policies (
    region         TEXT PRIMARY KEY,
    strategy       TEXT NOT NULL,
    bytes_per_hour INTEGER
) STRICT;

CREATE TABLE capacity (
    capacity_id TEXT PRIMARY KEY,
    region      TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;

ALTER TABLE jobs ADD COLUMN failure TEXT;
ALTER TABLE jobs ADD COLUMN notified_at INTEGER;
CREATE INDEX jobs_to_notify ON jobs (completes_at) WHERE notified_at IS NULL;
"""

_STEPS = (_STEP_1, _STEP_2)


def application_id(connection: sqlite3.Connection) -> int:
    """Return the mark that says whose file this is; 0 in a new one."""
    return int(connection.execute("PRAGMA application_id").fetchone()[0])


def version(connection: sqlite3.Connection) -> int:
    """Return the last step that was applied; 0 in a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date, each step in one transaction with its record."""
    while (done := version(connection)) < VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have been quicker between the look and the lock.
            if version(connection) == done:
                _apply(connection, done)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _apply(connection: sqlite3.Connection, done: int) -> None:
    for statement in _STEPS[done].split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {done + 1}")
