-- For the filters and summaries by time; built beside the writers.
-- done: SELECT COUNT(*) = 1 FROM information_schema.statistics
-- done: WHERE table_schema = DATABASE() AND table_name = 'transactions' AND index_name = 'idx_created_at'
ALTER TABLE transactions ADD INDEX idx_created_at (created_at)
