-- Orders as they are read: newest first for people, by number of change for synchronisation. An order
-- comes with its customer and its first parcel; the lines of a whole page are one more statement.
-- PostgreSQL would read all parcels to find those of a page, so its texts ask for each by itself.

-- row: order
-- An order with its customer and its first parcel, whose columns are null when there is none; the weight
-- is in hundredths of a kilogram. The correlation id is the trace of the purchase.
-- columns: id int, customer_id int?, customer_name text?, customer_email text?, total money,
--   subtotal money?, discount money, shipping_cost money, currency text, coupon_code text?,
--   status text, payment_method text, payment_status text, shipping_address text0?, notes text0?,
--   correlation_id text?, created_at time, updated_at time, shipment_id int?, tracking_number text?,
--   carrier text?, shipment_status text?, origin_region text?, destination_region text?, weight_kg money?,
--   shipment_cost money?, estimated_delivery time?, actual_delivery time?, shipped_at time?

-- name: orders_newest
-- A page of all orders, newest first. The page is cut before anything is joined to it: a plan that is
-- made once for all limits would join every order there is.
-- params: status text?, limit int, offset int
-- columns: order.*
-- sqlite:
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total,
       o.subtotal, o.discount, o.shipping_cost, o.currency, o.coupon_code, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.correlation_id,
       o.created_at, o.updated_at, s.id AS shipment_id, s.tracking_number, s.carrier,
       s.status AS shipment_status, s.origin_region, s.destination_region, s.weight_kg,
       s.shipping_cost AS shipment_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at AS shipped_at
  FROM (SELECT *
          FROM orders
         WHERE (:status IS NULL OR status = :status)
         ORDER BY id DESC
         LIMIT :limit OFFSET :offset) o
  LEFT JOIN customers c ON c.id = o.customer_id
  LEFT JOIN shipments s ON s.id = (SELECT min(x.id) FROM shipments x WHERE x.order_id = o.id)
 ORDER BY o.id DESC
-- postgres:
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total,
       o.subtotal, o.discount, o.shipping_cost, o.currency, o.coupon_code, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.correlation_id,
       o.created_at, o.updated_at, s.id AS shipment_id, s.tracking_number, s.carrier,
       s.status AS shipment_status, s.origin_region, s.destination_region, s.weight_kg,
       s.shipping_cost AS shipment_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at AS shipped_at
  FROM (SELECT *
          FROM orders
         WHERE (:status IS NULL OR status = :status)
         ORDER BY id DESC
         LIMIT :limit OFFSET :offset) o
  LEFT JOIN customers c ON c.id = o.customer_id
  LEFT JOIN LATERAL (SELECT * FROM shipments WHERE order_id = o.id ORDER BY id LIMIT 1) s ON true
 ORDER BY o.id DESC

-- name: orders_of_customer
-- A page of one customer's orders, newest first.
-- params: customer_id int, status text?, limit int, offset int
-- columns: order.*
-- sqlite:
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total,
       o.subtotal, o.discount, o.shipping_cost, o.currency, o.coupon_code, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.correlation_id,
       o.created_at, o.updated_at, s.id AS shipment_id, s.tracking_number, s.carrier,
       s.status AS shipment_status, s.origin_region, s.destination_region, s.weight_kg,
       s.shipping_cost AS shipment_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at AS shipped_at
  FROM (SELECT *
          FROM orders
         WHERE customer_id = :customer_id
           AND (:status IS NULL OR status = :status)
         ORDER BY id DESC
         LIMIT :limit OFFSET :offset) o
  LEFT JOIN customers c ON c.id = o.customer_id
  LEFT JOIN shipments s ON s.id = (SELECT min(x.id) FROM shipments x WHERE x.order_id = o.id)
 ORDER BY o.id DESC
