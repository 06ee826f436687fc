-- What a connection is opened with, see src/db/postgres/fit.c. Sent without being prepared: a session
-- that a pooler shares would keep it.

-- name: octo_ask_server
-- Which session of which server is it?
-- columns: pid int, version text, version_number text, encoding text, is_standby bool,
--     is_read_only text, datetimes text, client_port int
SELECT pg_backend_pid(), current_setting('server_version'), current_setting('server_version_num'),
    current_setting('server_encoding'), pg_is_in_recovery(),
    current_setting('default_transaction_read_only'), current_setting('integer_datetimes'),
    coalesce(inet_client_port(), 0)

-- name: octo_empty_session
-- Takes away what an earlier user of a pooler's session may have left.
DISCARD ALL

-- name: octo_set_session
-- Sets the session up, where a pooler kept what was said at the start to itself; both are lists as
-- the server writes arrays.
-- params: names text, settings text
-- columns: count int
SELECT count(set_config(name, value, false)) FROM unnest(:names::text[], :settings::text[]) AS s (name, value)

-- name: octo_pooler_listen
-- The session that is idle hears what the other says, where it is kept for us.
LISTEN octo_pooler_check

-- name: octo_pooler_notify
-- The other session says the word.
-- params: word text
-- columns: pid int, said text0
SELECT pg_backend_pid(), pg_notify('octo_pooler_check', :word)

-- name: octo_pgpool_version
-- Pgpool-II alone answers this.
SHOW pool_version
