-- What octo doctor asks a server, on a connection like a service's own. Rights come as rows, each with
-- the statement that mends it.

-- row: octo_doctor_right
-- A right too many or one that is missing.
-- columns: what text, remedy text

-- name: octo_doctor_durability
-- Which settings are off without which a server forgets what it has acknowledged.
-- columns: off text0
SELECT concat_ws(', ', CASE current_setting('fsync') WHEN 'off' THEN 'fsync' END,
    CASE current_setting('full_page_writes') WHEN 'off' THEN 'full_page_writes' END,
    CASE current_setting('synchronous_commit') WHEN 'off' THEN 'synchronous_commit' END)
    AS off

-- name: octo_doctor_excess
-- Rights that no service needs. Of a superuser, who has every right, only that is told.
-- columns: octo_doctor_right.*
WITH me AS (SELECT * FROM pg_roles WHERE rolname = current_user)
SELECT held.what, format('ALTER ROLE %I NO%s', me.rolname, held.what) AS remedy
FROM me, LATERAL (VALUES (me.rolsuper, 'SUPERUSER'),
    (me.rolcreaterole AND NOT me.rolsuper, 'CREATEROLE'),
    (me.rolcreatedb AND NOT me.rolsuper, 'CREATEDB'),
    (me.rolbypassrls AND NOT me.rolsuper, 'BYPASSRLS'),
    (me.rolreplication AND NOT me.rolsuper, 'REPLICATION')) AS held (is_held, what)
WHERE held.is_held
UNION ALL
SELECT format('use of the schema %s', n.nspname),
    format('REVOKE ALL ON SCHEMA %I FROM %I, PUBLIC', n.nspname, me.rolname)
FROM me, pg_namespace n
WHERE NOT me.rolsuper AND n.nspname ~ '^octo_'
  AND n.nspname <> current_setting('octo.schema')
  AND (has_schema_privilege(n.oid, 'USAGE') OR has_schema_privilege(n.oid, 'CREATE'))
UNION ALL
SELECT 'creating in the schema public',
    format('REVOKE CREATE ON SCHEMA public FROM %I, PUBLIC', me.rolname)
FROM me, pg_namespace n
WHERE NOT me.rolsuper AND n.nspname = 'public' AND has_schema_privilege(n.oid, 'CREATE')
UNION ALL
SELECT format('those of %s', r.rolname),
    format('REVOKE %I FROM %I', r.rolname, me.rolname)
FROM me, pg_roles r
WHERE NOT me.rolsuper AND pg_has_role(r.oid, 'MEMBER') AND r.rolname IN
    ('pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program',
     'pg_read_server_files', 'pg_write_server_files')

-- name: octo_doctor_lack
-- Rights that a service needs and does not have.
-- columns: octo_doctor_right.*
WITH own AS (SELECT oid, nspname FROM pg_namespace
    WHERE nspname = current_setting('octo.schema')),
tables AS (SELECT c.oid, c.relname, c.relowner FROM pg_class c JOIN own
    ON c.relnamespace = own.oid WHERE c.relkind IN ('r', 'p'))
SELECT format('has no schema %s', current_setting('octo.schema')) AS what,
    'octo migrate --admin URL makes it' AS remedy
WHERE NOT EXISTS (SELECT FROM own)
    AND NOT has_database_privilege(current_database(), 'CREATE')
UNION ALL
SELECT format('has no %s on its schema %s', wanted, own.nspname),
    format('GRANT %s ON SCHEMA %I TO %I', wanted, own.nspname, current_user)
FROM own, unnest(ARRAY['USAGE', 'CREATE']) AS wanted
WHERE NOT has_schema_privilege(own.oid, wanted)
UNION ALL
SELECT format('has no %s on %s', wanted, string_agg(tables.relname, ', ')),
    format('GRANT %s ON ALL TABLES IN SCHEMA %I TO %I', wanted, own.nspname, current_user)
FROM own, tables, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS wanted
WHERE NOT has_table_privilege(tables.oid, wanted)
GROUP BY wanted, own.nspname
UNION ALL
SELECT format('does not own %s, so that it cannot migrate',
        string_agg(tables.relname, ', ')),
    format('ALTER TABLE %I.%I OWNER TO %I and so on', own.nspname, min(tables.relname),
        current_user)
FROM own, tables WHERE NOT pg_has_role(tables.relowner, 'USAGE')
GROUP BY own.nspname

-- name: octo_doctor_room
-- Limits of sessions, and how many others have taken. Other people's sessions show no more than their
-- role to us: a role and a database together make a client.
-- params: other_role text?
-- columns: most int, reserved int, taken int, role_limit int, database_limit int
SELECT current_setting('max_connections')::int AS most,
    current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true)::int, 0)
        AS reserved,
    (SELECT count(*) FROM pg_stat_activity
     WHERE datid IS NOT NULL AND usename <> current_user
       AND usename <> coalesce(:other_role, '')) AS taken,
    (SELECT rolconnlimit FROM pg_roles
     WHERE rolname = current_user) AS role_limit,
    (SELECT datconnlimit FROM pg_database
     WHERE datname = current_database()) AS database_limit

-- name: octo_doctor_now
-- The server's time.
-- columns: now time
SELECT clock_timestamp() AS now
