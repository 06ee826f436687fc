-- What the listener's statements find on PostgreSQL beside orafce: types that PostgreSQL does not
-- have or tell apart, operators that do as Oracle's, functions and packages. Run once in an empty
-- database, by a superuser. What tests create goes into the schema app.

CREATE EXTENSION orafce;
CREATE SCHEMA app;
CREATE SCHEMA ora;
SET search_path = ora, oracle, pg_catalog;

-- Types. Each is stored and shown as one of PostgreSQL's, by that one's own functions, but is
-- described to clients by a name of its own.

CREATE TYPE ora.date;
CREATE FUNCTION ora.date_in(cstring, oid, integer) RETURNS ora.date
    LANGUAGE internal STABLE STRICT AS 'timestamp_in';
CREATE FUNCTION ora.date_out(ora.date) RETURNS cstring LANGUAGE internal STABLE STRICT AS 'timestamp_out';
CREATE TYPE ora.date (INPUT = ora.date_in, OUTPUT = ora.date_out, LIKE = timestamp, CATEGORY = 'D');
CREATE CAST (ora.date AS timestamp) WITHOUT FUNCTION AS IMPLICIT;
CREATE FUNCTION ora.to_seconds(timestamp) RETURNS ora.date LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT date_trunc('second', $1)::text::ora.date $$;
CREATE CAST (timestamp AS ora.date) WITH FUNCTION to_seconds AS ASSIGNMENT;
CREATE FUNCTION ora.to_seconds(timestamptz) RETURNS ora.date LANGUAGE sql STABLE STRICT AS
    $$ SELECT to_seconds($1::timestamp) $$;
CREATE CAST (timestamptz AS ora.date) WITH FUNCTION to_seconds(timestamptz) AS ASSIGNMENT;

CREATE TYPE ora.local_time;
CREATE FUNCTION ora.local_time_in(cstring, oid, integer) RETURNS ora.local_time
    LANGUAGE internal STABLE STRICT AS 'timestamptz_in';
CREATE FUNCTION ora.local_time_out(ora.local_time) RETURNS cstring
    LANGUAGE internal STABLE STRICT AS 'timestamptz_out';
CREATE TYPE ora.local_time (INPUT = ora.local_time_in, OUTPUT = ora.local_time_out, LIKE = timestamptz, CATEGORY = 'D');
CREATE CAST (ora.local_time AS timestamptz) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (timestamptz AS ora.local_time) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE FUNCTION ora.to_local(timestamp) RETURNS ora.local_time LANGUAGE sql STABLE STRICT AS
    $$ SELECT $1::timestamptz::ora.local_time $$;
CREATE CAST (timestamp AS ora.local_time) WITH FUNCTION to_local AS ASSIGNMENT;
CREATE FUNCTION ora.to_local(ora.date) RETURNS ora.local_time LANGUAGE sql STABLE STRICT AS
    $$ SELECT $1::timestamp::timestamptz::ora.local_time $$;
CREATE CAST (ora.date AS ora.local_time) WITH FUNCTION to_local(ora.date) AS ASSIGNMENT;

