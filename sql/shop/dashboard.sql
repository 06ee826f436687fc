-- What the shop's dashboard tells besides orders, and which products attackers look at.

-- name: shop_dashboard
-- How many customers and companies, products and tickets there are; stock below ten is low.
-- columns: customers int, companies int, products int, low_stock int, tickets int, open_tickets int,
--   backlog int
SELECT (SELECT COUNT(*) FROM customers) AS customers,
       (SELECT COUNT(DISTINCT company) FROM customers) AS companies,
       (SELECT COUNT(*) FROM products WHERE is_active = 1) AS products,
       (SELECT COUNT(*) FROM products WHERE is_active = 1 AND stock < 10) AS low_stock,
       (SELECT COUNT(*) FROM tickets) AS tickets,
       (SELECT COUNT(*) FROM tickets WHERE status IN ('open', 'in_progress')) AS open_tickets,
       (SELECT COUNT(*) FROM orders WHERE status IN ('pending', 'queued', 'processing')) AS backlog

-- name: security_correlations
-- Attacks by kind, severity and product, the most frequent first, with what was ordered of that product.
-- params: since time?, most int
-- columns: attack_type text, severity text, product_id int?, product_name text?, sku text?, events int,
--   last_seen time, units int, worth money
SELECT e.attack_type, e.severity, e.product_id, p.name AS product_name, p.sku, e.events, e.last_seen,
       (SELECT COALESCE(SUM(i.quantity), 0) FROM order_items i WHERE i.product_id = e.product_id)
           AS units,
       (SELECT COALESCE(SUM(i.quantity * i.unit_price), 0) FROM order_items i
         WHERE i.product_id = e.product_id) AS worth
  FROM (SELECT attack_type, severity, product_id, COUNT(*) AS events, MAX(created_at) AS last_seen
          FROM security_events
         WHERE :since IS NULL OR created_at >= :since
         GROUP BY attack_type, severity, product_id
         ORDER BY events DESC, last_seen DESC
         LIMIT :most) e
  LEFT JOIN products p ON p.id = e.product_id
 ORDER BY e.events DESC, e.last_seen DESC

-- name: security_coverage
-- Products that attacks were about, those of the most first, with how often they were ordered.
-- params: since time?, most int
-- columns: id int, name text, sku text, events int, order_lines int, units int
SELECT p.id, p.name, p.sku, e.events,
       (SELECT COUNT(*) FROM order_items i WHERE i.product_id = p.id) AS order_lines,
       (SELECT COALESCE(SUM(i.quantity), 0) FROM order_items i WHERE i.product_id = p.id) AS units
  FROM (SELECT product_id, COUNT(*) AS events
          FROM security_events
         WHERE product_id IS NOT NULL AND (:since IS NULL OR created_at >= :since)
         GROUP BY product_id
         ORDER BY events DESC, product_id
         LIMIT :most) e
  JOIN products p ON p.id = e.product_id
 ORDER BY e.events DESC, p.id
