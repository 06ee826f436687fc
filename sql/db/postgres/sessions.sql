-- The sessions as the server tells of them, see src/db/postgres/sessions.c.

-- name: server_sessions
-- All of this role in this database. The server cuts texts at a limit of bytes, before the character
-- that would cross it: at most three bytes earlier.
-- columns: sid int, state text, state_ms int, module text0, client_identifier text0, text text0,
--     is_cut bool, waits_for text0, blocked_by text0
SELECT pid::bigint AS sid,
  CASE WHEN state = 'active' AND wait_event_type = 'Lock' THEN 'waiting'
    WHEN state = 'idle in transaction' THEN 'in transaction'
    WHEN state = 'idle in transaction (aborted)' THEN 'aborted'
    WHEN state IN ('active', 'idle') THEN state ELSE 'other' END AS state,
  coalesce((extract(epoch FROM clock_timestamp() - state_change) * 1000)::bigint, 0) AS state_ms,
  split_part(application_name, ' ', 1) AS module,
  split_part(application_name, ' ', 2) AS client_identifier,
  coalesce(query, '') AS text,
  coalesce(octet_length(query) + 4
    > pg_size_bytes(current_setting('track_activity_query_size')), false) AS is_cut,
  CASE WHEN state = 'active' AND wait_event_type <> 'Client'
    THEN wait_event_type || ':' || wait_event ELSE '' END AS waits_for,
  CASE WHEN state = 'active' AND wait_event_type = 'Lock'
    THEN array_to_string(pg_blocking_pids(pid), ',') ELSE '' END AS blocked_by
FROM pg_stat_activity
WHERE usename = current_user AND datname = current_database() AND backend_type = 'client backend'
ORDER BY state = 'idle', state_change, pid
