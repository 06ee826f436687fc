-- Orders made in the portal, or pushed by the shop before the next synchronisation fetches them.

-- row: known_order
-- An order that was made before.
-- columns: id int, total money

-- row: order_product
-- What an order line needs of its product; `position` is the product's place in the list asked for.
-- columns: position int, id int, sku text, name text, price money

-- name: order_of_source
-- The order that this source knows under this number.
-- params: source_system text, source_order_id int
-- columns: known_order.*
SELECT id, total
  FROM orders
 WHERE source_system = :source_system AND source_order_id = :source_order_id

-- name: order_token_take
-- Takes a token for `life` seconds, before it is looked up: of two requests that carry it at once the
-- second waits here for the order of the first.
-- params: token text, life int, now now
-- sqlite:
INSERT INTO idempotency_keys (scope, key, request_hash, status_code, created_at, expires_at)
VALUES ('order-token', :token, '0', 200, :now, :now + :life * 1000000)
ON CONFLICT (scope, key) DO UPDATE
   SET expires_at = excluded.expires_at
-- postgres:
INSERT INTO idempotency_keys (scope, key, request_hash, status_code, created_at, expires_at)
VALUES ('order-token', :token, '0', 200, statement_timestamp(),
        statement_timestamp() + :life * interval '1 second')
ON CONFLICT (scope, key) DO UPDATE
   SET expires_at = excluded.expires_at

-- name: order_of_token
-- The order that was made for this idempotency token.
-- params: token text
-- columns: known_order.*
SELECT o.id, o.total
  FROM idempotency_keys k
  JOIN orders o ON o.id = CAST(k.request_hash AS BIGINT)
 WHERE k.scope = 'order-token' AND k.key = :token

-- name: order_token_keep
-- Remembers which order was made for a token that was taken.
-- params: token text, order_id text
UPDATE idempotency_keys
   SET request_hash = :order_id
 WHERE scope = 'order-token' AND key = :token

-- name: customer_email_of
-- The address of a customer.
-- params: id int
-- columns: email text
SELECT email FROM customers WHERE id = :id

-- name: order_products_by_id
-- The products with these ids, a JSON list.
-- params: ids text
-- columns: order_product.*
-- sqlite:
SELECT k.key AS position, p.id, p.sku, p.name, p.price
  FROM json_each(:ids) k
 CROSS JOIN products p ON p.id = k.value AND p.is_active = 1
-- postgres:
SELECT k.ordinal - 1 AS position, p.id, p.sku, p.name, p.price
  FROM json_array_elements_text(CAST(:ids AS json)) WITH ORDINALITY k (id, ordinal)
 CROSS JOIN LATERAL (SELECT id, sku, name, price
                       FROM products
                      WHERE id = CAST(k.id AS bigint) AND is_active = 1
                      LIMIT 1) p
-- oracle:
SELECT k.ordinal - 1 AS position, p.id, p.sku, p.name, p.price
  FROM JSON_TABLE(:ids, '$[*]' COLUMNS (ordinal FOR ORDINALITY, id NUMBER PATH '$')) k
  JOIN products p ON p.id = k.id AND p.is_active = 1

-- name: order_products_by_sku
-- The same by article numbers.
-- params: skus text
-- columns: order_product.*
-- sqlite:
SELECT k.key AS position, p.id, p.sku, p.name, p.price
  FROM json_each(:skus) k
 CROSS JOIN products p ON p.sku = k.value
-- postgres:
SELECT k.ordinal - 1 AS position, p.id, p.sku, p.name, p.price
  FROM json_array_elements_text(CAST(:skus AS json)) WITH ORDINALITY k (sku, ordinal)
 CROSS JOIN LATERAL (SELECT id, sku, name, price FROM products WHERE sku = k.sku LIMIT 1) p
-- oracle:
SELECT k.ordinal - 1 AS position, p.id, p.sku, p.name, p.price
  FROM JSON_TABLE(:skus, '$[*]' COLUMNS (ordinal FOR ORDINALITY, sku VARCHAR2(50) PATH '$')) k
  JOIN products p ON p.sku = k.sku

-- name: order_add
-- A new order. One without a source number was made here.
-- params: customer_id int, total money, subtotal money, discount money, shipping_cost money,
--   notes text0?, shipping_address text0?, source_system text, source_order_id int?,
--   source_customer_email text, sync_status text, source_payload text?, correlation_id text,
--   last_synced_at time?, now now
-- columns: id int
INSERT INTO orders
       (customer_id, total, subtotal, discount, shipping_cost, status, backlog_status, notes,
        shipping_address, source_system, source_order_id, source_customer_email, sync_status,
        source_payload, correlation_id, last_synced_at, created_at, updated_at)
VALUES (:customer_id, :total, :subtotal, :discount, :shipping_cost, 'pending', 'backlog', :notes,
        :shipping_address, :source_system, :source_order_id, :source_customer_email, :sync_status,
        :source_payload, :correlation_id, :last_synced_at, :now, :now)
RETURNING id

-- name: order_line_add
-- One line of an order.
-- params: order_id int, product_id int?, sku text?, product_name text?, quantity int,
--   unit_price money
INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price)
VALUES (:order_id, :product_id, :sku, :product_name, :quantity, :unit_price)
