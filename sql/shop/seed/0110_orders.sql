-- The first customers of the Drone Shop, what they ordered and where it is. Totals follow the
-- pricing rule (149.00 for shipping below 5000.00 of goods); lines take SKU, name and price from
-- the product. Orders are numbered in the order in which they were made and last changed, as those
-- of buyers are. The stock figures of the catalogue are what was left after them.
-- sqlite:

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, days_ago, name, email, phone, company, industry, revenue) AS (VALUES
    (1, 60, 'Mira Falkner', 'mira.falkner@alpenvermessung.example.com', '+49 69 5550 0201',
     'Alpenvermessung Falkner', 'Surveying', 184000000),
    (2, 52, 'Jonas Reyes', 'jonas.reyes@coastlinefilms.example.net', '+1 202 555 0132',
     'Coastline Films', 'Media', 96000000),
    (3, 45, 'Aiko Tanabe', 'aiko.tanabe@example.org', '+81 3 5550 0143',
     'Tanabe Racing Club', 'Sport', 0),
    (4, 33, 'Samuel Okoro', 'samuel.okoro@deltagrid.example.com', '+234 1 555 0154',
     'Delta Grid Utilities', 'Energy', 5200000000),
    (5, 18, 'Elena Petrova', 'elena.petrova@rotorworks.example.net', '+359 2 555 0165',
     'Rotorworks Laboratory', 'Research', 42000000),
    (6, 9, 'Liam Carter', 'liam.carter@carterfacades.example.com', '+1 202 555 0176',
     'Carter Facades', 'Construction', 310000000)
)
INSERT INTO customers (id, name, email, phone, company, industry, revenue, created_at, updated_at)
SELECT id, name, email, phone, company, industry, revenue,
       now - days_ago * 86400000000, now - days_ago * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, customer_id, hours_ago, changed_hours_ago, status, payment_method, payment_status,
         coupon_code, subtotal, discount, shipping_cost, total, shipping_address) AS (VALUES
    (1, 1, 672, 552, 'completed', 'credit_card', 'paid', NULL, 404798, 0, 14900, 419698,
     'Talweg 7, 83471 Berchtesgaden, Germany'),
    (2, 2, 504, 384, 'completed', 'crypto', 'paid', NULL, 271780, 0, 14900, 286680,
     '31 Pier Avenue, Santa Cruz, CA 95060, USA'),
    (3, 3, 336, 240, 'delivered', 'credit_card', 'paid', 'FIRSTFLIGHT', 128696, 12870, 14900,
     130726, '4-12 Midori, Yokohama 220-0012, Japan'),
    (4, 4, 144, 96, 'shipped', 'wire', 'paid', NULL, 3264000, 0, 0, 3264000,
     '17 Marina Road, Lagos 101241, Nigeria'),
    (5, 5, 48, 46, 'processing', 'credit_card', 'paid', NULL, 121792, 0, 14900, 136692,
     '5 Shipka Street, 1504 Sofia, Bulgaria'),
    (6, 6, 5, 5, 'pending', 'bank_transfer', 'pending', NULL, 999700, 0, 0, 999700,
     '902 Mason Street, Tacoma, WA 98402, USA')
)
INSERT INTO orders (id, customer_id, total, status, payment_method, payment_status, notes,
                    shipping_address, subtotal, discount, shipping_cost, coupon_code, created_at,
                    updated_at)
SELECT id, customer_id, total, status, payment_method, payment_status,
       'Source=shop_checkout; Coupon=' || coalesce(coupon_code, 'none'),
       shipping_address, subtotal, discount, shipping_cost, coupon_code,
       now - hours_ago * 3600000000, now - changed_hours_ago * 3600000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH item (id, order_id, sku, quantity) AS (VALUES
    (1, 1, 'DRN-002', 1), (2, 1, 'BAT-001', 2), (3, 1, 'ACC-002', 1),
    (4, 2, 'SKY-005', 2), (5, 2, 'SKY-011', 2),
    (6, 3, 'SKY-002', 3), (7, 3, 'PRP-001', 4),
    (8, 4, 'DRN-010', 1), (9, 4, 'ACC-004', 1),
    (10, 5, 'FLC-001', 2), (11, 5, 'MOT-001', 8),
    (12, 6, 'SKY-008', 1), (13, 6, 'BAT-002', 3)
)
INSERT INTO order_items (id, order_id, product_id, sku, product_name, quantity, unit_price)
SELECT item.id, item.order_id, products.id, products.sku, products.name, item.quantity,
       products.price
  FROM item JOIN products ON products.sku = item.sku
 WHERE true
    ON CONFLICT DO NOTHING;

