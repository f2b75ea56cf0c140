-- Nothing to do: SQLite's columns are wide from the start. The number is kept so that both lists stay the same.
SELECT 1;
