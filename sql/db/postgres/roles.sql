-- Who may do what in a database that both services share, see src/app/postgres_roles.h. Run as the
-- administrator, before there is any schema.

-- name: octo_make_roles
-- Makes the roles and schemas where they are missing, and takes from the observer what a database
-- gave it by default: what it may read of a table is for the table's owner to say, who knows which are
-- not for its eyes (sql/db/schema/0002_end.sql). From release 16 on not every administrator may grant
-- the last right.
DO $$
DECLARE role text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('octo roles'));
    FOREACH role IN ARRAY ARRAY['octo_shop', 'octo_crm', 'octo_observer'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    END LOOP;
    IF EXISTS (SELECT 1 FROM pg_roles
        WHERE rolsuper AND rolname IN ('octo_shop', 'octo_crm', 'octo_observer'))
    THEN
        RAISE EXCEPTION 'one of the roles octo_shop, octo_crm, octo_observer is a superuser';
    END IF;
    FOREACH role IN ARRAY ARRAY['octo_shop', 'octo_crm'] LOOP
        EXECUTE format('GRANT %I TO CURRENT_USER', role);
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', role, role);
        EXECUTE format('ALTER SCHEMA %I OWNER TO %I', role, role);
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', role);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO octo_observer', role);
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I'
            ' REVOKE SELECT ON TABLES FROM octo_observer', role, role);
    END LOOP;
    BEGIN
        GRANT pg_read_all_stats TO octo_observer;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE WARNING 'octo_observer will not see what sessions run';
    END;
END
$$
