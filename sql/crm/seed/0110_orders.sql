-- Customers that the CRM Portal has of its own, their orders, shipments and invoices. These orders
-- were made here: their source is the CRM and they have no source id. Totals follow the shop's
-- pricing rule; lines take SKU, name and price from the product. Tracking numbers start with CRM-,
-- since those of the shop arrive here by synchronisation.
-- sqlite:

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, days_ago, name, email, phone, company, industry, revenue, notes) AS (VALUES
    (1, 150, 'Clara Weiss', 'clara.weiss@nordwind.example.com', '+49 69 5550 0301',
     'Nordwind Turbines', 'Energy', 8400000000, 'Frame contract until the end of next year.'),
    (2, 140, 'Paulo Mendes', 'paulo.mendes@casabela.example.com', '+55 13 5550 0312',
     'Casa Bela Imoveis', 'Real estate', 127000000, NULL),
    (3, 132, 'Hannah Brooks', 'hannah.brooks@bridgecheck.example.net', '+1 202 555 0143',
     'Bridgecheck Engineers', 'Construction', 960000000, 'Prefers calls before nine.'),
    (4, 120, 'Kenji Mori', 'kenji.mori@gateclub.example.org', '+81 3 5550 0334',
     'Gate Club Tokyo', 'Sport', 8200000, NULL),
    (5, 101, 'Sofia Marin', 'sofia.marin@lichtspiel.example.net', '+49 30 5550 0345',
     'Lichtspiel Studio', 'Media', 214000000, 'Rents first, buys later.'),
    (6, 88, 'David Osei', 'david.osei@landsurvey.example.com', '+233 30 555 0356',
     'Osei Land Survey', 'Surveying', 351000000, NULL),
    (7, 64, 'Maria Keller', 'maria.keller@filmhaus.example.com', '+41 44 555 03 67',
     'Filmhaus Keller', 'Media', 98000000, NULL),
    (8, 41, 'Omar Haddad', 'omar.haddad@skyschool.example.org', '+971 4 555 0378',
     'Sky School', 'Education', 45000000, 'Wants lessons in Arabic.'),
    (9, 25, 'Nina Larsen', 'nina.larsen@fjordfish.example.net', '+47 5550 0389',
     'Fjord Fish', 'Aquaculture', 1730000000, 'Asked for salt water tests.'),
    (10, 10, 'Victor Chan', 'victor.chan@harbourpilots.example.com', '+65 5550 0390',
     'Harbour Pilots', 'Logistics', 2260000000, NULL)
)
INSERT INTO customers (id, name, email, phone, company, industry, revenue, notes, created_at,
                       updated_at)
SELECT id, name, email, phone, company, industry, revenue, notes,
       now - days_ago * 86400000000, now - days_ago * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

-- The first order is above the threshold of the risk figures, the last three are the backlog.
WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, customer_id, hours_ago, changed_hours_ago, status, payment_method, payment_status,
         backlog_status, subtotal, shipping_cost, total, shipping_address) AS (VALUES
    (1, 1, 1440, 1200, 'completed', 'wire', 'paid', 'current', 5564500, 0, 5564500,
     'Deichweg 3, 25813 Husum, Germany'),
    (2, 2, 1080, 936, 'completed', 'credit_card', 'paid', 'current', 77970, 14900, 92870,
     'Rua das Palmeiras 88, Santos 11060, Brazil'),
    (3, 3, 840, 720, 'completed', 'invoice', 'paid', 'current', 755940, 0, 755940,
     '1500 Keystone Avenue, Pittsburgh, PA 15222, USA'),
    (4, 4, 600, 456, 'delivered', 'credit_card', 'paid', 'current', 281500, 14900, 296400,
     '3-9 Kachidoki, Tokyo 104-0054, Japan'),
    (5, 5, 240, 168, 'shipped', 'invoice', 'pending', 'current', 395690, 14900, 410590,
     'Gleimstrasse 22, 10437 Berlin, Germany'),
    (6, 6, 96, 72, 'processing', 'wire', 'paid', 'backlog', 1815800, 0, 1815800,
     '14 Ring Road, Accra, Ghana'),
    (7, 7, 40, 30, 'processing', 'credit_card', 'paid', 'backlog', 350000, 14900, 364900,
     'Limmatquai 60, 8001 Zurich, Switzerland'),
    (8, 8, 6, 6, 'pending', 'bank_transfer', 'pending', 'backlog', 119370, 14900, 134270,
     'Al Wasl Road 210, Dubai, United Arab Emirates')
)
INSERT INTO orders (id, customer_id, total, status, payment_method, payment_status, notes,
                    shipping_address, subtotal, shipping_cost, created_at, updated_at,
                    source_system, source_customer_email, sync_status, backlog_status)
