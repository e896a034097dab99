-- A doorbell that nobody has taken by then is dropped: whoever rang it rings again. Microseconds of the host's monotonic clock since boot,
-- as all times here. What an earlier release writes beside this one stays.
ALTER TABLE doorbell ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 9223372036854775807;
CREATE INDEX doorbell_expiry ON doorbell (expires_at);
