-- What the engine says by itself. Savepoints of one name nest, the innermost is meant.

-- name: octo_begin_read
-- One state for all statements of the unit.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY

-- name: octo_begin_write
-- Rows are locked as they are written; what they hold is what is there then.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE

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
RELEASE SAVEPOINT unit

-- name: octo_rollback_to
-- Undoes what was done in the innermost savepoint.
ROLLBACK TO SAVEPOINT unit

-- name: octo_replan
-- Statements are planned anew, for the sizes that tables have now.
DISCARD PLANS

-- name: octo_plan_generic
-- Plans of this transaction are made for any values (src/db/postgres/plan.c).
SELECT WHERE set_config('plan_cache_mode', 'force_generic_plan', true) IS NULL

-- name: octo_plan_forget
-- The statement that was explained is forgotten.
DEALLOCATE octo_plan

-- name: octo_tags
-- Tags the transaction. Gives no row, so that there is none to make, send and read.
-- params: application_name text0, module text0, action text0, client_identifier text0
SELECT WHERE set_config('application_name', :application_name, true) IS NULL
    OR set_config('octo.module', :module, true) IS NULL
    OR set_config('octo.action', :action, true) IS NULL
    OR set_config('octo.client_identifier', :client_identifier, true) IS NULL
