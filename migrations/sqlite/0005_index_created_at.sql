-- For the filters and summaries by time.
CREATE INDEX idx_created_at ON transactions (created_at);
