-- Before each script: makes sure of the table, and that no other process migrates until the round is
-- over. SQLite's writers are alone anyway; PostgreSQL's take a lock, and the schema that search_path
-- names may be missing, too. On Oracle a definition commits by itself, so it is run once alone, where
-- schema_migrations is missing, which comes last; who migrates holds the row of schema_migration_lock.
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
-- oracle:
CREATE TABLE schema_migration_lock (
    id       NUMBER(1) PRIMARY KEY CHECK (id = 1),
    taken_at TIMESTAMP(6)
);

INSERT INTO schema_migration_lock (id) SELECT 1 FROM dual WHERE NOT EXISTS (SELECT 1 FROM schema_migration_lock);

-- How far the script has come that is run: its statement `step` has begun, and is_done says whether it
-- is known to be done.
CREATE TABLE schema_migration_steps (
    version  NUMBER(19) PRIMARY KEY,
    checksum VARCHAR2(64 CHAR) NOT NULL,
    step     NUMBER(19) NOT NULL,
    is_done  NUMBER(1) NOT NULL CHECK (is_done IN (0, 1))
);

CREATE TABLE schema_migrations (
    version    NUMBER(19) PRIMARY KEY,
    name       VARCHAR2(200 CHAR) NOT NULL,
    checksum   VARCHAR2(64 CHAR) NOT NULL,
    applied_at TIMESTAMP(6) NOT NULL
);
