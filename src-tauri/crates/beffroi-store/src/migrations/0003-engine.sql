-- How logging in to a host went with a credential: a secret at a revision, or a key of an agent. What a host refused is
-- offered to no host again until a person says so or the secret is another; but where it was taken before, it is.
CREATE TABLE login (
    credential TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    target     BLOB NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    user       TEXT NOT NULL,
    taken_ms   INTEGER,
    refused_ms INTEGER,
    method     TEXT NOT NULL,
    PRIMARY KEY (credential, revision, target, user)
) STRICT, WITHOUT ROWID;

-- Keys that a host announced over a connection that one of its pins vouched for. None is trusted by standing here.
CREATE TABLE announced_key (
    target      BLOB NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    algorithm   TEXT NOT NULL,
    key         BLOB NOT NULL,
    proven      INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (target, fingerprint)
) STRICT, WITHOUT ROWID;

-- What a run on many hosts gave on one of them, sealed under its stage: what was run and how it ended.
CREATE TABLE run_result (
    run         BLOB NOT NULL,
    target      BLOB NOT NULL REFERENCES target (id) ON DELETE CASCADE,
    compartment BLOB NOT NULL REFERENCES compartment (id),
    at_ms       INTEGER NOT NULL,
    sealed      BLOB NOT NULL,
    PRIMARY KEY (run, target)
) STRICT, WITHOUT ROWID;

-- A recipe: `record` in its canonical encoding, `mac` under dev's key.
CREATE TABLE recipe (
    id       BLOB NOT NULL PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    record   BLOB NOT NULL,
    revision INTEGER NOT NULL,
    mac      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- How often a job was begun: a retry goes on from the step that failed.
ALTER TABLE job ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