SELECT item.id, item.customer_id, item.total, item.status, item.payment_method,
       item.payment_status, 'Taken by the sales desk', item.shipping_address, item.subtotal,
       item.shipping_cost, now - item.hours_ago * 3600000000,
       now - item.changed_hours_ago * 3600000000, 'enterprise-crm', customers.email, 'local',
       item.backlog_status
  FROM item JOIN customers ON customers.id = item.customer_id, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH item (id, order_id, sku, quantity) AS (VALUES
    (1, 1, 'OCTO-009', 5), (2, 1, 'OCTO-012', 5),
    (3, 2, 'OCTO-004', 2), (4, 2, 'OCTO-010', 4),
    (5, 3, 'OCTO-007', 1), (6, 3, 'OCTO-011', 6),
    (7, 4, 'OCTO-002', 4), (8, 4, 'OCTO-003', 2),
    (9, 5, 'OCTO-005', 3), (10, 5, 'OCTO-011', 1),
    (11, 6, 'OCTO-008', 2), (12, 6, 'OCTO-012', 2),
    (13, 7, 'OCTO-006', 1),
    (14, 8, 'OCTO-001', 6), (15, 8, 'OCTO-010', 6)
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
    (1, 'delivered', 'eu-central-1', 10, 8, 1210),
    (2, 'delivered', 'sa-east-1', 6, 7, 940),
    (3, 'delivered', 'us-east-1', 7, 6, 725),
    (4, 'delivered', 'ap-northeast-1', 6, 7, 456),
    (5, 'in_transit', 'eu-central-1', 4, 12, NULL),
    (6, 'processing', 'af-south-1', 4, 9, NULL),
    (7, 'processing', 'eu-central-1', 1, 5, NULL),
    (8, 'processing', 'me-south-1', 12, 8, NULL)
)
INSERT INTO shipments (id, order_id, tracking_number, carrier, status, origin_region,
                       destination_region, weight_kg, shipping_cost, estimated_delivery,
                       actual_delivery, created_at, updated_at)
SELECT orders.id, orders.id, printf('CRM-%06d', orders.id), 'dhl', item.status, 'eu-central-1',
       item.destination_region, 140 * item.pieces, orders.shipping_cost,
       orders.created_at + item.due_days * 86400000000,
       now - item.delivered_hours_ago * 3600000000, orders.created_at, orders.updated_at
  FROM item JOIN orders ON orders.id = item.order_id, clock
 WHERE true
    ON CONFLICT DO NOTHING;

-- The tax is 8 % of the amount, in whole cents, half up.
WITH item (order_id, status) AS (VALUES
    (1, 'paid'), (2, 'paid'), (3, 'paid'), (4, 'paid'),
    (5, 'overdue'), (6, 'paid'), (7, 'pending'), (8, 'unpaid')
)
INSERT INTO invoices (id, invoice_number, customer_id, order_id, amount, tax, status, issued_at,
                      due_date, paid_at, created_at, updated_at)
SELECT orders.id, printf('INV-CRM-%06d', orders.id), orders.customer_id, orders.id, orders.total,
       (orders.total * 8 + 50) / 100, item.status, orders.created_at,
       orders.created_at + iif(item.status = 'overdue', 7, 30) * 86400000000,
       iif(item.status = 'paid', orders.updated_at, NULL), orders.created_at, orders.updated_at
  FROM item JOIN orders ON orders.id = item.order_id
 WHERE true
    ON CONFLICT DO NOTHING;

-- postgres:
-- The same rows; money in dollars.

