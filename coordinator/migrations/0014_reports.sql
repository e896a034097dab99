-- Minutes in which somebody led, and those in which a pool that was wanted had no worker: a bit each, the first minute of the hour lowest.
CREATE TABLE availability (
    hour     INTEGER PRIMARY KEY, -- hours since 1970
    answered INTEGER NOT NULL,
    lacking  INTEGER NOT NULL
) STRICT;

-- What happened in a span of time.
CREATE INDEX ledger_by_time ON ledger (at);
CREATE INDEX alerts_by_time ON alerts (raised_at);

-- What trainings have cost, for those who ask what the next one will.
CREATE TABLE training_costs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    job      BLOB NOT NULL,
    model    TEXT NOT NULL REFERENCES models (key),
    family   TEXT NOT NULL,
    on_gpu   INTEGER NOT NULL,
    mode     TEXT NOT NULL,
    rows     INTEGER NOT NULL,
    new_rows INTEGER NOT NULL,
    epochs   REAL NOT NULL,
    size     REAL NOT NULL,
    seconds  REAL NOT NULL,
    memory   INTEGER,           -- bytes at the peak, if that was measured
    expected REAL               -- seconds that it was expected to take by those before it
) STRICT;
CREATE UNIQUE INDEX training_costs_of_job ON training_costs (job);
CREATE INDEX training_costs_of_family ON training_costs (family, id);
