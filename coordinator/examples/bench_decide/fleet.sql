-- A fleet in all states, for SQLite and PostgreSQL: without a model, current, outdated, with new rows, unreliable, rejected lately.
-- Words in braces are replaced; {days} are sixty days back from today, each with its number, its date and its end.
INSERT INTO imports (id, file, target, at, report) VALUES (1, 'all', 'ALL', 0, '{}');

INSERT INTO series (symbol, rows, first, last, import, revised)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {models} - 1)
SELECT 'S' || substr(CAST(10000000 + i AS TEXT), 2), 1000 + i % 40, '2020-01-02', '{today}', 1, CASE WHEN i % 50 = 0 THEN 2 ELSE 0 END
FROM n;

INSERT INTO models (key, family, category, tags, hyper, auto_retrain, created_at, live_major, live_minor, live_seq)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {models} - 1)
SELECT 'forecaster/S' || substr(CAST(10000000 + i AS TEXT), 2), 'forecaster',
    CASE i % 4 WHEN 0 THEN 'portfolio' WHEN 1 THEN 'watchlist' WHEN 2 THEN 'scanning' ELSE 'other' END, '[]', '{hyper}',
    CASE WHEN i % 10 = 3 THEN 0 ELSE 1 END, 0, CASE WHEN i % 5 <> 0 THEN 1 ELSE NULL END, CASE WHEN i % 5 <> 0 THEN 0 ELSE NULL END,
    CASE WHEN i % 5 <> 0 THEN 1 ELSE 0 END
FROM n;

INSERT INTO jobs (id, kind, model, mode, pool, state, score, order_key, terms, enqueued_at, as_of, request)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2 * {models} - 1),
    day (number, date, ends) AS (VALUES {days})
SELECT CAST(substr(CAST(10000000000000000 + i AS TEXT), 2) AS BLOB), 'train', 'forecaster/S' || substr(CAST(10000000 + i / 2 AS TEXT), 2),
    'complete', 'cpu', 'completed', 0, 0, '[]', ends, ends, '{}'
FROM n JOIN day ON number = i / 2 % 60 WHERE i / 2 % 5 <> 0 AND (i % 2 = 0 OR i / 2 % 7 = 0);

INSERT INTO versions (model, major, minor, job, attempt, status, mode, as_of, recorded_at, data_through, data_rows, data_import,
    seen_through, shape, prefix, manifest_hash, manifest, reliability, skill, skill_error, skill_rows, ever_live)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2 * {models} - 1),
    day (number, date, ends) AS (VALUES {days})
SELECT 'forecaster/S' || substr(CAST(10000000 + i / 2 AS TEXT), 2), 1, i % 2,
    CAST(substr(CAST(10000000000000000 + i AS TEXT), 2) AS BLOB), CAST(substr(CAST(10000000000000000 + i AS TEXT), 2) AS BLOB),
    CASE i % 2 WHEN 0 THEN 'live' ELSE 'rejected' END, 'complete', ends, ends + i % 2, date, 1000, 1, date, '2x50x60', 'p', '', '{}',
    i / 2 % 100 / 100.0, i / 2 % 100 / 1000.0 - 0.02, 0.01, 60, 1 - i % 2
FROM n JOIN day ON number = i / 2 % 60 WHERE i / 2 % 5 <> 0 AND (i % 2 = 0 OR i / 2 % 7 = 0);