WITH item (id, days_ago, name, email, phone, company, industry, revenue, notes) AS (VALUES
    (1, 150, 'Clara Weiss', 'clara.weiss@nordwind.example.com', '+49 69 5550 0301',
     'Nordwind Turbines', 'Energy', 84000000.00, 'Frame contract until the end of next year.'),
    (2, 140, 'Paulo Mendes', 'paulo.mendes@casabela.example.com', '+55 13 5550 0312',
     'Casa Bela Imoveis', 'Real estate', 1270000.00, NULL),
    (3, 132, 'Hannah Brooks', 'hannah.brooks@bridgecheck.example.net', '+1 202 555 0143',
     'Bridgecheck Engineers', 'Construction', 9600000.00, 'Prefers calls before nine.'),
    (4, 120, 'Kenji Mori', 'kenji.mori@gateclub.example.org', '+81 3 5550 0334',
     'Gate Club Tokyo', 'Sport', 82000.00, NULL),
    (5, 101, 'Sofia Marin', 'sofia.marin@lichtspiel.example.net', '+49 30 5550 0345',
     'Lichtspiel Studio', 'Media', 2140000.00, 'Rents first, buys later.'),
    (6, 88, 'David Osei', 'david.osei@landsurvey.example.com', '+233 30 555 0356',
     'Osei Land Survey', 'Surveying', 3510000.00, NULL),
    (7, 64, 'Maria Keller', 'maria.keller@filmhaus.example.com', '+41 44 555 03 67',
     'Filmhaus Keller', 'Media', 980000.00, NULL),
    (8, 41, 'Omar Haddad', 'omar.haddad@skyschool.example.org', '+971 4 555 0378',
     'Sky School', 'Education', 450000.00, 'Wants lessons in Arabic.'),
    (9, 25, 'Nina Larsen', 'nina.larsen@fjordfish.example.net', '+47 5550 0389',
     'Fjord Fish', 'Aquaculture', 17300000.00, 'Asked for salt water tests.'),
    (10, 10, 'Victor Chan', 'victor.chan@harbourpilots.example.com', '+65 5550 0390',
     'Harbour Pilots', 'Logistics', 22600000.00, NULL)
)
INSERT INTO customers (id, name, email, phone, company, industry, revenue, notes, created_at,
                       updated_at)
SELECT id, name, email, phone, company, industry, revenue, notes,
       now() - days_ago * interval '24 hours', now() - days_ago * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, customer_id, hours_ago, changed_hours_ago, status, payment_method, payment_status,
         backlog_status, subtotal, shipping_cost, total, shipping_address) AS (VALUES
    (1, 1, 1440, 1200, 'completed', 'wire', 'paid', 'current', 55645.00, 0.00, 55645.00,
     'Deichweg 3, 25813 Husum, Germany'),
    (2, 2, 1080, 936, 'completed', 'credit_card', 'paid', 'current', 779.70, 149.00, 928.70,
     'Rua das Palmeiras 88, Santos 11060, Brazil'),
    (3, 3, 840, 720, 'completed', 'invoice', 'paid', 'current', 7559.40, 0.00, 7559.40,
     '1500 Keystone Avenue, Pittsburgh, PA 15222, USA'),
    (4, 4, 600, 456, 'delivered', 'credit_card', 'paid', 'current', 2815.00, 149.00, 2964.00,
     '3-9 Kachidoki, Tokyo 104-0054, Japan'),
    (5, 5, 240, 168, 'shipped', 'invoice', 'pending', 'current', 3956.90, 149.00, 4105.90,
     'Gleimstrasse 22, 10437 Berlin, Germany'),
    (6, 6, 96, 72, 'processing', 'wire', 'paid', 'backlog', 18158.00, 0.00, 18158.00,
     '14 Ring Road, Accra, Ghana'),
    (7, 7, 40, 30, 'processing', 'credit_card', 'paid', 'backlog', 3500.00, 149.00, 3649.00,
     'Limmatquai 60, 8001 Zurich, Switzerland'),
    (8, 8, 6, 6, 'pending', 'bank_transfer', 'pending', 'backlog', 1193.70, 149.00, 1342.70,
     'Al Wasl Road 210, Dubai, United Arab Emirates')
)
INSERT INTO orders (id, customer_id, total, status, payment_method, payment_status, notes,
                    shipping_address, subtotal, shipping_cost, created_at, updated_at,
                    source_system, source_customer_email, sync_status, backlog_status)
