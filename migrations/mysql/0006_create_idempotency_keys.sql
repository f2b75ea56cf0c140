-- First replies, kept beside the rows that they speak of. Keys are bytes: no collation may take two for one.
-- done: SELECT COUNT(*) = 1 FROM information_schema.tables
-- done: WHERE table_schema = DATABASE() AND table_name = 'idempotency_keys'
CREATE TABLE IF NOT EXISTS idempotency_keys (
  caller VARBINARY(32) NOT NULL,
  idempotency_key VARBINARY(255) NOT NULL,
  route VARBINARY(255) NOT NULL,
  fingerprint VARBINARY(32) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  status SMALLINT UNSIGNED NULL,
  content_type VARBINARY(255) NULL,
  location VARBINARY(2048) NULL,
  etag VARBINARY(255) NULL,
  body MEDIUMBLOB NULL,
  PRIMARY KEY (caller, idempotency_key),
  INDEX idx_created_at (created_at)
) ENGINE = InnoDB