CREATE TYPE ora.clob;
CREATE FUNCTION ora.clob_in(cstring) RETURNS ora.clob LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION ora.clob_out(ora.clob) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE ora.clob (INPUT = ora.clob_in, OUTPUT = ora.clob_out, LIKE = text, CATEGORY = 'S');
CREATE CAST (ora.clob AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (text AS ora.clob) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (varchar AS ora.clob) WITHOUT FUNCTION AS ASSIGNMENT;

CREATE TYPE ora.blob;
CREATE FUNCTION ora.blob_in(cstring) RETURNS ora.blob LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
CREATE FUNCTION ora.blob_out(ora.blob) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'byteaout';
CREATE TYPE ora.blob (INPUT = ora.blob_in, OUTPUT = ora.blob_out, LIKE = bytea);
CREATE CAST (ora.blob AS bytea) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (bytea AS ora.blob) WITHOUT FUNCTION AS ASSIGNMENT;

-- Where a row is: object and file are the same for all, block and row are PostgreSQL's.

CREATE TYPE ora.row_id;
CREATE FUNCTION ora.row_id_in(cstring) RETURNS ora.row_id LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION ora.row_id_out(ora.row_id) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE ora.row_id (INPUT = ora.row_id_in, OUTPUT = ora.row_id_out, LIKE = text, CATEGORY = 'S');
CREATE CAST (ora.row_id AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (text AS ora.row_id) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE FUNCTION ora.to_base_64(number bigint, digits integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT string_agg(pg_catalog.substr('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
                                        (number >> 6 * place & 63)::integer + 1, 1), '' ORDER BY place DESC)
        FROM generate_series(0, digits - 1) place
$$;
CREATE FUNCTION ora.rowid(tid) RETURNS ora.row_id LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT concat('AAAAABAAB', to_base_64(split_part(btrim($1::text, '()'), ',', 1)::bigint, 6),
                  to_base_64(split_part(btrim($1::text, '()'), ',', 2)::bigint, 3))::ora.row_id
$$;

-- Oracle takes a text for a number, and the reverse, where a value is assigned.

CREATE CAST (text AS numeric) WITH INOUT AS ASSIGNMENT;
CREATE CAST (varchar AS numeric) WITH INOUT AS ASSIGNMENT;
CREATE CAST (text AS ora.date) WITH INOUT AS ASSIGNMENT;
CREATE CAST (varchar AS ora.date) WITH INOUT AS ASSIGNMENT;

-- Numbers and times as texts.

CREATE FUNCTION ora.to_text(numeric) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT regexp_replace(trim_scale($1)::text, '^(-?)0\.', '\1.') $$;
CREATE FUNCTION ora.to_text(ora.date) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT upper(pg_catalog.to_char($1::timestamp, 'DD-MON-YY')) $$;

-- Concatenation, which takes NULL for a text of no characters and makes NULL of one.

CREATE FUNCTION ora.concat_texts(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT nullif(coalesce($1, '') OPERATOR(pg_catalog.||) coalesce($2, ''), '') $$;
CREATE FUNCTION ora.concat_texts(text, numeric) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT concat_texts($1, to_text($2)) $$;
CREATE FUNCTION ora.concat_texts(numeric, text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT concat_texts(to_text($1), $2) $$;
CREATE FUNCTION ora.concat_texts(numeric, numeric) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT concat_texts(to_text($1), to_text($2)) $$;
CREATE FUNCTION ora.concat_texts(text, ora.date) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT concat_texts($1, to_text($2)) $$;
CREATE OPERATOR ora.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = concat_texts);
CREATE OPERATOR ora.|| (LEFTARG = text, RIGHTARG = numeric, FUNCTION = concat_texts);
CREATE OPERATOR ora.|| (LEFTARG = numeric, RIGHTARG = text, FUNCTION = concat_texts);
CREATE OPERATOR ora.|| (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = concat_texts);
CREATE OPERATOR ora.|| (LEFTARG = text, RIGHTARG = ora.date, FUNCTION = concat_texts);

-- Division of whole numbers is exact.

CREATE FUNCTION ora.divide(integer, integer) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT $1::numeric / $2::numeric $$;
CREATE FUNCTION ora.divide(bigint, bigint) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT $1::numeric / $2::numeric $$;
CREATE OPERATOR ora./ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = divide);
CREATE OPERATOR ora./ (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = divide);

-- Days are what dates are reckoned in.

CREATE FUNCTION ora.add_days(ora.date, numeric) RETURNS ora.date LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT ($1::timestamp + interval '1 second' * round($2 * 86400))::ora.date $$;
CREATE FUNCTION ora.take_days(ora.date, numeric) RETURNS ora.date LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT add_days($1, -$2) $$;
CREATE FUNCTION ora.days_between(ora.date, ora.date) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT trim_scale(extract(epoch FROM $1::timestamp - $2::timestamp) / 86400) $$;
CREATE FUNCTION ora.add_days(ora.date, integer) RETURNS ora.date LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT add_days($1, $2::numeric) $$;
CREATE FUNCTION ora.take_days(ora.date, integer) RETURNS ora.date LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT add_days($1, -$2::numeric) $$;
CREATE OPERATOR ora.+ (LEFTARG = ora.date, RIGHTARG = numeric, FUNCTION = add_days);
CREATE OPERATOR ora.+ (LEFTARG = ora.date, RIGHTARG = integer, FUNCTION = add_days);
CREATE OPERATOR ora.- (LEFTARG = ora.date, RIGHTARG = numeric, FUNCTION = take_days);
CREATE OPERATOR ora.- (LEFTARG = ora.date, RIGHTARG = integer, FUNCTION = take_days);
CREATE OPERATOR ora.- (LEFTARG = ora.date, RIGHTARG = ora.date, FUNCTION = days_between);

CREATE FUNCTION ora.date_larger(ora.date, ora.date) RETURNS ora.date
    LANGUAGE internal IMMUTABLE STRICT AS 'timestamp_larger';
CREATE FUNCTION ora.date_smaller(ora.date, ora.date) RETURNS ora.date
    LANGUAGE internal IMMUTABLE STRICT AS 'timestamp_smaller';
CREATE AGGREGATE ora.max(ora.date) (SFUNC = date_larger, STYPE = ora.date);
CREATE AGGREGATE ora.min(ora.date) (SFUNC = date_smaller, STYPE = ora.date);

-- Functions that orafce has not, or has for other types only.

CREATE FUNCTION ora.sysdate() RETURNS ora.date LANGUAGE sql STABLE AS
    $$ SELECT to_seconds(statement_timestamp()::timestamp) $$;
CREATE FUNCTION ora.to_char(numeric) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT to_text($1) $$;
CREATE FUNCTION ora.to_char(ora.date, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT pg_catalog.to_char($1::timestamp, $2) $$;
CREATE FUNCTION ora.to_char(timestamp, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT pg_catalog.to_char($1, replace(upper($2), 'FF6', 'US')) $$;
CREATE FUNCTION ora.to_date(text, text) RETURNS ora.date LANGUAGE sql STABLE STRICT AS
    $$ SELECT to_seconds(pg_catalog.to_timestamp($1, $2)::timestamp) $$;
CREATE FUNCTION ora.to_timestamp(text, text) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
    $$ SELECT pg_catalog.to_timestamp($1, replace(upper($2), 'FF', 'US'))::timestamp $$;
CREATE FUNCTION ora.trunc(ora.date) RETURNS ora.date LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT date_trunc('day', $1::timestamp)::ora.date $$;
CREATE FUNCTION ora.add_months(ora.date, numeric) RETURNS ora.date LANGUAGE sql STABLE STRICT AS
    $$ SELECT oracle.add_months($1::timestamp::timestamptz, trunc($2)::integer)::ora.date $$;
CREATE FUNCTION ora.last_day(ora.date) RETURNS ora.date LANGUAGE sql STABLE STRICT AS
    $$ SELECT oracle.last_day($1::timestamp::timestamptz)::ora.date $$;
CREATE FUNCTION ora.substr(text, numeric, numeric) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT nullif(oracle.substr($1, trunc($2)::integer, trunc($3)::integer), '') $$;
CREATE FUNCTION ora.substr(text, numeric) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT nullif(oracle.substr($1, trunc($2)::integer), '') $$;
CREATE FUNCTION ora.hextoraw(text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT pg_catalog.decode($1, 'hex') $$;
CREATE FUNCTION ora.rawtohex(bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT upper(pg_catalog.encode($1, 'hex')) $$;
CREATE FUNCTION ora.sys_guid() RETURNS bytea LANGUAGE sql VOLATILE AS
    $$ SELECT uuid_send(gen_random_uuid()) $$;
CREATE FUNCTION ora.empty_clob() RETURNS ora.clob LANGUAGE sql IMMUTABLE AS $$ SELECT ''::ora.clob $$;
CREATE FUNCTION ora.empty_blob() RETURNS ora.blob LANGUAGE sql IMMUTABLE AS $$ SELECT ''::bytea::ora.blob $$;
CREATE FUNCTION ora.to_clob(text) RETURNS ora.clob LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::ora.clob $$;

-- IS JSON.

CREATE FUNCTION ora.is_json(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    PERFORM $1::json;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END
$$;
CREATE OPERATOR ora.@@@ (LEFTARG = text, RIGHTARG = text, FUNCTION = is_json);

-- Times of a server, which are UTC here.

CREATE FUNCTION ora.sys_extract_utc(timestamptz) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
    $$ SELECT $1 AT TIME ZONE 'UTC' $$;
CREATE FUNCTION ora.from_tz(timestamp, text) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS
    $$ SELECT $1 AT TIME ZONE $2::interval $$;
CREATE FUNCTION ora.numtodsinterval(numeric, text) RETURNS interval LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT $1::double precision * CASE upper($2) WHEN 'DAY' THEN interval '1 day' WHEN 'HOUR' THEN interval '1 hour'
                                     WHEN 'MINUTE' THEN interval '1 minute' WHEN 'SECOND' THEN interval '1 second' END $$;

-- What the listener was told of the session, and what PostgreSQL knows of it.

CREATE FUNCTION ora.sys_context(text, text) RETURNS text LANGUAGE sql STABLE STRICT AS
    $$ SELECT CASE upper($2) WHEN 'SESSION_USER' THEN upper(session_user) WHEN 'SID' THEN pg_backend_pid()::text
              ELSE nullif(current_setting('tag.' OPERATOR(pg_catalog.||) lower($2)), '') END
        WHERE upper($1) = 'USERENV' $$;
CREATE VIEW ora.session_roles AS
    SELECT rolname::varchar(128) AS role FROM pg_roles WHERE false;
CREATE VIEW ora.user_tables AS
    SELECT upper(tablename)::varchar(128) AS table_name, 'NO'::varchar(3) AS dropped FROM pg_tables WHERE schemaname = current_schema();

-- V$TRANSACTION: who has changed or locked something and is not through, by PostgreSQL alone, so that views of
-- the tests' own may stand on it. START_DATE is of the server's clock, which shows UTC here.

CREATE VIEW ora.v$transaction AS
    SELECT int4send(pid)::bytea AS addr, int4send(pid)::bytea AS ses_addr, 'ACTIVE'::varchar(16) AS status,
        pg_catalog.to_char(xact_start AT TIME ZONE 'UTC', 'MM/DD/YY HH24:MI:SS')::varchar(20) AS start_time,
        to_seconds(xact_start AT TIME ZONE 'UTC') AS start_date, backend_xid::text::numeric AS xidsqn
      FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL;
CREATE VIEW ora.open_transactions AS
    SELECT start_date::timestamp AS started_at FROM ora.v$transaction;

-- V$SESSION, V$SQL, V$PARAMETER: what the listener knows, handed over before each statement that asks for it
-- (views.h), and what PostgreSQL knows of transactions and locks.

CREATE VIEW ora.v$session AS
    WITH s AS MATERIALIZED (
        SELECT * FROM json_to_recordset(current_setting('tnsd.sessions')::json) AS list
            (sid integer, serial integer, pid integer, began bigint, ms bigint, active boolean, name text,
             client_identifier text, module text, action text, client_info text, program text, machine text,
             os_user text, sql_id text, prev_sql_id text))
    SELECT s.sid::numeric AS sid, s.serial::numeric AS "serial#", int4send(s.pid)::bytea AS saddr,
        upper(coalesce(nullif(s.name, ''), a.usename, session_user))::varchar(128) AS username, 'USER'::varchar(10) AS type,
        (CASE WHEN s.active THEN 'ACTIVE' ELSE 'INACTIVE' END)::varchar(8) AS status,
        nullif(s.module, '')::varchar(64) AS module, nullif(s.action, '')::varchar(64) AS action,
        nullif(s.client_identifier, '')::varchar(64) AS client_identifier,
        nullif(s.client_info, '')::varchar(64) AS client_info, nullif(s.program, '')::varchar(84) AS program,
        nullif(s.machine, '')::varchar(64) AS machine, nullif(s.os_user, '')::varchar(128) AS osuser,
        to_seconds(pg_catalog.to_timestamp(s.began) AT TIME ZONE 'UTC') AS logon_time,
        nullif(s.sql_id, '')::varchar(13) AS sql_id, nullif(s.prev_sql_id, '')::varchar(13) AS prev_sql_id,
        (CASE WHEN a.backend_xid IS NOT NULL THEN int4send(s.pid) END)::bytea AS taddr,
        (SELECT min(b.sid) FROM s b WHERE s.active AND b.pid = ANY (pg_blocking_pids(s.pid)))::numeric
            AS blocking_session,
        (CASE WHEN NOT s.active THEN 'Idle' WHEN a.wait_event_type = 'Lock' THEN 'Application' ELSE 'Other' END)
            ::varchar(64) AS wait_class,
        (CASE WHEN NOT s.active THEN 'SQL*Net message from client'
            WHEN a.wait_event_type = 'Lock' THEN 'enq: TX - row lock contention' ELSE 'latch free' END)
            ::varchar(64) AS event,
        (CASE WHEN NOT s.active OR a.wait_event_type = 'Lock' THEN 'WAITING' ELSE 'WAITED SHORT TIME' END)
            ::varchar(19) AS state,
        trunc(s.ms / 1000.0)::numeric AS last_call_et
    FROM s LEFT JOIN pg_stat_activity a ON a.pid = s.pid;

-- SQL_TEXT has a blank for a line break, as Oracle's has; SQL_FULLTEXT is the text as it was sent.
CREATE VIEW ora.v$sql AS
    SELECT s.sql_id::varchar(13) AS sql_id, left(translate(s.text, E'\n\r', '  '), 1000)::varchar(1000) AS sql_text,
        s.text::ora.clob AS sql_fulltext, 0::numeric AS child_number, s.command::numeric AS command_type,
        upper(coalesce(nullif(s.name, ''), session_user))::varchar(128) AS parsing_schema_name, nullif(s.module, '')::varchar(64) AS module,
        nullif(s.action, '')::varchar(64) AS action, s.parses::numeric AS parse_calls,
        s.executions::numeric AS executions, s.rows::numeric AS rows_processed, s.elapsed::numeric AS elapsed_time,
        (CASE WHEN s.active > 0 THEN to_seconds(pg_catalog.to_timestamp(s.active) AT TIME ZONE 'UTC') END)
            AS last_active_time
    FROM json_to_recordset(current_setting('tnsd.statements')::json) AS s
        (sql_id text, text text, command integer, name text, module text, action text, parses bigint,
         executions bigint, rows bigint, elapsed bigint, active bigint);

CREATE VIEW ora.v$parameter AS
    SELECT p.num::numeric AS num, p.name::varchar(80) AS name, p.type::numeric AS type, p.value::varchar(4000) AS value,
        p.value::varchar(4000) AS display_value, 'TRUE'::varchar(9) AS isdefault
    FROM json_to_recordset(current_setting('tnsd.parameters')::json) AS p (num integer, name text, type integer, value text);

-- What a session has unless it says otherwise, which drivers ask for.

CREATE SCHEMA sys;
CREATE VIEW sys.v_$session AS SELECT * FROM ora.v$session;
CREATE VIEW sys.v_$sql AS SELECT * FROM ora.v$sql;
CREATE VIEW sys.v_$parameter AS SELECT * FROM ora.v$parameter;
CREATE VIEW sys.v_$transaction AS SELECT * FROM ora.v$transaction;
CREATE VIEW sys.nls_session_parameters (parameter, value) AS
    VALUES ('NLS_LANGUAGE', 'AMERICAN'), ('NLS_TERRITORY', 'AMERICA'), ('NLS_CURRENCY', '$'),
           ('NLS_ISO_CURRENCY', 'AMERICA'), ('NLS_DUAL_CURRENCY', '$'), ('NLS_NUMERIC_CHARACTERS', '.,'),
           ('NLS_CALENDAR', 'GREGORIAN'), ('NLS_DATE_FORMAT', 'DD-MON-RR'), ('NLS_DATE_LANGUAGE', 'AMERICAN'),
           ('NLS_SORT', 'BINARY'), ('NLS_COMP', 'BINARY'), ('NLS_LENGTH_SEMANTICS', 'BYTE'),
           ('NLS_NCHAR_CONV_EXCP', 'FALSE'), ('NLS_TIME_FORMAT', 'HH.MI.SSXFF AM'),
           ('NLS_TIMESTAMP_FORMAT', 'DD-MON-RR HH.MI.SSXFF AM'), ('NLS_TIME_TZ_FORMAT', 'HH.MI.SSXFF AM TZR'),
           ('NLS_TIMESTAMP_TZ_FORMAT', 'DD-MON-RR HH.MI.SSXFF AM TZR');

CREATE VIEW ora.nls_database_parameters (parameter, value) AS
    VALUES ('NLS_CHARACTERSET', 'AL32UTF8'), ('NLS_NCHAR_CHARACTERSET', 'AL16UTF16');

-- Errors of a program's own, ORA-20000 to ORA-20999: O0000 to O0999.

CREATE FUNCTION ora.raise_application_error(numeric, text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF $1 NOT BETWEEN -20999 AND -20000 THEN
        RAISE 'error number argument to raise_application_error of % is out of range', $1 USING ERRCODE = 'O1000';
    END IF;
    RAISE '%', $2 USING ERRCODE = 'O' OPERATOR(pg_catalog.||) lpad((-$1 - 20000)::text, 4, '0');
END
$$;

-- Packages.

CREATE SCHEMA dbms_session;
CREATE FUNCTION dbms_session.sleep(numeric) RETURNS void LANGUAGE sql VOLATILE AS
    $$ SELECT pg_sleep($1::double precision) $$;

-- What a block gives by itself is noted until the transaction ends: names of portals, which the listener takes
-- (execution_block.c).
CREATE SCHEMA IF NOT EXISTS dbms_sql;
CREATE FUNCTION dbms_sql.return_result(refcursor) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT set_config('tnsd.results',
                      array_append(nullif(current_setting('tnsd.results', true), '')::text[], $1::text)::text, true)
$$;

-- A text's SQL_ID, reckoned by other means than the listener's own (sql_area.c).
CREATE SCHEMA dbms_sql_translator;
CREATE FUNCTION dbms_sql_translator.sql_id(text) RETURNS varchar LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    digits CONSTANT text := '0123456789abcdfghjkmnpqrstuvwxyz';
    digest bytea := pg_catalog.decode(md5(convert_to($1, 'UTF8') OPERATOR(pg_catalog.||) '\x00'::bytea), 'hex');
    number numeric := 0;
    id text := '';
    place integer;
BEGIN
    FOREACH place IN ARRAY ARRAY[11, 10, 9, 8, 15, 14, 13, 12] LOOP
        number := number * 256 + get_byte(digest, place);
    END LOOP;
    FOR i IN 1 .. 13 LOOP
        id := pg_catalog.substr(digits, (number % 32)::integer + 1, 1) OPERATOR(pg_catalog.||) id;
        number := div(number, 32);
    END LOOP;
    RETURN id;
END
$$;

CREATE SCHEMA dbms_lob;
CREATE FUNCTION dbms_lob.getlength(text) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT length($1)::numeric $$;
CREATE FUNCTION dbms_lob.getlength(bytea) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT octet_length($1)::numeric $$;

CREATE SCHEMA tnsd;

-- EXPLAIN PLAN and what shows the plan, each session's own.
CREATE TABLE tnsd.plans (
    session      integer NOT NULL DEFAULT pg_backend_pid(),
    statement_id text,
    made         timestamptz NOT NULL DEFAULT clock_timestamp(),
    lines        text[] NOT NULL
);

-- Plans the text for any values of its parameters: `kinds` has a t for each that is a text, a u for one of whatever type
-- PostgreSQL finds for it.
CREATE FUNCTION tnsd.explain(id text, command text, kinds text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    types text := nullif(replace(replace(array_to_string(string_to_array(kinds, NULL), ','), 't', 'varchar'), 'u', 'unknown'), '');
    found text;
    lines text[] := '{}';
BEGIN
    IF EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'tnsd_explained') THEN
        DEALLOCATE tnsd_explained; -- of one that was refused
    END IF;
    PERFORM set_config('plan_cache_mode', 'force_generic_plan', true);
    EXECUTE format('PREPARE tnsd_explained%s AS %s', '(' OPERATOR(pg_catalog.||) types OPERATOR(pg_catalog.||) ')', command);
    FOR found IN EXECUTE format('EXPLAIN (VERBOSE) EXECUTE tnsd_explained%s',
                                '(' OPERATOR(pg_catalog.||) regexp_replace(types, '[a-z]+', 'NULL', 'g') OPERATOR(pg_catalog.||) ')') LOOP
        lines := array_append(lines, found);
    END LOOP;
    DEALLOCATE tnsd_explained;
    INSERT INTO tnsd.plans (statement_id, lines) VALUES (id, lines);
END
$$;

CREATE SCHEMA dbms_xplan;
CREATE FUNCTION dbms_xplan.display(plan_table text, id text, format text) RETURNS TABLE (plan_table_output varchar(300))
    LANGUAGE sql STABLE AS $$
    WITH newest AS (
        SELECT lines FROM tnsd.plans WHERE session = pg_backend_pid() AND (id IS NULL OR statement_id = id)
         ORDER BY made DESC LIMIT 1)
    SELECT format('Plan hash value: %s', abs(hashtext(lines::text)::bigint)) FROM newest
    UNION ALL SELECT ' ' FROM newest
    UNION ALL SELECT unnest(lines) FROM newest
    UNION ALL SELECT format('Error: cannot fetch plan for statement_id %L', id) WHERE NOT EXISTS (SELECT FROM newest)
$$;

-- The listener's own: the connection ends, and nobody is told why.

CREATE FUNCTION tnsd.cut() RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER AS
    $$ SELECT pg_terminate_backend(pg_backend_pid()) $$;

-- Whoever asks has them, and they are noted no more.
CREATE FUNCTION tnsd.take_results() RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    taken text[] := nullif(current_setting('tnsd.results', true), '')::text[];
BEGIN
    PERFORM set_config('tnsd.results', '', true);
    RETURN QUERY SELECT unnest(taken);
END
$$;
