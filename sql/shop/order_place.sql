-- Placing an order: all of this happens in one transaction.

-- row: taken_product
-- A product whose stock was taken, as it was sold.
-- columns: id int, name text, sku text, price money

-- name: stock_take
-- Takes `quantity` units if they are there; no row means too few are left, the product is not for
-- sale, or the session has a cart, which goes before. The price is read where the stock is taken,
-- so both are of the same moment. Several are taken in the order of their ids, so that two orders
-- never wait for each other.
-- params: session_id text?, product_id int, quantity int, now now
-- columns: taken_product.*
UPDATE products
   SET stock = stock - :quantity, updated_at = :now
 WHERE id = :product_id AND is_active = 1 AND stock >= :quantity
   AND NOT EXISTS (SELECT 1 FROM cart_items WHERE session_id = :session_id)
RETURNING id, name, sku, price

-- name: stock_take_cart
-- The same for all lines of a cart. On PostgreSQL rows are locked in the order of their ids; the
-- lock is the one that the update takes, which references to a product do not mind.
-- params: session_id text, now now
-- columns: taken_product.*
-- sqlite:
UPDATE products
   SET stock = stock - c.quantity, updated_at = :now
  FROM (SELECT product_id, quantity FROM cart_items WHERE session_id = :session_id) c
 WHERE products.id = c.product_id AND is_active = 1 AND stock >= c.quantity
RETURNING id, name, sku, price
-- postgres:
WITH locked AS (
    SELECT p.id, c.quantity
      FROM cart_items c
      JOIN products p ON p.id = c.product_id
     WHERE c.session_id = :session_id
     ORDER BY p.id
       FOR NO KEY UPDATE OF p)
UPDATE products p
   SET stock = p.stock - l.quantity, updated_at = :now
  FROM locked l
 WHERE p.id = l.id AND p.is_active = 1 AND p.stock >= l.quantity
RETURNING p.id, p.name, p.sku, p.price
-- oracle:
UPDATE products p
   SET stock = stock - (SELECT c.quantity FROM cart_items c
                         WHERE c.session_id = :session_id AND c.product_id = p.id),
       updated_at = :now
 WHERE p.id IN (SELECT product_id FROM cart_items WHERE session_id = :session_id)
   AND p.is_active = 1
   AND p.stock >= (SELECT c.quantity FROM cart_items c
                    WHERE c.session_id = :session_id AND c.product_id = p.id)
RETURNING id, name, sku, price INTO :id, :name, :sku, :price

-- name: customer_save
-- A customer by e-mail: made when new; otherwise only what is empty is filled in, because anybody
-- may type an address.
-- params: name text, email text, phone text?, company text?, industry text?, now now
INSERT INTO customers (name, email, phone, company, industry, created_at, updated_at)
VALUES (:name, :email, :phone, :company, :industry, :now, :now)
ON CONFLICT (email)
   DO UPDATE SET phone = coalesce(nullif(customers.phone, ''), excluded.phone),
                 company = coalesce(nullif(customers.company, ''), excluded.company),
                 industry = coalesce(nullif(customers.industry, ''), excluded.industry),
                 updated_at = excluded.updated_at
       WHERE (excluded.phone IS NOT NULL AND coalesce(customers.phone, '') = '')
          OR (excluded.company IS NOT NULL AND coalesce(customers.company, '') = '')
          OR (excluded.industry IS NOT NULL AND coalesce(customers.industry, '') = '')
-- oracle:
MERGE INTO customers c
USING (SELECT :name AS name, :email AS email, :phone AS phone, :company AS company,
              :industry AS industry, :now AS created_at
         FROM dual) n
   ON (c.email = n.email)
 WHEN MATCHED THEN UPDATE SET phone = coalesce(c.phone, n.phone),
                              company = coalesce(c.company, n.company),
                              industry = coalesce(c.industry, n.industry),
                              updated_at = n.created_at
      WHERE (n.phone IS NOT NULL AND c.phone IS NULL)
         OR (n.company IS NOT NULL AND c.company IS NULL)
         OR (n.industry IS NOT NULL AND c.industry IS NULL)
 WHEN NOT MATCHED THEN INSERT (name, email, phone, company, industry, created_at, updated_at)
      VALUES (n.name, n.email, n.phone, n.company, n.industry, n.created_at, n.created_at)

-- name: customer_id_by_email
-- Who has this normalised address.
-- params: email text
-- columns: id int
SELECT id FROM customers WHERE email = :email

-- name: coupon_use
-- Counts one use of a coupon and gives what it is worth (the percentage in hundredths); no row
-- means that there is none, that it is switched off or that it is used up.
-- params: code text
-- columns: discount_percent money, discount_amount money
UPDATE coupons
   SET used_count = used_count + 1
 WHERE code = :code AND is_active = 1 AND (max_uses = 0 OR used_count < max_uses)
RETURNING discount_percent, discount_amount

-- name: order_insert
-- The order itself, of the customer with this e-mail; its correlation id is the trace of the
-- purchase. Its place in the feed it is given by a trigger; SQLite's could not do so without writing
-- the order again.
-- params: email text, total money, payment_method text, payment_status text, notes text,
--   shipping_address text?, subtotal money, discount money, shipping_cost money,
--   coupon_code text?, correlation_id text, now now
-- columns: id int
-- sqlite:
INSERT INTO orders (customer_id, total, status, payment_method, payment_status, notes,
                    shipping_address, subtotal, discount, shipping_cost, coupon_code,
                    correlation_id, created_at, updated_at, change_number)
SELECT id, :total, 'processing', :payment_method, :payment_status, :notes, :shipping_address,
       :subtotal, :discount, :shipping_cost, :coupon_code, :correlation_id, :now, :now,
       (SELECT coalesce(max(change_number), 0) + 1 FROM orders)
  FROM customers
 WHERE email = :email
RETURNING id
-- postgres:
INSERT INTO orders (customer_id, total, status, payment_method, payment_status, notes,
                    shipping_address, subtotal, discount, shipping_cost, coupon_code,
                    correlation_id, created_at, updated_at)
SELECT id, :total, 'processing', :payment_method, :payment_status, :notes, :shipping_address,
       :subtotal, :discount, :shipping_cost, :coupon_code, :correlation_id, :now, :now
  FROM customers
 WHERE email = :email
RETURNING id

-- name: order_item_insert
-- One line of an order, with what was sold and for how much.
-- params: order_id int, product_id int, sku text, product_name text, quantity int,
--   unit_price money
INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price)
VALUES (:order_id, :product_id, :sku, :product_name, :quantity, :unit_price)

-- name: shipment_insert
-- The parcel of an order; the weight is in hundredths of a kilogram.
-- params: order_id int, tracking_number text, weight_kg money, shipping_cost money, now now
INSERT INTO shipments (order_id, tracking_number, carrier, status, origin_region,
                       destination_region, weight_kg, shipping_cost, created_at, updated_at)
VALUES (:order_id, :tracking_number, 'dhl', 'processing', 'eu-central-1', 'global', :weight_kg,
        :shipping_cost, :now, :now)

-- name: customer_by_id
-- What the CRM has to know of a buyer.
-- params: id int
-- columns: name text, email text, phone text0?, company text0?, industry text0?
SELECT name, email, phone, company, industry FROM customers WHERE id = :id
