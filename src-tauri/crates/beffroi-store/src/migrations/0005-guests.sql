-- What a host last said of its guests, sealed under the host's stage. Read again whenever somebody wants to know: no history.
CREATE TABLE guest_reading (
    target   BLOB NOT NULL PRIMARY KEY REFERENCES target (id) ON DELETE CASCADE,
    taken_ms INTEGER NOT NULL,
    sealed   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