-- postgres:
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total,
       o.subtotal, o.discount, o.shipping_cost, o.currency, o.coupon_code, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.correlation_id,
       o.created_at, o.updated_at, s.id AS shipment_id, s.tracking_number, s.carrier,
       s.status AS shipment_status, s.origin_region, s.destination_region, s.weight_kg,
       s.shipping_cost AS shipment_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at AS shipped_at
  FROM (SELECT *
          FROM orders
         WHERE customer_id = :customer_id
           AND (:status IS NULL OR status = :status)
         ORDER BY id DESC
         LIMIT :limit OFFSET :offset) o
  LEFT JOIN customers c ON c.id = o.customer_id
  LEFT JOIN LATERAL (SELECT * FROM shipments WHERE order_id = o.id ORDER BY id LIMIT 1) s ON true
 ORDER BY o.id DESC

-- name: orders_settled
-- The number up to which the feed cannot change any more: transactions that have changed an order and
-- are not over hold it back. Ask before, and outside of, the transaction that reads the feed. SQLite
-- has one writer at a time, so there what is seen is settled. On Oracle what changed before the oldest
-- open transaction began is: a trigger notes when, by the server's clock.
-- columns: until int
-- postgres:
SELECT orders_settled(last_value) AS until FROM order_changes
-- sqlite:
SELECT 9223372036854775807 AS until
-- oracle:
SELECT coalesce(max(change_number), 0) AS until
  FROM orders
 WHERE changed_at < (SELECT coalesce(min(started_at), SYS_EXTRACT_UTC(SYSTIMESTAMP))
                       FROM open_transactions)

-- name: orders_change_at
-- The first change of that time or a later one; null when there is none. The plus keeps both engines
-- from reading the changes in their order until one fits, which for a recent time is all of them.
-- params: since time
-- columns: change_number int?
SELECT min(+change_number) AS change_number FROM orders WHERE updated_at >= :since

-- name: order_change_of
-- Where an order stands in the feed.
-- params: id int
-- columns: change_number int, updated_at time
SELECT change_number, updated_at FROM orders WHERE id = :id

-- name: orders_changed
-- A page of the feed: what changed after a position, in the order of the changes.
-- params: after int, until int, since time?, customer_id int?, status text?, limit int, offset int
-- columns: order.*, change_number int
-- sqlite:
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total,
       o.subtotal, o.discount, o.shipping_cost, o.currency, o.coupon_code, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.correlation_id,
       o.created_at, o.updated_at, s.id AS shipment_id, s.tracking_number, s.carrier,
       s.status AS shipment_status, s.origin_region, s.destination_region, s.weight_kg,
       s.shipping_cost AS shipment_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at AS shipped_at, o.change_number
  FROM (SELECT *
          FROM orders
         WHERE change_number > :after AND change_number <= :until
           AND (:since IS NULL OR updated_at >= :since)
           AND (:customer_id IS NULL OR customer_id = :customer_id)
           AND (:status IS NULL OR status = :status)
         ORDER BY change_number
         LIMIT :limit OFFSET :offset) o
  LEFT JOIN customers c ON c.id = o.customer_id
  LEFT JOIN shipments s ON s.id = (SELECT min(x.id) FROM shipments x WHERE x.order_id = o.id)
 ORDER BY o.change_number
-- postgres:
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total,
       o.subtotal, o.discount, o.shipping_cost, o.currency, o.coupon_code, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.correlation_id,
       o.created_at, o.updated_at, s.id AS shipment_id, s.tracking_number, s.carrier,
       s.status AS shipment_status, s.origin_region, s.destination_region, s.weight_kg,
       s.shipping_cost AS shipment_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at AS shipped_at, o.change_number
  FROM (SELECT *
          FROM orders
         WHERE change_number > :after AND change_number <= :until
           AND (:since IS NULL OR updated_at >= :since)
           AND (:customer_id IS NULL OR customer_id = :customer_id)
           AND (:status IS NULL OR status = :status)
         ORDER BY change_number
         LIMIT :limit OFFSET :offset) o
  LEFT JOIN customers c ON c.id = o.customer_id
  LEFT JOIN LATERAL (SELECT * FROM shipments WHERE order_id = o.id ORDER BY id LIMIT 1) s ON true
 ORDER BY o.change_number

