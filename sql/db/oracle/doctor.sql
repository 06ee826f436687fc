-- What `octo doctor` asks, see src/db/oracle/diagnose.c.

-- name: doctor_database
-- Its character sets.
-- columns: characters text0, national text0
SELECT max(CASE WHEN n.parameter = 'NLS_CHARACTERSET' THEN n.value END) AS characters,
  max(CASE WHEN n.parameter = 'NLS_NCHAR_CHARACTERSET' THEN n.value END) AS national
FROM nls_database_parameters n

-- name: doctor_clock
-- The time there, in UTC, the zone of the server's machine, the database's and the session's.
-- columns: now time, machine text, database text, session_zone text
SELECT SYS_EXTRACT_UTC(SYSTIMESTAMP) AS now, TO_CHAR(SYSTIMESTAMP, 'TZH:TZM') AS machine,
  dbtimezone AS database, sessiontimezone AS session_zone
FROM dual

-- name: doctor_limits
-- What the server allows.
-- columns: sessions int?, open_cursors int?
SELECT TO_NUMBER(max(CASE WHEN p.name = 'sessions' THEN p.value END)) AS sessions,
  TO_NUMBER(max(CASE WHEN p.name = 'open_cursors' THEN p.value END)) AS open_cursors
FROM v$parameter p

-- name: doctor_sessions
-- How many there are, of all users.
-- columns: taken int
SELECT count(*) AS taken FROM v$session

-- name: doctor_statements
-- What V$SQL has of this user's.
-- columns: sql_id text, text text
SELECT s.sql_id AS sql_id, s.sql_fulltext AS text
FROM v$sql s
WHERE s.parsing_schema_name = USER
