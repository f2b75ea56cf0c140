-- First replies, kept beside the rows that they speak of.
CREATE TABLE idempotency_keys (
  caller BLOB NOT NULL,
  idempotency_key BLOB NOT NULL,
  route TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  status INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  location TEXT,
  etag TEXT,
  body BLOB NOT NULL,
  PRIMARY KEY (caller, idempotency_key)
);
CREATE INDEX idx_idempotency_keys_created_at ON idempotency_keys (created_at);