-- name: order_by_id
-- One order.
-- params: id int
-- columns: order.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total,
       o.subtotal, o.discount, o.shipping_cost, o.currency, o.coupon_code, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.correlation_id,
       o.created_at, o.updated_at, s.id AS shipment_id, s.tracking_number, s.carrier,
       s.status AS shipment_status, s.origin_region, s.destination_region, s.weight_kg,
       s.shipping_cost AS shipment_cost, s.estimated_delivery, s.actual_delivery,
       s.created_at AS shipped_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
  LEFT JOIN shipments s ON s.id = (SELECT min(x.id) FROM shipments x WHERE x.order_id = o.id)
 WHERE o.id = :id

-- name: orders_count
-- How many orders there are.
-- columns: count.*
SELECT count(*) AS total FROM orders

-- name: orders_count_of_status
-- How many orders are in a state.
-- params: status text
-- columns: count.*
SELECT count(*) AS total FROM orders WHERE status = :status

-- name: orders_count_of_customer
-- How many orders a customer has, in all or in one state.
-- params: customer_id int, status text?
-- columns: count.*
SELECT count(*) AS total
  FROM orders
 WHERE customer_id = :customer_id AND (:status IS NULL OR status = :status)

-- name: orders_changed_count
-- How many orders the feed has from a moment on.
-- params: since time, until int, customer_id int?, status text?
-- columns: count.*
SELECT count(*) AS total
  FROM orders
 WHERE updated_at >= :since AND change_number <= :until
   AND (:customer_id IS NULL OR customer_id = :customer_id)
   AND (:status IS NULL OR status = :status)

-- name: order_page_lines
-- The lines of a page of orders, given as a JSON list of order ids. `position` is the order's place
-- in that list.
-- params: order_ids text
-- columns: position int, product_id int?, sku text?, name text?, category text0?, image_url text0?,
--   quantity int, unit_price money
-- sqlite:
SELECT k.key AS position, i.product_id, i.sku, i.product_name AS name, p.category, p.image_url,
       i.quantity, i.unit_price
  FROM json_each(:order_ids) k
 CROSS JOIN order_items i ON i.order_id = k.value
  LEFT JOIN products p ON p.id = i.product_id
 ORDER BY k.key, i.id
-- postgres:
SELECT k.ordinal - 1 AS position, i.product_id, i.sku, i.product_name AS name, p.category,
       p.image_url, i.quantity, i.unit_price
  FROM json_array_elements_text(CAST(:order_ids AS json)) WITH ORDINALITY k (id, ordinal)
  JOIN order_items i ON i.order_id = CAST(k.id AS bigint)
  LEFT JOIN products p ON p.id = i.product_id
 ORDER BY k.ordinal, i.id
-- oracle:
SELECT k.ordinal - 1 AS position, i.product_id, i.sku, i.product_name AS name, p.category,
       p.image_url, i.quantity, i.unit_price
  FROM JSON_TABLE(:order_ids, '$[*]' COLUMNS (ordinal FOR ORDINALITY, id NUMBER PATH '$')) k
  JOIN order_items i ON i.order_id = k.id
  LEFT JOIN products p ON p.id = i.product_id
 ORDER BY k.ordinal, i.id

-- name: order_lines
-- The lines of one order, with all that is known of their products.
-- params: order_id int
-- columns: product_id int?, sku text?, name text?, description text0?, category text0?,
--   image_url text0?, stock int?, quantity int, unit_price money
SELECT i.product_id, i.sku, i.product_name AS name, p.description, p.category, p.image_url,
       p.stock, i.quantity, i.unit_price
  FROM order_items i
  LEFT JOIN products p ON p.id = i.product_id
 WHERE i.order_id = :order_id
 ORDER BY i.id
