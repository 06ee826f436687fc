-- Figures over all that a service holds, for those who look at it each day. What was cancelled, refunded or
-- has failed brought nothing.

-- name: overview
-- How many there are of each, and what was sold.
-- columns: customers int, orders int, revenue money, products int, campaigns int, active_campaigns int,
--   shipments int, in_transit int, leads int
SELECT (SELECT COUNT(*) FROM customers) AS customers,
       (SELECT COUNT(*) FROM orders) AS orders,
       (SELECT COALESCE(SUM(total), 0) FROM orders
         WHERE status NOT IN ('cancelled', 'refunded', 'failed')) AS revenue,
       (SELECT COUNT(*) FROM products WHERE is_active = 1) AS products,
       (SELECT COUNT(*) FROM campaigns) AS campaigns,
       (SELECT COUNT(*) FROM campaigns WHERE status = 'active') AS active_campaigns,
       (SELECT COUNT(*) FROM shipments) AS shipments,
       (SELECT COUNT(*) FROM shipments WHERE status IN ('shipped', 'in_transit')) AS in_transit,
       (SELECT COUNT(*) FROM leads) AS leads

-- name: orders_by_status
-- How many orders have each status, and what they are worth.
-- columns: status text, orders int, worth money
SELECT status, COUNT(*) AS orders, SUM(total) AS worth
  FROM orders
 GROUP BY status
 ORDER BY status

-- name: orders_recent
-- The last orders, with whose they are.
-- params: most int
-- columns: id int, customer_name text?, company text0?, total money, status text, created_at time
SELECT o.id, c.name AS customer_name, c.company, o.total, o.status, o.created_at
  FROM (SELECT id, customer_id, total, status, created_at
          FROM orders
         ORDER BY id DESC
         LIMIT :most) o
  LEFT JOIN customers c ON c.id = o.customer_id
 ORDER BY o.id DESC

-- name: customers_best
-- Those who bought most.
-- params: most int
-- columns: id int, name text, company text0?, orders int, worth money
SELECT c.id, c.name, c.company, b.orders, b.worth
  FROM (SELECT customer_id, COUNT(*) AS orders, SUM(total) AS worth
          FROM orders
         WHERE customer_id IS NOT NULL AND status NOT IN ('cancelled', 'refunded', 'failed')
         GROUP BY customer_id
         ORDER BY worth DESC, customer_id
         LIMIT :most) b
  JOIN customers c ON c.id = b.customer_id
 ORDER BY b.worth DESC, c.id
