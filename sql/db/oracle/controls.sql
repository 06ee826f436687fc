-- What the engine says by itself, see src/db/oracle/transaction.c. COMMIT and ROLLBACK are calls of their
-- own there and no statements. A savepoint's name moves to where it is set last, so each depth has one.

-- name: octo_begin_read
-- One state for all statements of the unit.
SET TRANSACTION READ ONLY

-- name: octo_savepoint_1
-- What follows can be undone alone.
SAVEPOINT octo_1

-- name: octo_savepoint_2
-- The same within it.
SAVEPOINT octo_2

-- name: octo_savepoint_3
-- The same within that.
SAVEPOINT octo_3

-- name: octo_rollback_to_1
-- Undoes what was done since.
ROLLBACK TO SAVEPOINT octo_1

-- name: octo_rollback_to_2
-- The same of the second.
ROLLBACK TO SAVEPOINT octo_2

-- name: octo_rollback_to_3
-- The same of the third.
ROLLBACK TO SAVEPOINT octo_3
