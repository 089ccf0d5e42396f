-- A catalogue of schema step 1, as the program wrote it then.  Never edited.
BEGIN TRANSACTION;
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
INSERT INTO "archives" VALUES(1,1,'NmHAD1xg8Nlrg_cOHKZ4MhmXO814bTRaHUFaPhW7JWEw7_rjY0MpPqU0PBRk6gWZWtmwbzE6O9ryNe8QggvUE7Qg5zIjQnEJiVq1nOUrhtsZ8xPYqCDl2suih7cjGAc97Oaz5CkBCg','d',11,X'34A780AD578B997DB55B260BEB60B501F3E04D30BA1A51FCF43CD8DD1241780D',1767323045678,1,NULL,NULL);
CREATE TABLE blobs (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    file      TEXT NOT NULL UNIQUE,
    size      INTEGER NOT NULL,
    tree_hash BLOB NOT NULL,
    leaves    BLOB NOT NULL
) STRICT;
INSERT INTO "blobs" VALUES(1,'ab95cd05f923f8185e73db096ffa0168',11,X'34A780AD578B997DB55B260BEB60B501F3E04D30BA1A51FCF43CD8DD1241780D',X'34A780AD578B997DB55B260BEB60B501F3E04D30BA1A51FCF43CD8DD1241780D');
INSERT INTO "blobs" VALUES(2,'d6e417ccdf6dd3865382e6002b9512af',4,X'37A680133BD09342F934AFB8DD2C7D9E1B624DA5F35E3A38ADB103E37C055ED1',X'37A680133BD09342F934AFB8DD2C7D9E1B624DA5F35E3A38ADB103E37C055ED1');
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
INSERT INTO "jobs" VALUES(1,1,'4V5ufsbd-I70h4nEXweyUIhjQ8opCiBeZeFFPJQ8s8npUW1NMtUSKFlWCBwREmgDWCccQJAK-LPshjswCGyLY-Uht6dk',1767323045678,1767323045678,1767409445678,NULL,NULL,'Standard',1,0,11,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE parts (
    upload INTEGER NOT NULL REFERENCES uploads ON DELETE CASCADE,
    start  INTEGER NOT NULL,
    blob   INTEGER NOT NULL REFERENCES blobs,
    PRIMARY KEY (upload, start)
) STRICT, WITHOUT ROWID;
INSERT INTO "parts" VALUES(1,0,2);
CREATE TABLE segments (
    archive INTEGER NOT NULL REFERENCES archives ON DELETE CASCADE,
    start   INTEGER NOT NULL,
    blob    INTEGER NOT NULL REFERENCES blobs,
    PRIMARY KEY (archive, start)
) STRICT, WITHOUT ROWID;
INSERT INTO "segments" VALUES(1,0,1);
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
INSERT INTO "uploads" VALUES(1,1,'sYYe1gkQznhu5Aip_IMqiJdsYLxbcJ1gizg_NexvGtfy5U5fAm8NVoKuvhilKSqoHbzljm8vkqVBKJyRwj6aor27bblH','',1048576,1767323045678,1767323045678,'open',NULL,NULL,NULL);
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
INSERT INTO "vaults" VALUES(1,'us-east-1','photos',1767323045678,1767323045678,1,1,11);
CREATE INDEX archives_by_creation ON archives (vault, created_at, id);
CREATE INDEX archives_by_deletion ON archives (vault, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX segments_by_blob ON segments (blob);
CREATE INDEX uploads_by_vault ON uploads (vault, id);
CREATE INDEX uploads_by_touch ON uploads (touched_at);
CREATE INDEX parts_by_blob ON parts (blob);
CREATE INDEX jobs_by_vault ON jobs (vault, id);
CREATE INDEX jobs_by_archive ON jobs (archive);
CREATE INDEX jobs_by_expiry ON jobs (expires_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('vaults',1);
INSERT INTO "sqlite_sequence" VALUES('blobs',2);
INSERT INTO "sqlite_sequence" VALUES('archives',1);
INSERT INTO "sqlite_sequence" VALUES('jobs',2);
INSERT INTO "sqlite_sequence" VALUES('uploads',1);
COMMIT;
PRAGMA application_id = 1198277459;
PRAGMA user_version = 1;
