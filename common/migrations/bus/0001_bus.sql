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

-- What nobody can read, kept for a person to look at: the newest of each kind, and how many there have been. This time is the
-- wall clock's, microseconds since 1970.
CREATE TABLE dead_letter (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind   TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    reason TEXT    NOT NULL,
    bytes  INTEGER NOT NULL,
    head   BLOB    NOT NULL
) STRICT;
CREATE INDEX dead_letter_kind ON dead_letter (kind, id);
CREATE TABLE dead_letter_count (
    kind  TEXT PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
