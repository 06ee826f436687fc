-- Orders without their lines, as administrators look through them. Positions of pages are told in
-- service/listing.h; each filter may be left out.

-- row: order_head
-- An order and whose it is.
-- columns: id int, customer_id int?, customer_name text?, customer_email text?, total money,
--   status text, payment_method text, payment_status text, shipping_address text0?, notes text0?,
--   created_at time, updated_at time

-- name: order_head_by_id
-- One of them.
-- params: id int
-- columns: order_head.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.created_at, o.updated_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.id = :id

-- name: order_head_to_change
-- The same with the number of its lines; until the end of the transaction nobody else changes it.
-- params: id int
-- columns: lines int, order_head.*
-- sqlite:
SELECT (SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id) AS lines,
       o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.created_at, o.updated_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.id = :id
-- postgres:
SELECT (SELECT COUNT(*) FROM order_items i WHERE i.order_id = o.id) AS lines,
       o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.created_at, o.updated_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.id = :id
   FOR NO KEY UPDATE OF o

-- name: order_add_by_hand
-- An order without lines: what it is for stands in its notes.
-- params: customer_id int, total money, status text, payment_method text, payment_status text,
--   notes text0?, shipping_address text, correlation_id text, now now
-- columns: id int
-- sqlite:
INSERT INTO orders (customer_id, total, status, payment_method, payment_status, notes, shipping_address,
                    subtotal, correlation_id, created_at, updated_at, change_number)
VALUES (:customer_id, :total, :status, :payment_method, :payment_status, :notes, :shipping_address,
        :total, :correlation_id, :now, :now,
        (SELECT coalesce(max(change_number), 0) + 1 FROM orders))
RETURNING id
-- postgres:
INSERT INTO orders (customer_id, total, status, payment_method, payment_status, notes, shipping_address,
                    subtotal, correlation_id, created_at, updated_at)
VALUES (:customer_id, :total, :status, :payment_method, :payment_status, :notes, :shipping_address,
        :total, :correlation_id, :now, :now)
RETURNING id

-- name: order_change_by_hand
-- Replaces what is told of an order.
-- params: id int, customer_id int, total money, status text, payment_method text, payment_status text,
--   notes text0?, shipping_address text, now now
UPDATE orders
   SET customer_id = :customer_id, status = :status, payment_method = :payment_method,
       payment_status = :payment_status, notes = :notes, shipping_address = :shipping_address,
       subtotal = CASE WHEN total = :total THEN subtotal ELSE :total END, total = :total,
       updated_at = :now
 WHERE id = :id

-- name: stock_give_back
-- Puts back what an order has taken.
-- params: order_id int, now now
-- sqlite:
UPDATE products
   SET stock = stock + g.quantity, updated_at = :now
  FROM (SELECT product_id, SUM(quantity) AS quantity
          FROM order_items
         WHERE order_id = :order_id
         GROUP BY product_id) g
 WHERE products.id = g.product_id
-- postgres:
WITH locked AS (
    SELECT p.id,
           (SELECT SUM(i.quantity) FROM order_items i
             WHERE i.order_id = :order_id AND i.product_id = p.id) AS quantity
      FROM products p
     WHERE p.id IN (SELECT product_id FROM order_items WHERE order_id = :order_id)
     ORDER BY p.id
       FOR NO KEY UPDATE OF p)
UPDATE products p
   SET stock = p.stock + l.quantity, updated_at = :now
  FROM locked l
 WHERE p.id = l.id
-- oracle:
UPDATE products p
   SET stock = stock + (SELECT SUM(i.quantity) FROM order_items i
                         WHERE i.order_id = :order_id AND i.product_id = p.id),
       updated_at = :now
 WHERE p.id IN (SELECT product_id FROM order_items WHERE order_id = :order_id)

-- name: order_heads_newest
-- A page of all orders, the newest first: ids grow with time.
-- params: status text?, payment_status text?, id int, most int
-- columns: order_head.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.created_at, o.updated_at
  FROM (SELECT *
          FROM orders
         WHERE id < :id
           AND (:status IS NULL OR status = :status)
           AND (:payment_status IS NULL OR payment_status = :payment_status)
         ORDER BY id DESC
         LIMIT :most) o
  LEFT JOIN customers c ON c.id = o.customer_id
 ORDER BY o.id DESC

-- name: order_heads_oldest
-- The same the other way round.
-- params: status text?, payment_status text?, id int, most int
-- columns: order_head.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.created_at, o.updated_at
  FROM (SELECT *
          FROM orders
         WHERE id > :id
           AND (:status IS NULL OR status = :status)
           AND (:payment_status IS NULL OR payment_status = :payment_status)
         ORDER BY id
         LIMIT :most) o
  LEFT JOIN customers c ON c.id = o.customer_id
 ORDER BY o.id

-- name: order_heads_newest_of
-- A page of one customer's orders, the newest first.
-- params: customer_id int, status text?, payment_status text?, id int, most int
-- columns: order_head.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.created_at, o.updated_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.customer_id = :customer_id AND o.id < :id
   AND (:status IS NULL OR o.status = :status)
   AND (:payment_status IS NULL OR o.payment_status = :payment_status)
 ORDER BY o.id DESC
 LIMIT :most

-- name: order_heads_oldest_of
-- The same the other way round.
-- params: customer_id int, status text?, payment_status text?, id int, most int
-- columns: order_head.*
SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total, o.status,
       o.payment_method, o.payment_status, o.shipping_address, o.notes, o.created_at, o.updated_at
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE o.customer_id = :customer_id AND o.id > :id
   AND (:status IS NULL OR o.status = :status)
   AND (:payment_status IS NULL OR o.payment_status = :payment_status)
 ORDER BY o.id
 LIMIT :most
