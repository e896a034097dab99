-- Minutes in which somebody led, and those in which a pool that was wanted had no worker: a bit each, the first minute of the hour lowest.
CREATE TABLE availability (
    hour     INTEGER PRIMARY KEY, -- hours since 1970
    answered INTEGER NOT NULL,
    lacking  INTEGER NOT NULL
) STRICT;

-- What happened in a span of time.
CREATE INDEX ledger_by_time ON ledger (at);
CREATE INDEX alerts_by_time ON alerts (raised_at);
