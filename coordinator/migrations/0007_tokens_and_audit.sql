-- Who may ask the API besides the token of the settings. A token is 256 random bits, of which only the SHA-256 is kept.
CREATE TABLE tokens (
    name       TEXT PRIMARY KEY,
    hash       TEXT NOT NULL,    -- in hex
    scope      TEXT NOT NULL,    -- read, operate, admin
    created_at INTEGER NOT NULL,
    expires_at INTEGER,          -- NULL: never
    used_at    INTEGER           -- to about a minute
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX tokens_by_hash ON tokens (hash);

-- Who changed what, and when: one row a call that may change something, never its body.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,    -- when the call came in
    token   TEXT NOT NULL,       -- the name of its token
    method  TEXT NOT NULL,
    route   TEXT NOT NULL,       -- as the API's document names it
    subject TEXT NOT NULL,       -- what it was about, such as a model; may be empty
    status  INTEGER NOT NULL,    -- HTTP
    remote  TEXT NOT NULL        -- the address it came from
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_token ON audit (token, id);
