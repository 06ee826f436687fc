-- What the shop's page at / shows of its rows: nobody's name.

-- name: home_orders
-- The last orders, each with the trace of the request that placed it.
-- params: limit int
-- columns: id int, created_at time, status text, total money, correlation_id text?
SELECT id, created_at, status, total, correlation_id
  FROM orders
 ORDER BY id DESC
 LIMIT :limit
