-- What the application keeps beside hosts and secrets: cards of people, authorities, lists of archives. `kind` says what
-- it is; everything else about it is sealed under its stage. `mac` is the hash that the state digest covers.
CREATE TABLE document (
    id          BLOB NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    compartment BLOB NOT NULL REFERENCES compartment (id),
    revision    INTEGER NOT NULL,
    mac         BLOB NOT NULL,
    sealed      BLOB NOT NULL
) STRICT;
CREATE INDEX document_by_kind ON document (kind, id);
CREATE INDEX document_by_digest ON document (id, revision, mac);
