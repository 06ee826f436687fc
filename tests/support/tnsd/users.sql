-- Users besides the listener's own, who administers: each is a role of PostgreSQL's, of the same name in small
-- letters, and a schema that belongs to him. What he may do to tables PostgreSQL knows; rights of the system and
-- quotas are kept here. Run once behind oracle.sql.

CREATE TABLE tnsd.users (
    name       text PRIMARY KEY,
    password   text NOT NULL,
    is_locked  boolean NOT NULL DEFAULT false,
    is_expired boolean NOT NULL DEFAULT false,
    rights     text[] NOT NULL DEFAULT '{}',
    quotas     text[] NOT NULL DEFAULT '{}' -- tablespaces
);

-- What administer was asked, as a server keeps texts.
CREATE TABLE tnsd.commands (command text NOT NULL);

-- A number of Oracle's, to 9999, as SQLSTATE (errors.c).
CREATE FUNCTION tnsd.refuse(number integer, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE '%', why USING ERRCODE = 'T' OPERATOR(pg_catalog.||) lpad(number::text, 4, '0');
END
$$;

CREATE FUNCTION tnsd.is_user(text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS
    $$ SELECT EXISTS (SELECT FROM tnsd.users WHERE name = lower($1)) $$;

CREATE FUNCTION tnsd.need_user(number integer, name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT tnsd.is_user(name) THEN
        PERFORM tnsd.refuse(number, format('user or role ''%s'' does not exist', upper(name)));
    END IF;
END
$$;

-- What stands behind the name and the password of CREATE USER and ALTER USER.
CREATE FUNCTION tnsd.set_options(whose text, options text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    option CONSTANT text := '(DEFAULT TABLESPACE|QUOTA UNLIMITED ON) "?(\w+)"?|ACCOUNT (LOCK|UNLOCK)|(PASSWORD EXPIRE)';
    left_over text := btrim(options);
    found text[];
BEGIN
    WHILE left_over <> '' LOOP
        found := regexp_match(left_over, format('^(?:%s)', option), 'i');
        IF found IS NULL THEN
            PERFORM tnsd.refuse(922, format('missing or invalid option: %s', left_over));
        ELSIF found[2] IS NOT NULL AND upper(found[2]) <> 'DATA' THEN
            PERFORM tnsd.refuse(959, format('tablespace ''%s'' does not exist', upper(found[2])));
        END IF;
        UPDATE tnsd.users SET
            quotas = CASE WHEN found[1] ~* 'QUOTA' THEN ARRAY[upper(found[2])] ELSE quotas END,
            is_locked = coalesce(upper(found[3]) = 'LOCK', is_locked),
            is_expired = is_expired OR found[4] IS NOT NULL
          WHERE name = whose;
        left_over := btrim(regexp_replace(left_over, format('^(?:%s)', option), '', 'i'));
    END LOOP;
END
$$;

CREATE FUNCTION tnsd.create_user(whose text, password text, options text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF tnsd.is_user(whose) THEN
        PERFORM tnsd.refuse(1920, format('user name ''%s'' conflicts with another user or role name', upper(whose)));
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = whose) THEN -- roles are all databases' of the server
        EXECUTE format('CREATE ROLE %I IN ROLE pg_read_all_stats', whose);
    END IF;
    EXECUTE format('CREATE SCHEMA %I', whose);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', whose, whose);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO PUBLIC', whose);
    INSERT INTO tnsd.users (name, password) VALUES (whose, password);
    PERFORM tnsd.set_options(whose, options);
END
$$;

CREATE FUNCTION tnsd.grant_rights(wanted text[], whose text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    known CONSTANT text[] := ARRAY['CREATE SESSION', 'CREATE TABLE', 'CREATE SEQUENCE', 'CREATE TRIGGER', 'CREATE VIEW'];
BEGIN
    IF NOT wanted <@ known THEN
        PERFORM tnsd.refuse(990, 'missing or invalid privilege');
    END IF;
    UPDATE tnsd.users SET rights = ARRAY(SELECT DISTINCT unnest(rights OPERATOR(pg_catalog.||) wanted)) WHERE name = whose;
END
$$;

-- V$NAME stands for V_$NAME of SYS, which is what is granted.
CREATE FUNCTION tnsd.grant_object(which text, whose text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    view text := substring(which FROM '^(?:sys\.)?v_\$(\w+)$');
BEGIN
    IF view IS NOT NULL THEN
        EXECUTE format('GRANT SELECT ON sys.%I, ora.%I TO %I', 'v_$' OPERATOR(pg_catalog.||) view,
                       'v$' OPERATOR(pg_catalog.||) view, whose);
    ELSE
        EXECUTE format('GRANT SELECT ON %s TO %I', which, whose);
    END IF;
END
$$;

-- A view of what it stands for, which whoever asks it must be allowed to read.
CREATE FUNCTION tnsd.create_synonym(owner text, name text, target text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS SELECT * FROM %s', owner, name, target);
    EXECUTE format('GRANT SELECT ON %I.%I TO %I', owner, name, owner);
END
$$;

CREATE FUNCTION tnsd.note(command text) RETURNS void LANGUAGE sql SECURITY DEFINER AS
    $$ INSERT INTO tnsd.commands VALUES ($1) $$;

-- CREATE USER, ALTER USER, GRANT and CREATE SYNONYM, their words one blank apart.
CREATE FUNCTION tnsd.administer(command text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found text[];
    grants_objects boolean := command ~* '^GRANT (?:SELECT|READ) ON';
BEGIN
    IF NOT grants_objects AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
        PERFORM tnsd.refuse(1031, 'insufficient privileges');
    END IF;
    PERFORM tnsd.note(command);
    found := regexp_match(command, '^CREATE USER "?(\w+)"? IDENTIFIED BY "([^"]+)"(.*)$', 'i');
    IF found IS NOT NULL THEN
        PERFORM tnsd.create_user(lower(found[1]), found[2], found[3]);
        RETURN;
    END IF;
    found := regexp_match(command, '^ALTER USER "?(\w+)"?(?: IDENTIFIED BY "([^"]+)")?(.*)$', 'i');
    IF found IS NOT NULL THEN
        PERFORM tnsd.need_user(1918, found[1]);
        UPDATE tnsd.users SET password = coalesce(found[2], password), is_expired = is_expired AND found[2] IS NULL
          WHERE name = lower(found[1]);
        PERFORM tnsd.set_options(lower(found[1]), found[3]);
        RETURN;
    END IF;
    found := regexp_match(command, '^GRANT (?:SELECT|READ) ON "?([\w.$]+)"? TO (\w+)$', 'i');
    IF found IS NOT NULL THEN
        PERFORM tnsd.need_user(1917, found[2]), tnsd.grant_object(lower(found[1]), lower(found[2]));
        RETURN;
    END IF;
    found := regexp_match(command, '^GRANT ([\w ,]+) TO (\w+)$', 'i');
    IF found IS NOT NULL AND NOT grants_objects THEN
        PERFORM tnsd.need_user(1917, found[2]),
            tnsd.grant_rights(regexp_split_to_array(upper(found[1]), ' ?, ?'), lower(found[2]));
        RETURN;
    END IF;
    found := regexp_match(command, '^CREATE (?:OR REPLACE )?SYNONYM (\w+)\.(\w+) FOR ([\w.$]+)$', 'i');
    IF found IS NOT NULL THEN
        PERFORM tnsd.need_user(1917, found[1]),
            tnsd.create_synonym(lower(found[1]), lower(found[2]), lower(found[3]));
        RETURN;
    END IF;
    RAISE 'this listener does not know %', command USING ERRCODE = 'syntax_error';
END
$$;

-- What a role may do to its schema depends on its user's rights.
CREATE FUNCTION tnsd.check_right() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    rights text[];
    quotas text[];
BEGIN
    SELECT u.rights, u.quotas INTO rights, quotas FROM tnsd.users u WHERE u.name = session_user;
    IF NOT TG_TAG = ANY (rights) THEN
        PERFORM tnsd.refuse(1031, 'insufficient privileges');
    ELSIF TG_TAG = 'CREATE TABLE' AND quotas = '{}' THEN
        PERFORM tnsd.refuse(1950, 'no privileges on tablespace ''DATA''');
    END IF;
END
$$;
CREATE EVENT TRIGGER tnsd_rights ON ddl_command_start
    WHEN TAG IN ('CREATE TABLE', 'CREATE SEQUENCE', 'CREATE TRIGGER', 'CREATE VIEW')
    EXECUTE FUNCTION tnsd.check_right();

-- What everybody may read.

CREATE VIEW ora.all_users AS SELECT upper(name)::varchar(128) AS username FROM tnsd.users;
CREATE VIEW ora.user_tab_privs_made AS
    SELECT upper(r.rolname)::varchar(128) AS grantee, upper(c.relname)::varchar(128) AS table_name,
        'READ'::varchar(40) AS privilege
      FROM pg_class c, aclexplode(c.relacl) AS a JOIN pg_roles r ON r.oid = a.grantee
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'v') AND a.privilege_type = 'SELECT'
        AND a.grantee <> c.relowner;
CREATE VIEW ora.database_properties AS
    SELECT 'DEFAULT_PERMANENT_TABLESPACE'::varchar(128) AS property_name, 'DATA'::varchar(4000) AS property_value;

GRANT USAGE ON SCHEMA app, ora, oracle, sys, tnsd, dbms_session, dbms_sql, dbms_sql_translator, dbms_xplan, dbms_lob TO PUBLIC;
GRANT SELECT, INSERT ON tnsd.plans TO PUBLIC;
GRANT SELECT ON ora.user_tables, ora.session_roles, ora.all_users, ora.user_tab_privs_made, ora.database_properties,
    ora.nls_database_parameters, sys.nls_session_parameters TO PUBLIC;
