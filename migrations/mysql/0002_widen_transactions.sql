-- Ids beyond 31 bits, ten digits before the point, 255 characters of any script told apart byte by byte, and an engine
-- with transactions. One copy of the table; writes wait for it. Text in other character sets is converted.
-- done: SELECT COUNT(*) = 3 FROM information_schema.columns c
-- done: JOIN information_schema.tables t USING (table_schema, table_name)
-- done: WHERE table_schema = DATABASE() AND table_name = 'transactions'
-- done: AND UPPER(t.engine) = 'INNODB' AND t.table_collation = 'utf8mb4_bin' AND (
-- done: (c.column_name = 'id' AND c.column_type LIKE 'bigint%unsigned')
-- done: OR (c.column_name = 'amount' AND c.numeric_precision = 12 AND c.numeric_scale = 2)
-- done: OR (c.column_name = 'description' AND c.character_maximum_length = 255 AND c.collation_name = 'utf8mb4_bin'))
ALTER TABLE transactions
  ENGINE = InnoDB,
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  MODIFY id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  MODIFY amount DECIMAL(12,2) NULL,
  MODIFY description VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL
