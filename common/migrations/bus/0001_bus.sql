-- The bus and the queue of one host. Nothing in here is the only copy of anything.
-- Times are microseconds of the host's monotonic clock since boot.

CREATE TABLE doorbell (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    pool       TEXT    NOT NULL,
    level      INTEGER NOT NULL,
    body       BLOB    NOT NULL,
    traceparent TEXT, -- W3C trace context, as another broker would carry it in a header
    -- The consumer it was handed to, and until when it may keep it without acknowledging.
    holder     BLOB,
    held_until INTEGER,
    deliveries INTEGER NOT NULL DEFAULT 0,
    CHECK ((holder IS NULL) = (held_until IS NULL))
) STRICT;
CREATE INDEX doorbell_line ON doorbell (pool, level DESC, id);
CREATE INDEX doorbell_holder ON doorbell (holder) WHERE holder IS NOT NULL;

-- Doorbells nobody can read, kept for a person to look at.
CREATE TABLE dead_letter (
    id     INTEGER PRIMARY KEY,
    pool   TEXT NOT NULL,
    body   BLOB NOT NULL,
    reason TEXT NOT NULL
) STRICT;

-- AUTOINCREMENT: a cursor is never given twice, so no reader skips a message.
CREATE TABLE message (
    cursor    INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox   TEXT    NOT NULL,
    body      BLOB    NOT NULL,
    posted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX message_mailbox ON message (mailbox, cursor);
CREATE INDEX message_age ON message (posted_at);

CREATE TABLE cell (
    name       TEXT PRIMARY KEY,
    value      BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The boot of the host that the times above belong to: one row.
CREATE TABLE boot (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    boot TEXT NOT NULL
) STRICT;
