-- A company's rows, for SQLite and PostgreSQL: {models} forecasters with a live version each, {jobs} jobs. Words in braces are replaced.
INSERT INTO imports (id, file, target, at, report) VALUES (1, 'file', 'all', {now}, '{}');

INSERT INTO series (symbol, rows, first, last, import, revised)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {models} - 1)
SELECT 'S' || substr(CAST(1000000 + i AS TEXT), 2), 2500, '2015-01-12', '{today}', 1, 0 FROM n;

INSERT INTO models (key, family, category, tags, hyper, auto_retrain, created_at, live_major, live_minor, live_seq, paused_at)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {models} - 1)
SELECT 'forecaster/S' || substr(CAST(1000000 + i AS TEXT), 2), 'forecaster', CASE WHEN i % 10 = 0 THEN 'portfolio' ELSE 'watchlist' END,
    '[]', '{hyper}', 1, {now}, 1, 0, 1, CASE WHEN i % 1000 = 0 THEN {now} ELSE NULL END FROM n;

-- The first of every second model waits in the line; of the others two of a hundred have gone amiss.
INSERT INTO jobs (id, kind, model, mode, pool, state, score, order_key, terms, enqueued_at, as_of, request, spec, data_rows, data_import,
    ended_at, champion_seq, number, failure, why, curve)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {jobs} - 1),
    jobs_of (i, state) AS (
        SELECT i, CASE WHEN i < {models} AND i % 2 = 0 THEN 'queued' WHEN i % 100 = 1 THEN 'failed' WHEN i % 100 = 3 THEN 'cancelled'
            ELSE 'completed' END FROM n)
SELECT CAST(substr(CAST(10000000000000000 + i AS TEXT), 2) AS BLOB), 'train',
    'forecaster/S' || substr(CAST(1000000 + i % {models} AS TEXT), 2), 'complete', CASE WHEN i % 3 = 0 THEN 'gpu' ELSE 'cpu' END, state,
    20.0, i * 0.5, '{terms}', {now} - 864000000000 + i * 1000, {now} - 864000000000 + i * 1000, '{request}',
    CASE WHEN state = 'queued' THEN NULL ELSE '{spec}' END, 2500, 1,
    CASE WHEN state = 'queued' THEN NULL ELSE {now} - 864000000000 + i * 1000 END, 0, 1,
    CASE WHEN state = 'failed' THEN 'code' ELSE NULL END,
    CASE WHEN state = 'queued' THEN '' ELSE 'v1.0 is live: not worse than the live version' END,
    CASE WHEN state = 'queued' THEN '[]' ELSE '{curve}' END FROM jobs_of;

INSERT INTO versions (model, major, minor, job, attempt, status, mode, increments, as_of, recorded_at, data_through, data_rows, data_import,
    seen_through, shape, prefix, manifest_hash, manifest, reliability, skill, skill_error, skill_rows, verdict, ever_live)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {models} - 1)
SELECT 'forecaster/S' || substr(CAST(1000000 + i AS TEXT), 2), 1, 0,
    CAST(substr(CAST(10000000000000000 + {models} + i AS TEXT), 2) AS BLOB),
    CAST(substr(CAST(10000000000000000 + {models} + i AS TEXT), 2) AS BLOB), 'live', 'complete', 0, {now}, {now}, '{today}', 2500, 1,
    '2020-01-01', '2x50x60', 'p', '{hash}', '{manifest}', 0.9, 0.05, 0.01, 100, '{verdict}', 1 FROM n;

-- One model has lived longer than the others.
INSERT INTO versions (model, major, minor, job, attempt, status, mode, increments, as_of, recorded_at, data_through, data_rows, data_import,
    seen_through, shape, prefix, manifest_hash, manifest, verdict)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
SELECT 'forecaster/S000001', 1, i, CAST(substr(CAST(10000000000000000 + 2 * {models} + i AS TEXT), 2) AS BLOB),
    CAST(substr(CAST(10000000000000000 + 2 * {models} + i AS TEXT), 2) AS BLOB), 'rejected', 'complete', 0, {now} - i, {now} - i, '{today}', 2500, 1,
    '2020-01-01', '2x50x60', 'p', '{hash}', '{manifest}', '{verdict}' FROM n;
INSERT INTO ledger (model, live_seq, kind, major, minor, reason, at) SELECT key, 1, 'promote', 1, 0, 'better', {now} FROM models;
INSERT INTO predictions (id, model, major, minor, at, kind, inputs_hash, output, label, loss, labelled_at)
SELECT id, 'forecaster/S000001', 1, 0, enqueued_at, 'forecast', '{hash}', '{}', CASE WHEN score_rows < 50 THEN '1' ELSE NULL END,
    CASE WHEN score_rows < 50 THEN 0.1 ELSE NULL END, CASE WHEN score_rows < 50 THEN {now} ELSE NULL END
FROM (SELECT id, enqueued_at, row_number() OVER (ORDER BY id) AS score_rows FROM jobs ORDER BY id LIMIT 20000) p;

INSERT INTO watches (model, major, minor, date, entry, through, rows, declined)
SELECT key, 1, 0, '{today}', 0, '{today}', 2500, CASE WHEN substr(key, length(key) - 2) = '007' THEN 1 ELSE 0 END FROM models;

INSERT INTO decisions (model, at, fingerprint, body, seen_at, replaced)
SELECT key, {now}, CASE WHEN substr(key, length(key)) = '5' THEN 'retrain|new_samples|' ELSE 'not_needed||' END, '{decision}', {now},
    'not_needed||' FROM models;

INSERT INTO datasets (name, created_at, schema, entries, rows)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
SELECT 'set' || CAST(i AS TEXT), {now}, '{schema}', 0, 0 FROM n;
INSERT INTO tokens (name, hash, scope, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
SELECT 'token' || CAST(i AS TEXT), substr('{zeros}', 1, 64 - length(CAST(i AS TEXT))) || CAST(i AS TEXT), 'read', {now} FROM n;
INSERT INTO audit (at, token, method, route, subject, status, remote)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {models})
SELECT {now} - 864000000000 + i * 1000, 'token' || CAST(i % 20 AS TEXT), 'POST', '/api/v1/trainings', 'forecaster/AAPL', 200, '127.0.0.1' FROM n;