-- 1.4 kg for each piece, in hundredths.
WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (order_id, status, destination_region, pieces, due_days, delivered_hours_ago) AS (VALUES
    (1, 'delivered', 'eu-central-1', 4, 5, 560),
    (2, 'delivered', 'us-west-2', 4, 6, 390),
    (3, 'delivered', 'ap-northeast-1', 7, 7, 240),
    (4, 'in_transit', 'af-south-1', 2, 9, NULL),
    (5, 'processing', 'eu-central-1', 10, 5, NULL),
    (6, 'processing', 'us-west-2', 4, 6, NULL)
)
INSERT INTO shipments (id, order_id, tracking_number, carrier, status, origin_region,
                       destination_region, weight_kg, shipping_cost, estimated_delivery,
                       actual_delivery, created_at, updated_at)
SELECT orders.id, orders.id, printf('OCTO-%06d', orders.id), 'dhl', item.status, 'eu-central-1',
       item.destination_region, 140 * item.pieces, orders.shipping_cost,
       orders.created_at + item.due_days * 86400000000,
       now - item.delivered_hours_ago * 3600000000, orders.created_at, orders.updated_at
  FROM item JOIN orders ON orders.id = item.order_id, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH item (id, order_id, status) AS (VALUES
    (1, 1, 'paid'), (2, 4, 'paid'), (3, 6, 'issued')
)
INSERT INTO shop_invoices (id, invoice_number, customer_id, order_id, amount, status, issued_at,
                           due_at, paid_at, created_at, updated_at)
SELECT item.id, printf('INV-SHOP-%06d', orders.id), orders.customer_id, orders.id, orders.total,
       item.status, orders.created_at, orders.created_at + 30 * 86400000000,
       iif(item.status = 'paid', orders.updated_at, NULL), orders.created_at, orders.updated_at
  FROM item JOIN orders ON orders.id = item.order_id
 WHERE true
    ON CONFLICT DO NOTHING;

-- postgres:
-- The same rows; money in dollars.

WITH item (id, days_ago, name, email, phone, company, industry, revenue) AS (VALUES
    (1, 60, 'Mira Falkner', 'mira.falkner@alpenvermessung.example.com', '+49 69 5550 0201',
     'Alpenvermessung Falkner', 'Surveying', 1840000.00),
    (2, 52, 'Jonas Reyes', 'jonas.reyes@coastlinefilms.example.net', '+1 202 555 0132',
     'Coastline Films', 'Media', 960000.00),
    (3, 45, 'Aiko Tanabe', 'aiko.tanabe@example.org', '+81 3 5550 0143',
     'Tanabe Racing Club', 'Sport', 0.00),
    (4, 33, 'Samuel Okoro', 'samuel.okoro@deltagrid.example.com', '+234 1 555 0154',
     'Delta Grid Utilities', 'Energy', 52000000.00),
    (5, 18, 'Elena Petrova', 'elena.petrova@rotorworks.example.net', '+359 2 555 0165',
     'Rotorworks Laboratory', 'Research', 420000.00),
    (6, 9, 'Liam Carter', 'liam.carter@carterfacades.example.com', '+1 202 555 0176',
     'Carter Facades', 'Construction', 3100000.00)
)
INSERT INTO customers (id, name, email, phone, company, industry, revenue, created_at, updated_at)
SELECT id, name, email, phone, company, industry, revenue,
       now() - days_ago * interval '24 hours', now() - days_ago * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, customer_id, hours_ago, changed_hours_ago, status, payment_method, payment_status,
         coupon_code, subtotal, discount, shipping_cost, total, shipping_address) AS (VALUES
    (1, 1, 672, 552, 'completed', 'credit_card', 'paid', NULL, 4047.98, 0.00, 149.00, 4196.98,
     'Talweg 7, 83471 Berchtesgaden, Germany'),
    (2, 2, 504, 384, 'completed', 'crypto', 'paid', NULL, 2717.80, 0.00, 149.00, 2866.80,
     '31 Pier Avenue, Santa Cruz, CA 95060, USA'),
    (3, 3, 336, 240, 'delivered', 'credit_card', 'paid', 'FIRSTFLIGHT', 1286.96, 128.70, 149.00,
     1307.26, '4-12 Midori, Yokohama 220-0012, Japan'),
    (4, 4, 144, 96, 'shipped', 'wire', 'paid', NULL, 32640.00, 0.00, 0.00, 32640.00,
     '17 Marina Road, Lagos 101241, Nigeria'),
    (5, 5, 48, 46, 'processing', 'credit_card', 'paid', NULL, 1217.92, 0.00, 149.00, 1366.92,
     '5 Shipka Street, 1504 Sofia, Bulgaria'),
    (6, 6, 5, 5, 'pending', 'bank_transfer', 'pending', NULL, 9997.00, 0.00, 0.00, 9997.00,
     '902 Mason Street, Tacoma, WA 98402, USA')
)
INSERT INTO orders (id, customer_id, total, status, payment_method, payment_status, notes,
                    shipping_address, subtotal, discount, shipping_cost, coupon_code, created_at,
                    updated_at)
