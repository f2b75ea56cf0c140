-- The table as the old application made it, where there is none yet: it may already be here, and full.
-- done: SELECT COUNT(*) = 1 FROM information_schema.tables
-- done: WHERE table_schema = DATABASE() AND table_name = 'transactions'
CREATE TABLE IF NOT EXISTS transactions (
  id INT NOT NULL AUTO_INCREMENT,
  amount DECIMAL(10,2) NULL,
  description VARCHAR(100) NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4
