-- postgres:
-- When all scripts have run: what octo_observer, where there is one, may read of the schema. It is
-- for the tables' owner to say, after each migration. Where all is in order nothing is written.
DO $$
DECLARE
    own    text := current_setting('octo.schema');
    secret text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'octo_observer' AND NOT rolsuper)
        OR EXISTS (SELECT FROM pg_class WHERE relnamespace = own::regnamespace
            AND relkind IN ('r', 'p') AND NOT pg_has_role(relowner, 'USAGE'))
        OR NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = own::regnamespace
            AND relkind IN ('r', 'p') AND has_table_privilege('octo_observer', oid, 'SELECT')
            = (relname IN ('users', 'user_sessions', 'idempotency_keys')))
    THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('octo roles'));
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO octo_observer', own);
    FOREACH secret IN ARRAY ARRAY['users', 'user_sessions', 'idempotency_keys'] LOOP
        IF to_regclass(format('%I.%I', own, secret)) IS NOT NULL THEN
            EXECUTE format('REVOKE SELECT ON %I.%I FROM octo_observer', own, secret);
        END IF;
    END LOOP;
    IF to_regclass(format('%I.users', own)) IS NOT NULL THEN
        EXECUTE format('GRANT SELECT (id, username, email, role, is_active, last_login, created_at)'
            ' ON %I.users TO octo_observer', own);
    END IF;
END $$;
-- oracle:
-- The same there, where a right to read cannot be of some columns alone.
BEGIN
  FOR each_table IN (
    SELECT t.table_name FROM user_tables t
    WHERE t.dropped = 'NO' AND t.table_name NOT IN ('USERS', 'USER_SESSIONS', 'IDEMPOTENCY_KEYS')
      AND EXISTS (SELECT 1 FROM all_users a WHERE a.username = 'OCTO_OBSERVER')
      AND NOT EXISTS (SELECT 1 FROM user_tab_privs_made p
        WHERE p.table_name = t.table_name AND p.grantee = 'OCTO_OBSERVER'))
  LOOP
    EXECUTE IMMEDIATE 'GRANT READ ON "' || each_table.table_name || '" TO OCTO_OBSERVER';
  END LOOP;
END;
/
