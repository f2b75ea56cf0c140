-- Microseconds since 1970, UTC; NULL where nobody knows.
ALTER TABLE transactions ADD COLUMN created_at INTEGER;
ALTER TABLE transactions ADD COLUMN updated_at INTEGER;
