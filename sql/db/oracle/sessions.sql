-- The sessions as the server tells of them, see src/db/oracle/sessions.c.

-- name: server_sessions
-- All of this user, of all processes that sign in as it. One that reads a snapshot is idle to the server between
-- two statements: only changes have a transaction there.
-- columns: sid int, state text, state_ms int, module text0, client_identifier text0, sql_id text0,
--     waits_for text0, blocked_by text0
SELECT s.sid AS sid,
  CASE WHEN s.status = 'ACTIVE' AND s.blocking_session IS NOT NULL THEN 'waiting'
    WHEN s.status = 'ACTIVE' THEN 'active'
    WHEN s.status = 'INACTIVE' AND s.taddr IS NOT NULL THEN 'in transaction'
    WHEN s.status = 'INACTIVE' THEN 'idle' ELSE 'other' END AS state,
  s.last_call_et * 1000 AS state_ms, s.module AS module,
  s.client_identifier AS client_identifier, NVL(s.sql_id, s.prev_sql_id) AS sql_id,
  CASE WHEN s.state = 'WAITING' AND s.wait_class <> 'Idle'
    THEN s.wait_class || ':' || s.event END AS waits_for,
  TO_CHAR(s.blocking_session) AS blocked_by
FROM v$session s
WHERE s.username = USER
ORDER BY s.status, s.last_call_et, s.sid
