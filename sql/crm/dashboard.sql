-- What the portal's dashboard tells besides orders.

-- name: crm_dashboard
-- How many customers there are, and tickets that wait for somebody.
-- columns: customers int, open_tickets int
SELECT (SELECT COUNT(*) FROM customers) AS customers,
       (SELECT COUNT(*) FROM support_tickets WHERE status IN ('open', 'in_progress')) AS open_tickets

-- name: tickets_by_status
-- How many tickets have each status.
-- columns: status text, tickets int
SELECT status, COUNT(*) AS tickets FROM support_tickets GROUP BY status ORDER BY status

-- name: invoices_by_status
-- How many invoices have each status, and what is asked for by them.
-- params: now now
-- columns: status text, invoices int, worth money
SELECT i.status, COUNT(*) AS invoices, SUM(i.worth) AS worth
  FROM (SELECT CASE WHEN status NOT IN ('unpaid', 'pending', 'overdue') THEN status
                    WHEN due_date < :now THEN 'overdue'
                    WHEN status = 'overdue' THEN 'unpaid'
                    ELSE status END AS status,
               amount + tax AS worth
          FROM invoices) i
 GROUP BY i.status
 ORDER BY i.status

-- name: revenue_by_day
-- Orders and what they are worth since then, by day (UTC) and by whether they came from the shop; days
-- without any are left out. What was cancelled, refunded or has failed is no revenue.
-- params: since time
-- columns: sold_on text, is_from_shop int, orders int, revenue money
-- sqlite:
SELECT o.sold_on, o.is_from_shop, COUNT(*) AS orders, SUM(o.total) AS revenue
  FROM (SELECT strftime('%Y-%m-%d', created_at / 1000000, 'unixepoch') AS sold_on, total,
               source_order_id IS NOT NULL AS is_from_shop
          FROM orders
         WHERE created_at >= :since AND status NOT IN ('cancelled', 'refunded', 'failed')) o
 GROUP BY o.sold_on, o.is_from_shop
 ORDER BY o.sold_on, o.is_from_shop
-- postgres:
SELECT o.sold_on, o.is_from_shop, COUNT(*) AS orders, SUM(o.total) AS revenue
  FROM (SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS sold_on, total,
               CASE WHEN source_order_id IS NULL THEN 0 ELSE 1 END AS is_from_shop
          FROM orders
         WHERE created_at >= :since AND status NOT IN ('cancelled', 'refunded', 'failed')) o
 GROUP BY o.sold_on, o.is_from_shop
 ORDER BY o.sold_on, o.is_from_shop
-- oracle:
SELECT o.sold_on, o.is_from_shop, COUNT(*) AS orders, SUM(o.total) AS revenue
  FROM (SELECT TO_CHAR(created_at, 'YYYY-MM-DD') AS sold_on, total,
               CASE WHEN source_order_id IS NULL THEN 0 ELSE 1 END AS is_from_shop
          FROM orders
         WHERE created_at >= :since AND status NOT IN ('cancelled', 'refunded', 'failed')) o
 GROUP BY o.sold_on, o.is_from_shop
 ORDER BY o.sold_on, o.is_from_shop

-- name: revenue_by_region
-- What was sold by where it goes, the region that brings most first. An order goes where its first parcel
-- does; one without any goes nowhere yet.
-- params: most int
-- columns: destination_region text?, orders int, revenue money, shipping_cost money
SELECT s.destination_region, COUNT(*) AS orders, SUM(o.total) AS revenue,
       SUM(o.shipping_cost) AS shipping_cost
  FROM orders o
  LEFT JOIN shipments s
    ON s.id = (SELECT MIN(f.id) FROM shipments f WHERE f.order_id = o.id)
 WHERE o.status NOT IN ('cancelled', 'refunded', 'failed')
 GROUP BY s.destination_region
 ORDER BY revenue DESC, s.destination_region
 LIMIT :most
