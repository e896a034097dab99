-- What is done by the calendar.
CREATE TABLE training_schedules (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    timing     TEXT NOT NULL,    -- when it is due, JSON
    zone       TEXT NOT NULL,    -- whose clocks say so, of the IANA's database
    task       TEXT NOT NULL,    -- what it does, JSON
    missed     TEXT NOT NULL,    -- skip, once, all: what becomes of runs that were missed
    jitter     INTEGER NOT NULL, -- it is put off by at most so many seconds
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    paused_at  INTEGER,
    paused_why TEXT,
    next_due   INTEGER,          -- NULL: never again, or paused
    fire_at    INTEGER           -- that, put off
) STRICT;
CREATE UNIQUE INDEX training_schedules_by_name ON training_schedules (name);
CREATE INDEX training_schedules_due ON training_schedules (fire_at) WHERE fire_at IS NOT NULL;

-- Each time something was due, and what became of it. Of a schedule there is one run a due time, whoever looks and how often.
CREATE TABLE schedule_runs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    schedule INTEGER REFERENCES training_schedules (id), -- NULL: somebody asked for a task without one
    task     TEXT NOT NULL,      -- what was to be done, JSON
    due      INTEGER NOT NULL,
    occasion TEXT NOT NULL,      -- due, missed, by_hand
    state    TEXT NOT NULL,      -- due, running, completed, failed, skipped
    tries    INTEGER NOT NULL,
    begun_at INTEGER,
    ended_at INTEGER,
    outcome  TEXT                -- JSON; NULL: it is not done yet
) STRICT;
CREATE UNIQUE INDEX schedule_runs_once ON schedule_runs (schedule, due);
CREATE INDEX schedule_runs_open ON schedule_runs (id) WHERE ended_at IS NULL;
CREATE INDEX schedule_runs_ended ON schedule_runs (ended_at) WHERE ended_at IS NOT NULL;

-- The trainings that a run has asked for.
CREATE TABLE schedule_run_jobs (
    run INTEGER NOT NULL REFERENCES schedule_runs (id),
    job BLOB NOT NULL,
    PRIMARY KEY (run, job)
) STRICT, WITHOUT ROWID;

-- Schedules that were there from the start: one that somebody has deleted does not come back.
CREATE TABLE preset_schedules (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Whether schedules are looked at: one row, always.
CREATE TABLE scheduler (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    stopped_at  INTEGER,         -- NULL: they are
    stopped_why TEXT
) STRICT;
INSERT INTO scheduler (id, stopped_at, stopped_why) VALUES (1, NULL, NULL);
