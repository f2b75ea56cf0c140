-- Amounts are minor units. AUTOINCREMENT: an id is never given twice, also after all rows are gone.
CREATE TABLE transactions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  amount INTEGER,
  description TEXT
);
