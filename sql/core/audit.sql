-- The audit trail. Rows are only ever added.

-- name: audit_insert
-- One request or business event.
-- params: user_id int?, username text?, action text, resource_name text?, details text?,
--   http_method text0, route text0, http_status int?, duration int?, ip_address text0?,
--   user_agent text0?, trace_id text, created_at time
INSERT INTO audit_logs
       (user_id, username, action, resource_name, details, http_method, route, http_status,
        duration_us, ip_address, user_agent, trace_id, created_at)
VALUES (:user_id, :username, :action, :resource_name, :details, :http_method, :route, :http_status,
        :duration, :ip_address, :user_agent, :trace_id, :created_at)

-- name: audit_counts
-- How many entries there are and how many are younger than `since`. Ids grow with
-- time and have no gaps, so both numbers come from the ends of the table. (On PostgreSQL a batch that
-- is rolled back leaves a gap: there the numbers may be a little high.)
-- params: since time
-- columns: total int, recent int
SELECT coalesce((SELECT max(id) FROM audit_logs) - (SELECT min(id) FROM audit_logs) + 1, 0) AS total,
       coalesce((SELECT max(id) FROM audit_logs)
                - coalesce((SELECT id FROM audit_logs
                             WHERE created_at <= :since
                             ORDER BY id DESC LIMIT 1),
                           (SELECT min(id) FROM audit_logs) - 1), 0) AS recent

-- name: audit_months
-- The months that have entries, each with its first and its last one.
-- columns: month text, entries int, first_at time, last_at time
-- sqlite:
SELECT strftime('%Y-%m', created_at / 1000000, 'unixepoch') AS month, count(*) AS entries,
       min(created_at) AS first_at, max(created_at) AS last_at
  FROM audit_logs
 GROUP BY month
 ORDER BY month
-- postgres:
SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS entries,
       min(created_at) AS first_at, max(created_at) AS last_at
  FROM audit_logs
 GROUP BY month
 ORDER BY month
-- oracle:
SELECT TO_CHAR(created_at, 'YYYY-MM') AS month, count(*) AS entries,
       min(created_at) AS first_at, max(created_at) AS last_at
  FROM audit_logs
 GROUP BY TO_CHAR(created_at, 'YYYY-MM')
 ORDER BY month

-- name: audit_export
-- Entries between two times, by id, from the one after `after` on.
-- params: after int, since time, until time, most int
-- columns: id int, user_id int?, username text?, action text, resource_name text?, details text?,
--   http_method text0?, route text0?, http_status int?, duration_us int?, ip_address text0?,
--   user_agent text0?, trace_id text?, created_at time
SELECT id, user_id, username, action, resource_name, details, http_method, route, http_status,
       duration_us, ip_address, user_agent, trace_id, created_at
  FROM audit_logs
 WHERE id > :after AND created_at >= :since AND created_at < :until
 ORDER BY id
 LIMIT :most

-- name: audit_newest
-- A page of entries, the newest first; each filter may be left out. Positions of pages are told in
-- service/listing.h.
-- params: action text?, username text?, since time?, id int, most int
-- columns: id int, user_id int?, username text?, action text, resource_name text?, details text?,
--   http_method text0?, route text0?, http_status int?, duration_us int?, ip_address text0?,
--   user_agent text0?, trace_id text?, created_at time
SELECT id, user_id, username, action, resource_name, details, http_method, route, http_status,
       duration_us, ip_address, user_agent, trace_id, created_at
  FROM audit_logs
 WHERE id < :id
   AND (:action IS NULL OR action = :action)
   AND (:username IS NULL OR username = :username)
   AND (:since IS NULL OR created_at >= :since)
 ORDER BY id DESC
 LIMIT :most

-- name: audit_last
-- The id of the youngest entry, 0 where there is none.
-- columns: id int
SELECT coalesce(max(id), 0) AS id FROM audit_logs

-- name: audit_drop_open
-- Says that everything from before `until`, the beginning of a month, is dropped in this transaction.
-- params: until time
INSERT INTO audit_drops (until) VALUES (:until)

-- name: audit_drop_close
-- Nothing more is dropped.
DELETE FROM audit_drops

-- name: audit_drop_rows
-- Drops at most `most` entries from before `until`, the oldest first, none of them younger than `last`. A
-- file alone is emptied row by row, and Oracle; on PostgreSQL periods are tables.
-- params: until time, last int, most int
DELETE FROM audit_logs
 WHERE id IN (SELECT id FROM audit_logs ORDER BY id LIMIT :most)
   AND id <= :last AND created_at < :until

-- name: audit_drop_periods
-- Drops the periods that end by `until`. A file has none, and Oracle's table is one.
-- params: until time
-- columns: entries int
-- postgres:
SELECT audit_periods_drop(:until) AS entries
-- sqlite:
SELECT :until - :until AS entries
-- oracle:
SELECT 0 AS entries FROM dual WHERE :until IS NOT NULL

-- name: audit_make_periods
-- Makes the periods that come next, where there are any.
-- columns: made int
-- postgres:
SELECT audit_periods_make() AS made
-- sqlite:
SELECT 0 AS made
-- oracle:
SELECT 0 AS made FROM dual
