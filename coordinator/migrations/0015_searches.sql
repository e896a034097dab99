-- Searches for hyper-parameters.
CREATE TABLE searches (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    model      TEXT NOT NULL REFERENCES models (key),
    state      TEXT NOT NULL,    -- running, challenging, completed, failed, cancelled
    request    TEXT NOT NULL,    -- what is searched, JSON
    snapshot   TEXT,             -- the rows of all its trials, JSON; NULL: not frozen yet
    rung       INTEGER NOT NULL, -- from 0
    created_at INTEGER NOT NULL,
    ended_at   INTEGER,
    challenger BLOB,             -- the job that trains what it found
    outcome    TEXT,             -- JSON; NULL: nothing yet
    cancelling INTEGER NOT NULL DEFAULT 0 -- trials of it may have to be cancelled
) STRICT;
CREATE UNIQUE INDEX searches_one_at_a_time ON searches (model) WHERE state IN ('running', 'challenging');
CREATE INDEX searches_cancelling ON searches (id) WHERE cancelling <> 0;
CREATE INDEX searches_of_challenger ON searches (challenger) WHERE challenger IS NOT NULL;
CREATE INDEX searches_of_model ON searches (model, id);

-- What they try, at each length.
CREATE TABLE search_trials (
    search  INTEGER NOT NULL REFERENCES searches (id),
    rung    INTEGER NOT NULL,
    trial   INTEGER NOT NULL,    -- from 0: what the model has itself
    hyper   TEXT NOT NULL,       -- as it is tried on this rung, JSON
    job     BLOB NOT NULL,
    loss    REAL,                -- on validation rows; NULL: not measured, or not yet
    seconds REAL,
    PRIMARY KEY (search, rung, trial)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX search_trials_by_job ON search_trials (job);