SELECT id, customer_id, total, status, payment_method, payment_status,
       'Source=shop_checkout; Coupon=' || coalesce(coupon_code, 'none'),
       shipping_address, subtotal, discount, shipping_cost, coupon_code,
       now() - hours_ago * interval '1 hour', now() - changed_hours_ago * interval '1 hour'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, order_id, sku, quantity) AS (VALUES
    (1, 1, 'DRN-002', 1), (2, 1, 'BAT-001', 2), (3, 1, 'ACC-002', 1),
    (4, 2, 'SKY-005', 2), (5, 2, 'SKY-011', 2),
    (6, 3, 'SKY-002', 3), (7, 3, 'PRP-001', 4),
    (8, 4, 'DRN-010', 1), (9, 4, 'ACC-004', 1),
    (10, 5, 'FLC-001', 2), (11, 5, 'MOT-001', 8),
    (12, 6, 'SKY-008', 1), (13, 6, 'BAT-002', 3)
)
INSERT INTO order_items (id, order_id, product_id, sku, product_name, quantity, unit_price)
SELECT item.id, item.order_id, products.id, products.sku, products.name, item.quantity,
       products.price
  FROM item JOIN products ON products.sku = item.sku
    ON CONFLICT DO NOTHING;

WITH item (order_id, status, destination_region, pieces, due_days, delivered_hours_ago) AS (VALUES
    (1, 'delivered', 'eu-central-1', 4, 5, 560),
    (2, 'delivered', 'us-west-2', 4, 6, 390),
    (3, 'delivered', 'ap-northeast-1', 7, 7, 240),
    (4, 'in_transit', 'af-south-1', 2, 9, NULL),
    (5, 'processing', 'eu-central-1', 10, 5, NULL),
    (6, 'processing', 'us-west-2', 4, 6, NULL)
)
INSERT INTO shipments (id, order_id, tracking_number, carrier, status, origin_region,
                       destination_region, weight_kg, shipping_cost, estimated_delivery,
                       actual_delivery, created_at, updated_at)
SELECT orders.id, orders.id, 'OCTO-' || to_char(orders.id, 'FM000000'), 'dhl', item.status,
       'eu-central-1',
       item.destination_region, 1.40 * item.pieces, orders.shipping_cost,
       orders.created_at + item.due_days * interval '24 hours',
       now() - item.delivered_hours_ago * interval '1 hour', orders.created_at, orders.updated_at
  FROM item JOIN orders ON orders.id = item.order_id
    ON CONFLICT DO NOTHING;

WITH item (id, order_id, status) AS (VALUES
    (1, 1, 'paid'), (2, 4, 'paid'), (3, 6, 'issued')
)
INSERT INTO shop_invoices (id, invoice_number, customer_id, order_id, amount, status, issued_at,
                           due_at, paid_at, created_at, updated_at)
SELECT item.id, 'INV-SHOP-' || to_char(orders.id, 'FM000000'), orders.customer_id, orders.id,
       orders.total,
       item.status, orders.created_at, orders.created_at + 30 * interval '24 hours',
       CASE WHEN item.status = 'paid' THEN orders.updated_at END, orders.created_at,
       orders.updated_at
  FROM item JOIN orders ON orders.id = item.order_id
    ON CONFLICT DO NOTHING;

-- Ids go on after those given here.
SELECT setval('customers_id_seq', (SELECT max(id) FROM customers)),
       setval('orders_id_seq', (SELECT max(id) FROM orders)),
       setval('order_items_id_seq', (SELECT max(id) FROM order_items)),
       setval('shipments_id_seq', (SELECT max(id) FROM shipments)),
       setval('shop_invoices_id_seq', (SELECT max(id) FROM shop_invoices));
