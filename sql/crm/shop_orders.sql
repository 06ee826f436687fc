-- Orders that came from the shop, as they are looked for by their customer.

-- name: shop_orders_of_customer
-- A page of the orders of a source and of the customer with this address, the newest first.
-- params: source_system text, email text, id int, most int
-- columns: id int, source_order_id int?, total money, status text, created_at time
SELECT o.id, o.source_order_id, o.total, o.status, o.created_at
  FROM customers c
  JOIN orders o ON o.customer_id = c.id
 WHERE c.email = :email AND o.source_system = :source_system AND o.id < :id
 ORDER BY o.id DESC
 LIMIT :most
