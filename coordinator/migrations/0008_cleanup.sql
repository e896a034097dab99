-- The store is never asked while a transaction is open: what is being removed from it, and what has been, is known meanwhile.
ALTER TABLE condemned ADD COLUMN removing_at INTEGER;
ALTER TABLE condemned ADD COLUMN removed_at INTEGER;

-- Ended jobs go after a while: whoever refers to one is found by an index.
CREATE INDEX watches_by_job ON watches (job);

-- When a decision was taken; its own moment may be a day of long ago.
ALTER TABLE decision_history ADD COLUMN made_at INTEGER NOT NULL DEFAULT 0;
UPDATE decision_history SET made_at = at;
CREATE INDEX decision_history_by_age ON decision_history (made_at);

-- Reports of imports go after a while; the imports themselves stay, for their rows name them.
CREATE INDEX imports_reported ON imports (at) WHERE report <> '{}';
