-- For the rows that the old application goes on adding beside us.
-- done: SELECT COUNT(*) = 2 FROM information_schema.columns
-- done: WHERE table_schema = DATABASE() AND table_name = 'transactions' AND column_name IN ('created_at', 'updated_at')
-- done: AND LOWER(COALESCE(column_default, '')) LIKE '%utc_timestamp%'
ALTER TABLE transactions
  ALTER COLUMN created_at SET DEFAULT (UTC_TIMESTAMP(6)),
  ALTER COLUMN updated_at SET DEFAULT (UTC_TIMESTAMP(6))
