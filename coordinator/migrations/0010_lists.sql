-- Lists are read in pages: each page is found by an index, however long the list is.

-- Jobs that have gone amiss are few among many that have not.
CREATE INDEX jobs_amiss ON jobs (state, ended_at) WHERE state IN ('failed', 'cancelled');
-- A model's versions by when they were recorded.
CREATE INDEX versions_by_age ON versions (model, recorded_at);
-- Models of a category.
CREATE INDEX models_by_category ON models (category, key);
-- Decisions of a verdict: three letters of it tell it from the others.
CREATE INDEX decisions_by_verdict ON decisions (substr(fingerprint, 1, 3), model);
-- Predictions whose outcome is known.
CREATE INDEX predictions_labelled ON predictions (model, id) WHERE label IS NOT NULL;
