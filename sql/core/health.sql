-- What the observability routes of both services ask.

-- name: db_ping
-- The shortest way to the database and back.
-- columns: one int
SELECT 1 AS one

-- name: db_store
-- Stores something new, to see whether anything can be stored: an idempotency key of nobody's, whose
-- time is over at once.
-- params: body text0, now now
INSERT INTO idempotency_keys (scope, key, request_hash, body, created_at, expires_at)
VALUES (' ready', 'probe', '0', :body, :now, :now)
ON CONFLICT (scope, key) DO UPDATE
   SET body = excluded.body, created_at = excluded.created_at, expires_at = excluded.expires_at

-- name: db_file
-- How many bytes of the file hold something, and how many nothing; a file takes those first when it
-- stores more. A server has no such file.
-- columns: held int, free int
-- sqlite:
SELECT (pages.page_count - spare.freelist_count) * size.page_size AS held,
       spare.freelist_count * size.page_size AS free
  FROM pragma_page_count AS pages, pragma_freelist_count AS spare, pragma_page_size AS size
-- postgres:
SELECT 0 AS held, 0 AS free

-- name: core_counts
-- How many rows the core tables hold.
-- columns: customers int, products int, orders int, shipments int, warehouses int, campaigns int,
--   leads int, page_views int, users int
SELECT (SELECT count(*) FROM customers) AS customers,
       (SELECT count(*) FROM products WHERE is_active = 1) AS products,
       (SELECT count(*) FROM orders) AS orders,
       (SELECT count(*) FROM shipments) AS shipments,
       (SELECT count(*) FROM warehouses) AS warehouses,
       (SELECT count(*) FROM campaigns) AS campaigns,
       (SELECT count(*) FROM leads) AS leads,
       (SELECT count(*) FROM page_views) AS page_views,
       (SELECT count(*) FROM users) AS users

-- name: role_look
-- As whom we are signed in to the database: somebody who may do everything, or who may neither use the
-- service's schema, if there is one, nor make it? A file has no roles.
-- columns: role text, is_superuser bool, has_schema bool
-- postgres:
SELECT CAST(rolname AS text) AS role, rolsuper AS is_superuser,
       current_schema() IS NOT NULL OR has_database_privilege(current_database(), 'CREATE')
           AS has_schema
  FROM pg_roles
 WHERE rolname = current_user
-- sqlite:
SELECT 'nobody' AS role, 0 AS is_superuser, 1 AS has_schema
-- oracle:
SELECT SYS_CONTEXT('USERENV', 'SESSION_USER') AS role,
       CASE WHEN EXISTS (SELECT 1 FROM session_roles WHERE role = 'DBA') THEN 1 ELSE 0 END
           AS is_superuser,
       1 AS has_schema
  FROM dual
