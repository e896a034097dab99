-- A rollback by hand holds until so many more rows have come: what it is counted from.
ALTER TABLE ledger ADD COLUMN rows INTEGER;
-- Rollbacks by hand: few, and looked for with every decision.
CREATE INDEX ledger_rollbacks ON ledger (model, live_seq) WHERE kind = 'rollback';

-- When the facts behind a decision were read: an older view never replaces what a newer one has led to.
ALTER TABLE decisions ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
-- The fingerprint that the latest decision replaced: where the two differ, the history grows, whoever else decides at the moment.
ALTER TABLE decisions ADD COLUMN replaced TEXT;