SELECT item.id, item.customer_id, item.total, item.status, item.payment_method,
       item.payment_status, 'Taken by the sales desk', item.shipping_address, item.subtotal,
       item.shipping_cost, now() - item.hours_ago * interval '1 hour',
       now() - item.changed_hours_ago * interval '1 hour', 'enterprise-crm', customers.email,
       'local',
       item.backlog_status
  FROM item JOIN customers ON customers.id = item.customer_id
    ON CONFLICT DO NOTHING;

WITH item (id, order_id, sku, quantity) AS (VALUES
    (1, 1, 'OCTO-009', 5), (2, 1, 'OCTO-012', 5),
    (3, 2, 'OCTO-004', 2), (4, 2, 'OCTO-010', 4),
    (5, 3, 'OCTO-007', 1), (6, 3, 'OCTO-011', 6),
    (7, 4, 'OCTO-002', 4), (8, 4, 'OCTO-003', 2),
    (9, 5, 'OCTO-005', 3), (10, 5, 'OCTO-011', 1),
    (11, 6, 'OCTO-008', 2), (12, 6, 'OCTO-012', 2),
    (13, 7, 'OCTO-006', 1),
    (14, 8, 'OCTO-001', 6), (15, 8, 'OCTO-010', 6)
)
INSERT INTO order_items (id, order_id, product_id, sku, product_name, quantity, unit_price)
SELECT item.id, item.order_id, products.id, products.sku, products.name, item.quantity,
       products.price
  FROM item JOIN products ON products.sku = item.sku
    ON CONFLICT DO NOTHING;

WITH item (order_id, status, destination_region, pieces, due_days, delivered_hours_ago) AS (VALUES
    (1, 'delivered', 'eu-central-1', 10, 8, 1210),
    (2, 'delivered', 'sa-east-1', 6, 7, 940),
    (3, 'delivered', 'us-east-1', 7, 6, 725),
    (4, 'delivered', 'ap-northeast-1', 6, 7, 456),
    (5, 'in_transit', 'eu-central-1', 4, 12, NULL),
    (6, 'processing', 'af-south-1', 4, 9, NULL),
    (7, 'processing', 'eu-central-1', 1, 5, NULL),
    (8, 'processing', 'me-south-1', 12, 8, NULL)
)
INSERT INTO shipments (id, order_id, tracking_number, carrier, status, origin_region,
                       destination_region, weight_kg, shipping_cost, estimated_delivery,
                       actual_delivery, created_at, updated_at)
SELECT orders.id, orders.id, 'CRM-' || to_char(orders.id, 'FM000000'), 'dhl', item.status,
       'eu-central-1',
       item.destination_region, 1.40 * item.pieces, orders.shipping_cost,
       orders.created_at + item.due_days * interval '24 hours',
       now() - item.delivered_hours_ago * interval '1 hour', orders.created_at, orders.updated_at
  FROM item JOIN orders ON orders.id = item.order_id
    ON CONFLICT DO NOTHING;

WITH item (order_id, status) AS (VALUES
    (1, 'paid'), (2, 'paid'), (3, 'paid'), (4, 'paid'),
    (5, 'overdue'), (6, 'paid'), (7, 'pending'), (8, 'unpaid')
)
INSERT INTO invoices (id, invoice_number, customer_id, order_id, amount, tax, status, issued_at,
                      due_date, paid_at, created_at, updated_at)
SELECT orders.id, 'INV-CRM-' || to_char(orders.id, 'FM000000'), orders.customer_id, orders.id,
       orders.total,
       round(orders.total * 0.08, 2), item.status, orders.created_at,
       orders.created_at
           + CASE WHEN item.status = 'overdue' THEN 7 ELSE 30 END * interval '24 hours',
       CASE WHEN item.status = 'paid' THEN orders.updated_at END, orders.created_at,
       orders.updated_at
  FROM item JOIN orders ON orders.id = item.order_id
    ON CONFLICT DO NOTHING;

-- Ids go on after those given here.
SELECT setval('customers_id_seq', (SELECT max(id) FROM customers)),
       setval('orders_id_seq', (SELECT max(id) FROM orders)),
       setval('order_items_id_seq', (SELECT max(id) FROM order_items)),
       setval('shipments_id_seq', (SELECT max(id) FROM shipments)),
       setval('invoices_id_seq', (SELECT max(id) FROM invoices));
