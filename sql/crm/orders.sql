-- Orders as the portal lists them, one of them in full, and the change of a status.

-- row: order_brief
-- An order as lists show it.
-- columns: id int, customer_id int?, customer_name text?, customer_email text?, total money,
--   status text, source_system text, source_order_id int?, sync_status text, backlog_status text,
--   correlation_id text?, last_synced_at time?, created_at time

-- name: order_page
-- Orders, newest first. Read backwards along the key until the page is full.
-- params: source_system text?, backlog_only bool, limit int, offset int
-- columns: order_brief.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.source_system, o.source_order_id, o.sync_status, o.backlog_status, o.correlation_id,
       o.last_synced_at, o.created_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE (:source_system IS NULL OR o.source_system = :source_system)
   AND (NOT :backlog_only OR o.backlog_status = 'backlog')
 ORDER BY o.id DESC
 LIMIT :limit OFFSET :offset

-- name: order_count
-- How many orders there are.
-- columns: count.*
SELECT COUNT(*) AS total FROM orders

-- name: order_count_filtered
-- How many orders order_page finds.
-- params: source_system text?, backlog_only bool
-- columns: count.*
SELECT COUNT(*) AS total
  FROM orders
 WHERE (:source_system IS NULL OR source_system = :source_system)
   AND (NOT :backlog_only OR backlog_status = 'backlog')

-- name: order_search
-- Orders that are found by what somebody types, newest first: their customer's name or e-mail is like
-- `pattern` (small letters, `!` escapes), or they have that number, here or in the shop. Row by row:
-- a piece of a text has no index.
-- params: pattern text, number int?, customer_id int?, status text?, sync_status text?,
--   source_system text?, backlog_only bool, limit int, offset int
-- columns: order_brief.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.source_system, o.source_order_id, o.sync_status, o.backlog_status, o.correlation_id,
       o.last_synced_at, o.created_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE (lower(c.name) LIKE :pattern ESCAPE '!' OR c.email LIKE :pattern ESCAPE '!'
        OR o.id = :number OR o.source_order_id = :number)
   AND (:customer_id IS NULL OR o.customer_id = :customer_id)
   AND (:status IS NULL OR o.status = :status)
   AND (:sync_status IS NULL OR o.sync_status = :sync_status)
   AND (:source_system IS NULL OR o.source_system = :source_system)
   AND (NOT :backlog_only OR o.backlog_status = 'backlog')
 ORDER BY o.id DESC
 LIMIT :limit OFFSET :offset

-- name: order_search_count
-- How many orders order_search finds.
-- params: pattern text, number int?, customer_id int?, status text?, sync_status text?,
--   source_system text?, backlog_only bool
-- columns: count.*
SELECT COUNT(*) AS total
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE (lower(c.name) LIKE :pattern ESCAPE '!' OR c.email LIKE :pattern ESCAPE '!'
        OR o.id = :number OR o.source_order_id = :number)
   AND (:customer_id IS NULL OR o.customer_id = :customer_id)
   AND (:status IS NULL OR o.status = :status)
   AND (:sync_status IS NULL OR o.sync_status = :sync_status)
   AND (:source_system IS NULL OR o.source_system = :source_system)
   AND (NOT :backlog_only OR o.backlog_status = 'backlog')

-- name: order_page_of_customer
-- One customer's orders, newest first.
-- params: customer_id int, status text?, sync_status text?, source_system text?,
--   backlog_only bool, limit int, offset int
-- columns: order_brief.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.source_system, o.source_order_id, o.sync_status, o.backlog_status, o.correlation_id,
       o.last_synced_at, o.created_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.customer_id = :customer_id
   AND (:status IS NULL OR o.status = :status)
   AND (:sync_status IS NULL OR o.sync_status = :sync_status)
   AND (:source_system IS NULL OR o.source_system = :source_system)
   AND (NOT :backlog_only OR o.backlog_status = 'backlog')
 ORDER BY o.id DESC
 LIMIT :limit OFFSET :offset

-- name: order_count_of_customer
-- How many orders order_page_of_customer finds.
-- params: customer_id int, status text?, sync_status text?, source_system text?,
--   backlog_only bool
-- columns: count.*
SELECT COUNT(*) AS total
  FROM orders
 WHERE customer_id = :customer_id
   AND (:status IS NULL OR status = :status)
   AND (:sync_status IS NULL OR sync_status = :sync_status)
   AND (:source_system IS NULL OR source_system = :source_system)
   AND (NOT :backlog_only OR backlog_status = 'backlog')

-- name: order_page_of_status
-- Orders of one status, newest first.
-- params: status text, sync_status text?, source_system text?, backlog_only bool, limit int,
--   offset int
-- columns: order_brief.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.source_system, o.source_order_id, o.sync_status, o.backlog_status, o.correlation_id,
       o.last_synced_at, o.created_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.status = :status
   AND (:sync_status IS NULL OR o.sync_status = :sync_status)
   AND (:source_system IS NULL OR o.source_system = :source_system)
   AND (NOT :backlog_only OR o.backlog_status = 'backlog')
 ORDER BY o.id DESC
 LIMIT :limit OFFSET :offset

