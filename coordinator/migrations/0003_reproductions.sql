-- Versions that were trained again from their manifest. They are compared with the original, and have no number of their own.
CREATE TABLE reproductions (
    job           BLOB PRIMARY KEY REFERENCES jobs (id),
    model         TEXT NOT NULL REFERENCES models (key),
    major         INTEGER NOT NULL, -- the version that was trained again
    minor         INTEGER NOT NULL,
    attempt       BLOB NOT NULL,
    recorded_at   INTEGER NOT NULL,
    prefix        TEXT NOT NULL,
    manifest_hash TEXT NOT NULL,
    manifest      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- When lost weights came back, by a reproduction or from a backup; else they are as old as the version.
ALTER TABLE versions ADD COLUMN restored_at INTEGER;
