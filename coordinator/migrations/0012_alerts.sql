-- What somebody should know: of each cause one stands open, until the cause is gone.
CREATE TABLE alerts (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    key             TEXT NOT NULL,      -- its kind, and whom it is about
    kind            TEXT NOT NULL,
    model           TEXT REFERENCES models (key),
    severity        TEXT NOT NULL,
    cause           TEXT NOT NULL,      -- as it was seen last, JSON
    raised_at       INTEGER NOT NULL,
    escalated_at    INTEGER NOT NULL,   -- when it was last said to be worse, or raised
    seen_at         INTEGER NOT NULL,   -- when its numbers were taken
    ended_at        INTEGER,
    acknowledged_at INTEGER,
    acknowledged_why TEXT
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (key) WHERE ended_at IS NULL;
CREATE INDEX alerts_open_of_model ON alerts (model) WHERE ended_at IS NULL AND model IS NOT NULL;
CREATE INDEX alerts_open_of_kind ON alerts (kind) WHERE ended_at IS NULL;
CREATE INDEX alerts_of_model ON alerts (model, id) WHERE model IS NOT NULL;
CREATE INDEX alerts_open_by_number ON alerts (id) WHERE ended_at IS NULL;
CREATE INDEX alerts_ended ON alerts (ended_at) WHERE ended_at IS NOT NULL;

-- What nobody wants to be told for a while.
CREATE TABLE alert_silences (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT,
    kind       TEXT,
    model      TEXT,
    until      INTEGER NOT NULL,
    why        TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- What has happened to alerts and trainings, for channels that have not been told yet.
CREATE TABLE alert_news (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    kind  TEXT NOT NULL,                -- raised, escalated, resolved, trained
    alert INTEGER REFERENCES alerts (id),
    told  TEXT,                         -- of a training: what is told of it, JSON
    at    INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_news_of_alert ON alert_news (alert) WHERE alert IS NOT NULL;

-- Who is told.
CREATE TABLE alert_channels (
    name       TEXT PRIMARY KEY,
    address    TEXT NOT NULL,           -- where, with its secrets, JSON
    terms      TEXT NOT NULL,           -- what and when, JSON
    language   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    paused_at  INTEGER,
    paused_why TEXT,
    taken      INTEGER NOT NULL,        -- news up to this number are in its messages
    urgent     INTEGER NOT NULL,        -- so are critical ones up to this number, which do not wait for the end of quiet hours
    told_at    INTEGER                  -- when the last digest was made
) STRICT, WITHOUT ROWID;

-- What each is told, and whether it has got there.
CREATE TABLE alert_messages (
    id         BLOB PRIMARY KEY,        -- UUID v7; a message that is sent twice has the same
    channel    TEXT NOT NULL REFERENCES alert_channels (name),
    body       TEXT NOT NULL,           -- JSON
    created_at INTEGER NOT NULL,
    due_at     INTEGER,                 -- when it is tried next; NULL: it is delivered, or given up
    tries      INTEGER NOT NULL,
    sent_at    INTEGER,
    error      TEXT                     -- of the last try
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_messages_due ON alert_messages (channel, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX alert_messages_of_channel ON alert_messages (channel, id);
CREATE INDEX alert_messages_ended ON alert_messages (created_at) WHERE due_at IS NULL;

-- Rollbacks that nobody asked for.
CREATE INDEX ledger_taken_back ON ledger (at) WHERE kind = 'taken_back';