-- name: order_count_of_status
-- How many orders order_page_of_status finds.
-- params: status text, sync_status text?, source_system text?, backlog_only bool
-- columns: count.*
SELECT COUNT(*) AS total
  FROM orders
 WHERE status = :status
   AND (:sync_status IS NULL OR sync_status = :sync_status)
   AND (:source_system IS NULL OR source_system = :source_system)
   AND (NOT :backlog_only OR backlog_status = 'backlog')

-- name: order_page_of_sync_status
-- Orders in one state of their synchronisation, newest first.
-- params: sync_status text, source_system text?, backlog_only bool, limit int, offset int
-- columns: order_brief.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.source_system, o.source_order_id, o.sync_status, o.backlog_status, o.correlation_id,
       o.last_synced_at, o.created_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.sync_status = :sync_status
   AND (:source_system IS NULL OR o.source_system = :source_system)
   AND (NOT :backlog_only OR o.backlog_status = 'backlog')
 ORDER BY o.id DESC
 LIMIT :limit OFFSET :offset

-- name: order_count_of_sync_status
-- How many orders order_page_of_sync_status finds.
-- params: sync_status text, source_system text?, backlog_only bool
-- columns: count.*
SELECT COUNT(*) AS total
  FROM orders
 WHERE sync_status = :sync_status
   AND (:source_system IS NULL OR source_system = :source_system)
   AND (NOT :backlog_only OR backlog_status = 'backlog')

-- name: order_page_of_backlog
-- The backlog, newest first, by its own index.
-- params: limit int, offset int
-- columns: order_brief.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.source_system, o.source_order_id, o.sync_status, o.backlog_status, o.correlation_id,
       o.last_synced_at, o.created_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.backlog_status = 'backlog'
 ORDER BY o.created_at DESC, o.id DESC
 LIMIT :limit OFFSET :offset

-- name: order_count_of_backlog
-- How many orders are in backlog.
-- columns: count.*
SELECT COUNT(*) AS total FROM orders WHERE backlog_status = 'backlog'

-- name: order_by_id
-- One order with its customer and its newest shipment.
-- params: id int
-- columns: order_brief.*, notes text0?, shipping_address text0?, sync_error text0?,
--   source_payload text?
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.source_system, o.source_order_id, o.sync_status, o.backlog_status, o.correlation_id,
       o.last_synced_at, o.created_at, o.notes, o.shipping_address, o.sync_error,
       o.source_payload
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.id = :id

-- name: order_lines
-- The lines of an order, with the product's present name where the line keeps none.
-- params: order_id int
-- columns: id int, product_id int?, product_name text?, sku text?, category text?, quantity int,
--   unit_price money
SELECT i.id, i.product_id, COALESCE(i.product_name, p.name) AS product_name,
       COALESCE(i.sku, p.sku) AS sku, p.category, i.quantity, i.unit_price
  FROM order_items i
  LEFT JOIN products p ON p.id = i.product_id
 WHERE i.order_id = :order_id
 ORDER BY i.id

-- name: order_shipment
-- The newest shipment of an order.
-- params: order_id int
-- columns: id int, tracking_number text?, carrier text?, status text, origin_region text?,
--   destination_region text?, weight_kg money, shipping_cost money,
--   estimated_delivery time?, actual_delivery time?, created_at time
SELECT id, tracking_number, carrier, status, origin_region, destination_region,
       weight_kg, shipping_cost, estimated_delivery, actual_delivery,
       created_at
  FROM shipments
 WHERE order_id = :order_id
 ORDER BY id DESC
 LIMIT 1

-- name: order_status_of
-- The status of an order.
-- params: id int
-- columns: status text
SELECT status FROM orders WHERE id = :id

-- name: order_set_status
-- Moves an order from one status to another; no row changes when it has moved meanwhile.
-- params: id int, old_status text, new_status text, backlog_status text, now now
UPDATE orders
   SET status = :new_status, backlog_status = :backlog_status, updated_at = :now
 WHERE id = :id AND status = :old_status

-- name: order_figures
-- What the security summary counts. Saying twice what failed is for the partial index on trouble.
-- params: stale_before time, suspicious_total money
-- columns: total_orders int, backlog_orders int, stale_backlog_orders int, suspicious_totals int,
--   failed_syncs int
SELECT (SELECT COUNT(*) FROM orders) AS total_orders,
       (SELECT COUNT(*) FROM orders WHERE backlog_status = 'backlog') AS backlog_orders,
       (SELECT COUNT(*) FROM orders
         WHERE backlog_status = 'backlog' AND created_at < :stale_before) AS stale_backlog_orders,
       (SELECT COUNT(*) FROM orders WHERE total >= :suspicious_total) AS suspicious_totals,
       (SELECT COUNT(*) FROM order_sync_audit
         WHERE sync_status <> 'success' AND sync_status = 'failed') AS failed_syncs
