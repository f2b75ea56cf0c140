-- Nothing to do: only this program writes to the file, and it names the times. The number is kept.
SELECT 1;
