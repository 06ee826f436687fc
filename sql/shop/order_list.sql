-- Orders without their lines, as administrators look through them. Positions of pages are told in
-- service/listing.h; each filter may be left out.

-- row: order_head
-- An order and whose it is.
-- columns: id int, customer_id int?, customer_name text?, customer_email text?, total money,
--   status text, payment_method text, payment_status text, shipping_address text0?, notes text0?,
--   created_at time, updated_at time

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
