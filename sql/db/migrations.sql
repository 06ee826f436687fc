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
