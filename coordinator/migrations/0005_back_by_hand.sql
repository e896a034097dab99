-- Whoever promotes an earlier version by hand has gone back as well: what has a count of rows to wait from is a way back.
DROP INDEX ledger_rollbacks;
CREATE INDEX ledger_back ON ledger (model, live_seq) WHERE rows IS NOT NULL;
