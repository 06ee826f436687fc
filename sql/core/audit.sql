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
-- time and have no gaps, so both numbers come from the end of the table. (On PostgreSQL a batch that
-- is rolled back leaves a gap: there the numbers may be a little high.)
-- params: since time
-- columns: total int, recent int
SELECT coalesce(max(id), 0) AS total,
       coalesce(max(id), 0) - coalesce((SELECT id FROM audit_logs
                                         WHERE created_at <= :since
                                         ORDER BY id DESC LIMIT 1), 0) AS recent
  FROM audit_logs
