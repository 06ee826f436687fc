-- What the database keeps of its own scripts, see src/db/migrate.h.

-- name: migrations_exist
-- Has a migration ever begun here?
-- columns: is_there bool
-- sqlite:
SELECT count(*) > 0 AS is_there FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'
-- postgres:
SELECT to_regclass(current_setting('octo.schema') || '.schema_migrations') IS NOT NULL AS is_there
-- oracle:
SELECT CASE WHEN EXISTS (SELECT 1 FROM user_tables WHERE table_name = 'SCHEMA_MIGRATIONS')
            THEN 1 ELSE 0 END AS is_there
  FROM dual

-- name: migrations_list
-- The scripts that have run.
-- columns: version int, name text, checksum text
SELECT version, name, checksum FROM schema_migrations ORDER BY version

-- name: migration_insert
-- Notes that a script has run.
-- params: version int, name text, checksum text, now now
INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (:version, :name, :checksum, :now)

-- name: migration_lock
-- Waits until nobody else migrates, and keeps others from it until the transaction ends. This one and
-- those that follow are for engines whose definitions commit by themselves.
-- params: now now
UPDATE schema_migration_lock SET taken_at = :now

-- name: migration_step_read
-- The script that has begun and not ended, and how far it has come.
-- columns: version int, checksum text, step int, is_done bool
SELECT version, checksum, step, is_done FROM schema_migration_steps

-- name: migration_step_begin
-- Notes that a script begins.
-- params: version int, checksum text
INSERT INTO schema_migration_steps (version, checksum, step, is_done) VALUES (:version, :checksum, 0, 1)

-- name: migration_step_note
-- Notes that a statement of the script begins, or that it is done.
-- params: version int, step int, is_done bool
UPDATE schema_migration_steps SET step = :step, is_done = :is_done WHERE version = :version

-- name: migration_step_end
-- Forgets how far a script had come, since all of it is done.
-- params: version int
DELETE FROM schema_migration_steps WHERE version = :version
