-- Rows that statements of both services give.

-- row: count
-- How many there are.
-- columns: total int
