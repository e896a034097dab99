-- A company's rows, for SQLite and PostgreSQL: {symbols} forecasters with {bars} bars each, {readers} models of three data sets with
-- {entries} entries each. Every tenth entry corrects an earlier row. Words in braces are replaced by numbers and texts.
INSERT INTO imports (id, file, target, at, report)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
SELECT i, 'file', 'all', {start} + i * 1000, '{}' FROM n;

INSERT INTO series (symbol, rows, first, last, import, revised)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {symbols})
SELECT 'S' || substr(CAST(1000000 + i AS TEXT), 2), {bars}, '2000-01-01', '{today}', 1 + i % 100, 0 FROM n;

INSERT INTO bars (symbol, date, revision, import, open, high, low, close, adj_close, volume)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {symbols} * {bars} - 1)
SELECT 'S' || substr(CAST(1000001 + i / {bars} AS TEXT), 2), '2' || substr(CAST(1000 + i % {bars} / 336 AS TEXT), 2)
    || '-' || substr(CAST(101 + i % {bars} % 336 / 28 AS TEXT), 2) || '-' || substr(CAST(101 + i % {bars} % 28 AS TEXT), 2), 1, 1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0 FROM n;

INSERT INTO datasets (id, name, created_at, schema, entries, rows, first, last, import)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
SELECT i, 'set' || CAST(i AS TEXT), {start}, '{schema}', {entries}, {entries} - {entries} / 10, '2000-01-01', '{today}', 5000 FROM n;

INSERT INTO entries (dataset, seq, import, key, at, deleted, cells)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3 * {entries} - 1)
SELECT 1 + i / {entries}, 1 + i % {entries}, 1 + i % {entries} * 5000 / {entries},
    'key' || substr(CAST(10000000 + CASE WHEN i % 10 = 9 THEN i % {entries} / 2 / 10 * 10 ELSE i % {entries} END AS TEXT), 2),
    CASE WHEN i / {entries} = 0 THEN {start} + i ELSE NULL END, 0, '["a text","yes"]' FROM n;

INSERT INTO models (key, family, category, tags, hyper, source, auto_retrain, created_at, live_major, live_minor, live_seq)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {symbols} + {readers})
SELECT CASE WHEN i <= {symbols} THEN 'forecaster/S' || substr(CAST(1000000 + i AS TEXT), 2)
        ELSE 'text/T' || substr(CAST(1000000 + i AS TEXT), 2) END,
    CASE WHEN i <= {symbols} THEN 'forecaster' ELSE 'text' END, 'watchlist', '[]',
    CASE WHEN i <= {symbols} THEN '{forecaster}' ELSE '{text}' END,
    CASE WHEN i <= {symbols} THEN NULL ELSE '{source}' || CAST(1 + i % 3 AS TEXT) || '{reading}' END,
    1, {start}, 1, 0, 1 FROM n;

-- Of each model three trainings, of which the first is live, and the last waits now and then.
INSERT INTO jobs (id, kind, model, mode, pool, state, score, order_key, terms, enqueued_at, as_of, request, data_rows, data_import, ended_at,
    champion_seq)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3 * ({symbols} + {readers}) - 1)
SELECT CAST(substr(CAST(10000000000000000 + i AS TEXT), 2) AS BLOB), 'train',
    CASE WHEN i / 3 < {symbols} THEN 'forecaster/S' || substr(CAST(1000001 + i / 3 AS TEXT), 2)
        ELSE 'text/T' || substr(CAST(1000001 + i / 3 AS TEXT), 2) END,
    'complete', 'cpu', 'completed', 50.0, 50.0, '[]', {start} + i % 3 * 1000000, {start} + i % 3 * 1000000, 'null', 100, 4900,
    {start} + i % 3 * 1000000, 0 FROM n;

INSERT INTO versions (model, major, minor, job, attempt, status, mode, increments, as_of, recorded_at, data_through, data_rows, data_import,
    seen_through, shape, prefix, manifest_hash, manifest, reliability, skill, skill_error, skill_rows, ever_live, data_entry, data_matured)
SELECT j.model, 1, j.minor, j.id, j.id, CASE WHEN j.minor = 0 THEN 'live'
        WHEN j.minor = 2 AND substr(j.model, length(j.model) - 1) IN ('00', '50') THEN 'waiting' ELSE 'rejected' END, 'complete', 0, j.as_of,
    j.as_of, '{today}', CASE WHEN m.source IS NULL THEN {bars} ELSE ({entries} - {recent}) / 10 * 9 END, 4900, '2000-01-01', 'shape', 'p',
    '{hash}', '{manifest}', 0.9, 0.05, 0.01, 100, CASE j.minor WHEN 0 THEN 1 ELSE 0 END,
    CASE WHEN m.source IS NULL THEN 0 ELSE {entries} - {recent} END, CASE WHEN m.source IS NULL THEN NULL ELSE '{today}' END
