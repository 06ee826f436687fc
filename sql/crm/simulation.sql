-- Orders that are made up, to see how the portal looks with more of them. Their source tells them apart.

-- name: made_up_product
-- The product of that id, or where none is named the first one.
-- params: id int?
-- columns: id int, name text, sku text, price money
SELECT id, name, sku, price
  FROM products
 WHERE is_active = 1 AND (:id IS NULL OR id = :id)
 ORDER BY id
 LIMIT 1

-- name: made_up_order
-- An order that was placed at that time.
-- params: customer_id int, total money, status text, backlog_status text, email text,
--   correlation_id text, placed time
-- columns: id int
INSERT INTO orders (customer_id, total, subtotal, discount, shipping_cost, status, backlog_status, notes,
                    source_system, source_customer_email, sync_status, correlation_id, created_at, updated_at)
VALUES (:customer_id, :total, :total, 0, 0, :status, :backlog_status, 'Made up by a simulation',
        'simulation', :email, 'local', :correlation_id, :placed, :placed)
RETURNING id
