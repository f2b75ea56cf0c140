-- Without a default: nobody knows when the old rows were recorded, and a default would stamp them with this hour.
-- done: SELECT COUNT(*) = 2 FROM information_schema.columns
-- done: WHERE table_schema = DATABASE() AND table_name = 'transactions' AND column_name IN ('created_at', 'updated_at')
ALTER TABLE transactions
  ADD COLUMN created_at DATETIME(6) NULL,
  ADD COLUMN updated_at DATETIME(6) NULL
