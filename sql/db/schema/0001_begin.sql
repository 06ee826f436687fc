-- Before each script: makes sure of the table, and that no other process migrates until the round is
-- over. SQLite's writers are alone anyway; PostgreSQL's take a lock, and the schema that search_path
-- names may be missing, too.
-- sqlite:
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    checksum   TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;
-- postgres:
SELECT pg_advisory_xact_lock(hashtext('octo migrations'), hashtext(current_setting('octo.schema')));

DO $$ BEGIN
    IF to_regnamespace(current_setting('octo.schema')) IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', current_setting('octo.schema'));
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS schema_migrations (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL
);
