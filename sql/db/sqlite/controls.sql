-- What the engine says by itself. Savepoints of one name nest, the innermost is meant.

-- name: octo_begin_read
-- Readers see the state of their first statement.
BEGIN

-- name: octo_begin_write
-- Takes the write lock at once, where waiting for it deceives nobody.
BEGIN IMMEDIATE

-- name: octo_commit
-- Makes the transaction durable.
COMMIT

-- name: octo_rollback
-- Undoes the transaction.
ROLLBACK

-- name: octo_savepoint
-- What follows can be undone alone.
SAVEPOINT unit

-- name: octo_release
-- Ends the innermost savepoint and keeps what was done in it.
RELEASE unit

-- name: octo_rollback_to
-- Undoes what was done in the innermost savepoint.
ROLLBACK TO unit

-- name: octo_shrink
-- Gives what the file does not need back to the disk. Writes all that it holds anew.
VACUUM
