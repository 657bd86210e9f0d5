CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- What a stage is inside the vault. `wrapped` is its key under the root key.
CREATE TABLE compartment (
    id       BLOB PRIMARY KEY,
    stage    TEXT NOT NULL UNIQUE,
    wrapped  BLOB NOT NULL,
    revision INTEGER NOT NULL,
    mac      BLOB NOT NULL
) STRICT;

-- A host: `record` is a target record in its canonical encoding, `mac` is under its compartment's key.
CREATE TABLE target (
    id          BLOB PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    compartment BLOB NOT NULL REFERENCES compartment (id),
    record      BLOB NOT NULL,
    revision    INTEGER NOT NULL,
    mac         BLOB NOT NULL
) STRICT;

CREATE TABLE secret (
    id          BLOB PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    compartment BLOB NOT NULL REFERENCES compartment (id),
    kind        TEXT NOT NULL,
    sealed      BLOB NOT NULL,
    revision    INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    changed_ms  INTEGER NOT NULL
) STRICT;

-- A host's facts at a moment. Older ones are kept, so that two can be compared.
CREATE TABLE survey (
    target   BLOB NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    taken_ms INTEGER NOT NULL,
    sealed   BLOB NOT NULL,
    PRIMARY KEY (target, taken_ms)
) STRICT, WITHOUT ROWID;

-- What a plan became on one host. `input` is what the host still has to be given, erased when the job ends.
CREATE TABLE job (
    id          BLOB PRIMARY KEY,
    run         BLOB NOT NULL,
    target      BLOB NOT NULL,
    compartment BLOB NOT NULL REFERENCES compartment (id),
    record      BLOB NOT NULL,
    input       BLOB,
    failure     BLOB,
    state       TEXT NOT NULL,
    created_ms  INTEGER NOT NULL,
    ended_ms    INTEGER
) STRICT;
CREATE INDEX job_by_target ON job (target, created_ms);

CREATE TABLE step (
    job           BLOB NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    state         TEXT NOT NULL,
    started_ms    INTEGER,
    ended_ms      INTEGER,
    exit_kind     TEXT,
    exit_status   INTEGER,
    exit_signal   TEXT,
    stdout_offset INTEGER NOT NULL DEFAULT 0,
    stderr_offset INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;

-- Output of a job's steps, in order of arrival.
CREATE TABLE output (
    job           BLOB NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    ordinal       INTEGER NOT NULL,
    step          INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    stream        TEXT NOT NULL,
    stream_offset INTEGER NOT NULL,
    sealed        BLOB NOT NULL,
    PRIMARY KEY (job, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY,
    entry    BLOB NOT NULL,
    mac      BLOB NOT NULL
) STRICT;

-- What was left on hosts, until it is removed again.
CREATE TABLE ledger (
    id         INTEGER PRIMARY KEY,
    target     BLOB NOT NULL,
    kind       TEXT NOT NULL,
    what       TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    removed_ms INTEGER,
    UNIQUE (target, kind, what)
) STRICT;
