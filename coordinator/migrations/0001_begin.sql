-- Times are microseconds UTC, dates ISO 8601 text, ids 16 bytes, structured values JSON text.

-- ------------------------------------------------------------------ leader
-- Who runs the loops: one row, always.
CREATE TABLE leader (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    holder BLOB,
    place  TEXT NOT NULL,       -- where it runs
    term   INTEGER NOT NULL,    -- counts the leaders
    beat   INTEGER NOT NULL     -- counts the beats of this one
) STRICT;
INSERT INTO leader (id, holder, place, term, beat) VALUES (1, NULL, '', 0, 0);

-- ------------------------------------------------------------------ data
-- Every import has a number that only grows; the rows it brought carry it.
CREATE TABLE imports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    file        TEXT NOT NULL,
    target      TEXT NOT NULL,      -- the symbol or the data set
    at          INTEGER NOT NULL,
    report      TEXT NOT NULL
) STRICT;

-- The bars as they are now.
CREATE TABLE bars (
    symbol      TEXT NOT NULL,
    date        TEXT NOT NULL,
    revision    INTEGER NOT NULL,
    import      INTEGER NOT NULL REFERENCES imports (id),
    open        REAL NOT NULL,
    high        REAL NOT NULL,
    low         REAL NOT NULL,
    close       REAL NOT NULL,
    adj_close   REAL NOT NULL,
    volume      REAL NOT NULL,
    PRIMARY KEY (symbol, date)
) STRICT, WITHOUT ROWID;

-- What a bar was before it was revised: nothing changes silently.
CREATE TABLE bar_revisions (
    symbol      TEXT NOT NULL,
    date        TEXT NOT NULL,
    revision    INTEGER NOT NULL,
    import      INTEGER NOT NULL REFERENCES imports (id),
    replaced_by INTEGER NOT NULL REFERENCES imports (id),
    open        REAL NOT NULL,
    high        REAL NOT NULL,
    low         REAL NOT NULL,
    close       REAL NOT NULL,
    adj_close   REAL NOT NULL,
    volume      REAL NOT NULL,
    PRIMARY KEY (symbol, date, revision)
) STRICT, WITHOUT ROWID;

-- What decisions need to know of a symbol's bars, kept with each import.
CREATE TABLE series (
    symbol      TEXT PRIMARY KEY,
    rows        INTEGER NOT NULL,
    first       TEXT NOT NULL,
    last        TEXT NOT NULL,
    import      INTEGER NOT NULL REFERENCES imports (id), -- the newest
    revised     INTEGER NOT NULL                          -- the newest that changed history; 0: none
) STRICT, WITHOUT ROWID;

