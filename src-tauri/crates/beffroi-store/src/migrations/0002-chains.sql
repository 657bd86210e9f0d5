-- A chain of journal entries: one for each person on each machine. `identity` signs its checkpoints.
CREATE TABLE chain (
    id         BLOB NOT NULL PRIMARY KEY,
    device     BLOB NOT NULL,
    person     TEXT NOT NULL,
    identity   BLOB,
    started_ms INTEGER NOT NULL,
    UNIQUE (device, person)
) STRICT;

-- `sequence` is the order of writing in this copy of the vault, `number` the place in the chain, counted from 1.
ALTER TABLE journal RENAME TO journal_1;
CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY,
    chain    BLOB NOT NULL REFERENCES chain (id),
    number   INTEGER NOT NULL,
    entry    BLOB NOT NULL,
    mac      BLOB NOT NULL,
    UNIQUE (chain, number)
) STRICT;

-- A signature over a chain up to and with entry `number`.
CREATE TABLE checkpoint (
    chain     BLOB NOT NULL REFERENCES chain (id),
    number    INTEGER NOT NULL,
    link      BLOB NOT NULL,
    identity  BLOB NOT NULL,
    signature BLOB NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (chain, number)
) STRICT, WITHOUT ROWID;

-- A person's public card. `sealed` is the private half, and absent from the cards of others.
CREATE TABLE identity (
    id          BLOB NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    card        TEXT NOT NULL,
    compartment BLOB REFERENCES compartment (id),
    sealed      BLOB,
    revision    INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    CHECK ((compartment IS NULL) = (sealed IS NULL))
) STRICT, WITHOUT ROWID;

-- A stage's policy: `record` in its canonical encoding, `mac` under the compartment's key.
CREATE TABLE policy (
    compartment BLOB NOT NULL PRIMARY KEY REFERENCES compartment (id) ON DELETE CASCADE,
    record      BLOB NOT NULL,
    revision    INTEGER NOT NULL,
    mac         BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What people call a way in. The way in itself stands in the header.
CREATE TABLE slot_note (
    slot     BLOB NOT NULL PRIMARY KEY,
    label    TEXT NOT NULL,
    identity BLOB,
    added_ms INTEGER NOT NULL
) STRICT;

-- `mac` is the SHA-256 of what is stored of a secret, so that the state digest needs no envelope.
ALTER TABLE secret RENAME TO secret_1;
CREATE TABLE secret (
    id          BLOB NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    compartment BLOB NOT NULL REFERENCES compartment (id),
    kind        TEXT NOT NULL,
    revision    INTEGER NOT NULL,
    mac         BLOB NOT NULL,
    created_ms  INTEGER NOT NULL,
    changed_ms  INTEGER NOT NULL,
    sealed      BLOB NOT NULL
) STRICT;

-- What the state digest reads of the two big tables. Whoever reads a row compares it with its entry here, since a page
-- of the table that was replayed would leave the digest as it is.
CREATE INDEX secret_by_digest ON secret (id, revision, mac);
CREATE INDEX target_by_digest ON target (id, revision, mac);

-- Jobs are listed by id, which is the order they were made in.
DROP INDEX job_by_target;
CREATE INDEX job_by_target ON job (target, id);
CREATE INDEX job_by_state ON job (state, id);
