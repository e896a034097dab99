-- What was read from end to end is found by an index; what is asked about one model costs what one model costs.

-- Live versions that have declined: the few that a crowd is made of.
ALTER TABLE watches ADD COLUMN declined INTEGER NOT NULL DEFAULT 0;
UPDATE watches SET declined = 1
WHERE health LIKE '%"condition":"degraded"%' OR health LIKE '%"condition":"alarming"%';
CREATE INDEX watches_declined ON watches (model) WHERE declined <> 0;

-- Trainings that failed because of their data.
CREATE INDEX jobs_broken ON jobs (model, enqueued_at) WHERE state = 'failed' AND failure = 'data';
-- Versions that wait to be judged on more rows.
CREATE INDEX versions_waiting ON versions (model) WHERE status = 'waiting';
-- What was put into the line for one reason alone on a day.
CREATE INDEX decision_history_trained ON decision_history (fingerprint, at) WHERE job IS NOT NULL;

-- ------------------------------------------------------------------ rows are counted as they stand
-- How far versions were given the log of a data set, which is no number of rows; bars have no log.
ALTER TABLE versions ADD COLUMN data_entry INTEGER NOT NULL DEFAULT 0; -- entries up to this one, …
ALTER TABLE versions ADD COLUMN data_matured TEXT;                     -- … and of these the rows of days up to this one
-- Until now, entries were counted: nobody was given fewer than so many, and what had not matured is not told any more.
UPDATE versions SET data_entry = data_rows, data_matured = '9999-12-31'
WHERE model IN (SELECT key FROM models WHERE source IS NOT NULL);
-- A plus keeps SQLite from looking rows up by the number of their entry alone.
UPDATE versions SET data_rows = (
    SELECT count(*) FROM models m CROSS JOIN datasets d CROSS JOIN entries e
    WHERE m.key = versions.model AND m.source LIKE '%"dataset":"' || d.name || '"%'
      AND e.dataset = d.id AND e.seq <= versions.data_entry AND e.deleted = 0
      AND NOT EXISTS (SELECT 1 FROM entries n WHERE n.dataset = e.dataset AND n.key = e.key AND +n.seq > e.seq
                      AND +n.seq <= versions.data_entry))
WHERE data_entry > 0;
UPDATE watches SET rows = (
    SELECT count(*) FROM models m CROSS JOIN datasets d CROSS JOIN entries e
    WHERE m.key = watches.model AND m.source LIKE '%"dataset":"' || d.name || '"%'
      AND e.dataset = d.id AND e.seq <= watches.entry AND e.deleted = 0
      AND NOT EXISTS (SELECT 1 FROM entries n WHERE n.dataset = e.dataset AND n.key = e.key AND +n.seq > e.seq
                      AND +n.seq <= watches.entry))
WHERE entry > 0;

-- Rows that have not matured are found by their time, or by the import that brought them.
CREATE INDEX entries_by_time ON entries (dataset, at) WHERE at IS NOT NULL;
CREATE INDEX entries_by_arrival ON entries (dataset, import) WHERE at IS NULL;
CREATE INDEX imports_by_time ON imports (at);

-- Files of the store that are forgotten are found by their hash.
CREATE INDEX snapshot_parts_by_hash ON snapshot_parts (hash);
CREATE INDEX dataset_parts_by_hash ON dataset_parts (hash);