-- Immutable files of bars in the store, reused by later snapshots while `basis` (series.revised) is the same.
CREATE TABLE snapshot_parts (
    symbol      TEXT NOT NULL,
    basis       INTEGER NOT NULL,
    first_row   INTEGER NOT NULL,   -- from 0
    rows        INTEGER NOT NULL,
    first       TEXT NOT NULL,
    last        TEXT NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (symbol, basis, first_row, rows)
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------------------------ data sets
-- Tables of rows that come in, are revised and deleted.
CREATE TABLE datasets (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL,
    schema      TEXT,                           -- from the first rows on
    entries     INTEGER NOT NULL DEFAULT 0,     -- number of the newest visible entry of its log
    rows        INTEGER NOT NULL DEFAULT 0,     -- as they stand there, without the superseded and the deleted
    first       TEXT,                           -- by the column of time, else the day they came in
    last        TEXT,
    import      INTEGER REFERENCES imports (id),    -- the newest that brought anything
    writer      INTEGER REFERENCES imports (id),    -- the import whose turn it is to add entries
    beat        INTEGER NOT NULL DEFAULT 0          -- moves on while it does
) STRICT;

-- The log of every data set. What lies beyond datasets.entries is not visible yet, or was left by an import that died. Neither
-- data set nor import is looked up for each of a million rows: the turn of the writer guards them.
CREATE TABLE entries (
    dataset     INTEGER NOT NULL,
    seq         INTEGER NOT NULL,   -- from 1, without gaps
    import      INTEGER NOT NULL,
    key         TEXT NOT NULL,      -- the newest entry of a key stands for the row
    at          INTEGER,
    deleted     INTEGER NOT NULL,
    cells       TEXT NOT NULL,
    PRIMARY KEY (dataset, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_by_key ON entries (dataset, key, seq);
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the log of a data set is append-only'); END;

-- Immutable files of entries in the store, used again by later snapshots.
CREATE TABLE dataset_parts (
    dataset     INTEGER NOT NULL,
    first_seq   INTEGER NOT NULL,
    entries     INTEGER NOT NULL,
    hash        TEXT NOT NULL,
    PRIMARY KEY (dataset, first_seq, entries)
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------------------------ models
CREATE TABLE models (
    key          TEXT PRIMARY KEY,
    family       TEXT NOT NULL,
    category     TEXT NOT NULL,
    tags         TEXT NOT NULL,
    hyper        TEXT NOT NULL,
    source       TEXT,              -- the data set it reads, and how; a forecaster reads bars
    auto_retrain INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    live_major   INTEGER,
    live_minor   INTEGER,
    live_seq     INTEGER NOT NULL DEFAULT 0,
    paused_at    INTEGER,           -- by a person, until a person resumes it
    paused_why   TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX models_paused ON models (key) WHERE paused_at IS NOT NULL;

-- ------------------------------------------------------------------ pools
-- Pools that a person has closed; every other is open.
CREATE TABLE closed_pools (
    pool    TEXT PRIMARY KEY,
    at      INTEGER NOT NULL,
    drain   INTEGER NOT NULL,       -- what runs there is given back, too
    why     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------------------------ jobs
CREATE TABLE jobs (
    id            BLOB PRIMARY KEY,
    kind          TEXT NOT NULL,
    model         TEXT REFERENCES models (key),
    mode          TEXT,
    pool          TEXT NOT NULL,
    state         TEXT NOT NULL,
    score         REAL NOT NULL,
    order_key     REAL NOT NULL,
    terms         TEXT NOT NULL,
    enqueued_at   INTEGER NOT NULL,
    as_of         INTEGER NOT NULL,
    request       TEXT NOT NULL,    -- what was asked for, before freezing
    spec          TEXT,             -- the whole job, once its data are frozen
    data_rows     INTEGER,          -- bars it was given, of its longest series
    data_import   INTEGER,          -- the newest import it was given
    champion_seq  INTEGER,          -- live_seq of the champion it is scored against
    reproduces    TEXT,
    attempt       BLOB,             -- what it means depends on the state
    claim         BLOB,
    worker        BLOB,
    failure       TEXT,
    number        INTEGER NOT NULL DEFAULT 0,
    burnt         INTEGER NOT NULL DEFAULT 0,
    idle_losses   INTEGER NOT NULL DEFAULT 0,
    not_before    INTEGER,
    dispatched_at INTEGER,          -- of the latest attempt, as the next two
    started_at    INTEGER,
    resumed_from  INTEGER,          -- step of the checkpoint it went on from
    ended_at      INTEGER,
    checkpoint    TEXT,
    kept_step     INTEGER NOT NULL DEFAULT 0, -- step of the checkpoint at the last loss
    batch_size    INTEGER,
    traceparent   TEXT,             -- W3C trace context of the decision behind it
    cancelling    INTEGER NOT NULL DEFAULT 0,
    yielding      INTEGER NOT NULL DEFAULT 0, -- its worker has been asked to give it back
    preemptions   INTEGER NOT NULL DEFAULT 0, -- times it gave way to a more urgent one
    stand_in      TEXT,                       -- the pool it was handed out to instead of its own
    freed_after   REAL,                       -- seconds from its cancellation until its slot was free
    why           TEXT NOT NULL DEFAULT '',
    curve         TEXT NOT NULL DEFAULT '[]',
    comparison    TEXT,
    revision      INTEGER NOT NULL DEFAULT 0  -- every change adds one: what compare-and-swap compares
) STRICT;

-- The line.
CREATE INDEX jobs_line ON jobs (pool, order_key, id) WHERE state = 'queued';
CREATE INDEX jobs_active ON jobs (state) WHERE state IN ('dispatched', 'running', 'judging');
CREATE INDEX jobs_of_model ON jobs (model, enqueued_at) WHERE model IS NOT NULL;
-- Looked for every moment, hardly ever there: without it, the whole line is read.
CREATE INDEX jobs_cancelling ON jobs (id) WHERE state = 'queued' AND cancelling <> 0;
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
-- One active training a model, whoever asks.
CREATE UNIQUE INDEX jobs_one_training ON jobs (model)
    WHERE kind = 'train' AND reproduces IS NULL AND state IN ('queued', 'dispatched', 'running', 'judging');

-- Batch predictions, beside their jobs.
CREATE TABLE batches (
    job           BLOB PRIMARY KEY REFERENCES jobs (id),
    major         INTEGER NOT NULL, -- the version that predicts
    minor         INTEGER NOT NULL,
    rows          INTEGER NOT NULL,
    output        TEXT              -- hash of the file of predictions, once there is one
) STRICT, WITHOUT ROWID;

-- Attempts that have ended; the one under way is part of its job's row.
CREATE TABLE attempts (
    id            BLOB PRIMARY KEY,
    job           BLOB NOT NULL REFERENCES jobs (id),
    number        INTEGER NOT NULL,
    claim         BLOB,
    worker        BLOB,
    dispatched_at INTEGER NOT NULL,
    started_at    INTEGER,
    resumed_from  INTEGER,
    ended_at      INTEGER NOT NULL,
    outcome       TEXT NOT NULL,
    message       TEXT,
    seconds       REAL,
    silence       REAL              -- of a worker whose lease ran out: seconds it had not been heard of
) STRICT;
CREATE INDEX attempts_of_job ON attempts (job);
CREATE INDEX attempts_by_end ON attempts (ended_at);

-- ------------------------------------------------------------------ versions
CREATE TABLE versions (
    model         TEXT NOT NULL REFERENCES models (key),
    major         INTEGER NOT NULL,
    minor         INTEGER NOT NULL,
    job           BLOB NOT NULL UNIQUE REFERENCES jobs (id),
    attempt       BLOB NOT NULL,
    status        TEXT NOT NULL,
    mode          TEXT NOT NULL,
    parent_major  INTEGER,
    parent_minor  INTEGER,
    increments    INTEGER NOT NULL DEFAULT 0,   -- incremental trainings since the last complete one, along its parents
    as_of         INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL,
    data_through  TEXT NOT NULL,
    data_rows     INTEGER NOT NULL,
    data_import   INTEGER NOT NULL,
    seen_through  TEXT NOT NULL,
    shape         TEXT NOT NULL,    -- what an incremental training cannot change: the build of the model, and how it reads which rows
    prefix        TEXT NOT NULL,
    manifest_hash TEXT NOT NULL,
    manifest      TEXT NOT NULL,
    reliability   REAL,
    skill         REAL,
    skill_error   REAL,
    skill_rows    INTEGER,
    verdict       TEXT,
    ever_live     INTEGER NOT NULL DEFAULT 0,
    thinned       INTEGER NOT NULL DEFAULT 0,   -- weights removed, manifest and figures kept
    PRIMARY KEY (model, major, minor)
) STRICT;

-- Each row scored by a version that had not seen it.
CREATE TABLE forward_scores (
    model     TEXT NOT NULL,
    major     INTEGER NOT NULL,
    minor     INTEGER NOT NULL,
    date      TEXT NOT NULL,
    key       TEXT NOT NULL,        -- names the row among those of its date
    unit      TEXT NOT NULL,        -- what it is one of several observations of
    loss      REAL NOT NULL,
    baseline  REAL NOT NULL,
    arrived   INTEGER NOT NULL,     -- it came after the version was trained; else it was held out
    PRIMARY KEY (model, major, minor, date, key)
) STRICT, WITHOUT ROWID;

-- How far the live version of each model has been scored on what has come since, and how it does.
CREATE TABLE watches (
    model     TEXT PRIMARY KEY REFERENCES models (key),
    major     INTEGER NOT NULL,
    minor     INTEGER NOT NULL,
    date      TEXT NOT NULL,        -- targets up to this day, …
    entry     INTEGER NOT NULL,     -- … entries up to this one, …
    through   TEXT NOT NULL,        -- … if they had matured by then, are scored
    rows      INTEGER NOT NULL,     -- rows there were then
    job       BLOB REFERENCES jobs (id),    -- the latest monitoring of it
    health    TEXT,
    shadow    TEXT                  -- how the version before it would have done
) STRICT, WITHOUT ROWID;

-- Every move of a live pointer; rows are only ever added.
CREATE TABLE ledger (
    model          TEXT NOT NULL REFERENCES models (key),
    live_seq       INTEGER NOT NULL,
    kind           TEXT NOT NULL,
    major          INTEGER NOT NULL,
    minor          INTEGER NOT NULL,
    previous_major INTEGER,
    previous_minor INTEGER,
    job            BLOB UNIQUE REFERENCES jobs (id),
    reason         TEXT NOT NULL,
    at             INTEGER NOT NULL,
    PRIMARY KEY (model, live_seq)
) STRICT;
CREATE TRIGGER ledger_is_append_only_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_append_only_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- ------------------------------------------------------------------ predictions
-- What versions have answered, written some at a time behind the answers, and what came of it.
CREATE TABLE predictions (
    id           BLOB PRIMARY KEY,  -- UUID v7: grows with time
    model        TEXT NOT NULL,
    major        INTEGER NOT NULL,
    minor        INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    kind         TEXT NOT NULL,     -- row, list, forecast, batch
    inputs_hash  TEXT NOT NULL,
    inputs       TEXT,              -- unless the settings leave them out
    output       TEXT NOT NULL,
    label        TEXT,              -- the outcome of a row, told by a person; the latest
    loss         REAL,
    labelled_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX predictions_of_model ON predictions (model, id);

-- ------------------------------------------------------------------ decisions
CREATE TABLE decisions (
    model       TEXT PRIMARY KEY REFERENCES models (key),
    at          INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,      -- verdict and set of reasons
    job         BLOB,
    body        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row whenever the fingerprint changes, the "no" included.
CREATE TABLE decision_history (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    model       TEXT NOT NULL REFERENCES models (key),
    at          INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    job         BLOB,
    body        TEXT NOT NULL
) STRICT;
CREATE INDEX decision_history_of_model ON decision_history (model, id);

-- ------------------------------------------------------------------ cleanup
-- Objects nothing refers to; deleted an hour after they were condemned.
CREATE TABLE condemned (
    key   TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