FROM (SELECT *, (enqueued_at - {start}) / 1000000 AS minor FROM jobs) j JOIN models m ON m.key = j.model;

INSERT INTO attempts (id, job, number, dispatched_at, started_at, ended_at, outcome, seconds)
SELECT id, id, 1, enqueued_at, enqueued_at, enqueued_at, 'result', 1.0 FROM jobs;

INSERT INTO ledger (model, live_seq, kind, major, minor, reason, at)
SELECT key, 1, 'promote', 1, 0, 'better', {start} FROM models;

INSERT INTO watches (model, major, minor, date, entry, through, rows)
SELECT model, 1, 0, '{today}', CASE WHEN data_entry > 0 THEN {entries} ELSE 0 END, '{today}',
    CASE WHEN data_entry > 0 THEN {entries} - {entries} / 10 ELSE data_rows END FROM versions WHERE minor = 0;

INSERT INTO decisions (model, at, fingerprint, body) SELECT key, {start}, 'not_needed||', '{decision}' FROM models;
INSERT INTO decision_history (model, at, fingerprint, job, body)
SELECT j.model, j.as_of, 'retrain|new_samples|', j.id, '{decision}' FROM jobs j;

INSERT INTO forward_scores (model, major, minor, date, key, unit, loss, baseline, arrived)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
SELECT m.key, 1, 0, '2020-01-' || substr(CAST(100 + n.i AS TEXT), 2), 'a', 'a', 0.1, 0.2, 0 FROM models m CROSS JOIN n;

INSERT INTO predictions (id, model, major, minor, at, kind, inputs_hash, output)
SELECT id, model, 1, 0, enqueued_at, 'row', '', '{}' FROM jobs;

INSERT INTO snapshot_parts (symbol, basis, first_row, rows, first, last, hash)
SELECT symbol, 0, 0, rows, first, last, symbol FROM series;
INSERT INTO dataset_parts (dataset, first_seq, entries, hash)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
SELECT 1, i, 1, CAST(i AS TEXT) FROM n;
INSERT INTO batches (job, major, minor, rows) SELECT id, 1, 0, 1 FROM jobs WHERE enqueued_at = {start};

INSERT INTO audit (at, token, method, route, subject, status, remote)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT {start} + i * 1000, 'token' || CAST(i % 20 AS TEXT), 'POST', '/api/v1/trainings', 'forecaster/AAPL', 200, '127.0.0.1' FROM n;

INSERT INTO training_schedules (id, name, timing, zone, task, missed, jitter, created_at, changed_at, next_due, fire_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
SELECT i, 'schedule' || CAST(i AS TEXT), '', 'UTC', '', 'once', 0, {start}, {start}, {start} + i, {start} + i FROM n;
INSERT INTO schedule_runs (id, schedule, task, due, occasion, state, tries, begun_at, ended_at, outcome)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT i, 1 + i % 20, '', {start} + i * 1000, 'due', 'completed', 1, {start} + i * 1000, {start} + i * 1000 + 5, '' FROM n;
INSERT INTO schedule_run_jobs (run, job)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3 * ({symbols} + {readers}) - 1)
SELECT 1 + i, CAST(substr(CAST(10000000000000000 + i AS TEXT), 2) AS BLOB) FROM n WHERE i < 20000;

INSERT INTO alerts (id, key, kind, model, severity, cause, raised_at, escalated_at, seen_at, ended_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT i, 'over_age ' || CAST(i AS TEXT), 'over_age', 'forecaster/S' || substr(CAST(1000001 + i % {symbols} AS TEXT), 2), 'warning', '',
    {start} + i * 1000, {start} + i * 1000, {start} + i * 1000, CASE WHEN i % 200 = 0 THEN NULL ELSE {start} + i * 1000 END FROM n;
INSERT INTO alert_news (id, kind, alert, at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT i, 'raised', i, {start} + i * 1000 FROM n;
INSERT INTO alert_channels (name, address, terms, language, created_at, changed_at, taken, urgent)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
SELECT 'channel' || CAST(i AS TEXT), '', '', 'en', {start}, {start}, 19990, 0 FROM n;
INSERT INTO alert_messages (id, channel, body, created_at, due_at, tries, sent_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
SELECT CAST(substr(CAST(10000000000000000 + i AS TEXT), 2) AS BLOB), 'channel' || CAST(1 + i % 20 AS TEXT), '', {start} + i * 1000,
    CASE WHEN i % 200 = 0 THEN {start} + i ELSE NULL END, 1, {start} + i FROM n;
