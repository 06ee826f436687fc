-- What the CRM Portal knows on its first day: its sales channels, products and warehouses. Money
-- in cents. Rows that are already there stay as they are.
-- sqlite:

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, name, slug, storefront_url, crm_base_url, region, status, notes) AS (VALUES
    (1, 'Primary Store', 'primary-store', 'https://shop.example.com', 'https://crm.example.com',
     'eu-central', 'active', 'The public shop.'),
    (2, 'Lab Store', 'lab-store', 'https://lab-shop.example.com', 'https://lab-crm.example.com',
     'us-east', 'maintenance', 'For trials; closed to the public.')
)
INSERT INTO storefronts (id, name, slug, storefront_url, crm_base_url, region, status, notes,
                         created_at, updated_at)
SELECT id, name, slug, storefront_url, crm_base_url, region, status, notes,
       now - (200 - id) * 86400000000, now - (200 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, sku, category, price, stock, name, description) AS (VALUES
    (1, 'OCTO-001', 'Racing Drones', 17900, 400, 'Octo Gate One',
     'Club trainer with soft bumpers and a limited first mode. Flight time 8 minutes, 4S 750 mAh battery, range 1 km.'),
    (2, 'OCTO-002', 'Racing Drones', 38900, 220, 'Octo Gate Five',
     'League racer with spec motors and a sealed controller. Flight time 6 minutes, 6S 1200 mAh battery, range 3 km.'),
    (3, 'OCTO-003', 'Racing Drones', 62950, 150, 'Octo Gate Marathon',
     'Endurance class racer for courses of an hour with pit stops. Flight time 22 minutes, 6S 3800 mAh battery, range 12 km.'),
    (4, 'OCTO-004', 'Camera Drones', 34995, 260, 'Octo View Lite',
     'Light camera drone for estate agents and travellers. Flight time 30 minutes, 4K camera, 12MP sensor, range 6 km.'),
    (5, 'OCTO-005', 'Camera Drones', 129900, 140, 'Octo View Plus',
     'Camera drone for small studios with automatic orbits. Flight time 37 minutes, 5K camera, 48MP sensor, range 9 km.'),
    (6, 'OCTO-006', 'Camera Drones', 350000, 80, 'Octo View Studio',
     'Film camera in the air with changeable lenses and time code. Flight time 27 minutes, 8K camera, 44MP sensor.'),
    (7, 'OCTO-007', 'Industrial Drones', 720000, 90, 'Octo Work Inspector',
     'Inspector with zoom, thermal core and rain cover. Flight time 36 minutes, 4K camera, range 9 km, payload 0.8 kg.'),
    (8, 'OCTO-008', 'Industrial Drones', 895000, 65, 'Octo Work Surveyor',
     'Surveyor with mechanical shutter and centimetre positions. Flight time 41 minutes, 61MP sensor, range 12 km.'),
    (9, 'OCTO-009', 'Industrial Drones', 1100000, 50, 'Octo Work Lifter',
     'Lifter for tools and spare parts on wind farms. Payload 12 kg, flight time 25 minutes, 12S 22000 mAh battery.'),
    (10, 'OCTO-010', 'Accessories', 1995, 500, 'Octo Guard Ring',
     'Ring of soft arches around all propellers for flights among people. Weighs 72 grams and clips on without tools.'),
    (11, 'OCTO-011', 'Accessories', 5990, 450, 'Octo Pack Sleeve',
     'Fire-resistant sleeve for batteries up to 12000 mAh, for transport and charging. Closes with one hand, passes air freight rules.'),
    (12, 'OCTO-012', 'Accessories', 12900, 310, 'Octo Tag',
     'Tracking tag with its own radio and 500 mAh battery. Reports position for ten days after a crash, range 5 km to the finder.')
)
INSERT INTO products (id, shop_id, name, sku, description, price, stock, category, image_url,
                      created_at, updated_at)
SELECT id, 1, name, sku, description, price, stock, category,
       '/static/img/products/' || replace(lower(sku), '-', '_') || '.jpg',
       now - (190 - id) * 86400000000, now - (190 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, name, region, address, capacity, current_stock, is_active) AS (VALUES
    (1, 'Chesapeake Depot', 'us-east-1', '40 Dock Street, Baltimore, MD 21202, USA', 9000, 5120, 1),
    (2, 'Main Depot', 'eu-central-1', 'Am Osthafen 9, 60314 Frankfurt am Main, Germany', 14000,
     8875, 1),
    (3, 'Johor Depot', 'ap-southeast-1', '77 Tuas Link, Singapore 637361', 7000, 3990, 1),
    (4, 'Columbia Depot', 'us-west-2', '310 River Road, Vancouver, WA 98660, USA', 8000, 4460, 1),
    (5, 'Kanto Depot', 'ap-northeast-1', '2-5 Shinkiba, Tokyo 136-0082, Japan', 6000, 2715, 1),
    (6, 'Santos Depot', 'sa-east-1', 'Avenida do Porto 600, Santos 11015, Brazil', 5000, 1830, 1),
    (7, 'Gulf Depot', 'me-south-1', 'Building 12, Hidd Port Road, Manama, Bahrain', 4000, 0, 0)
)
INSERT INTO warehouses (id, name, region, address, capacity, current_stock, is_active, created_at)
SELECT id, name, region, address, capacity, current_stock, is_active,
       now - (180 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

-- postgres:
-- The same rows; money in dollars.

WITH item (id, name, slug, storefront_url, crm_base_url, region, status, notes) AS (VALUES
    (1, 'Primary Store', 'primary-store', 'https://shop.example.com', 'https://crm.example.com',
     'eu-central', 'active', 'The public shop.'),
    (2, 'Lab Store', 'lab-store', 'https://lab-shop.example.com', 'https://lab-crm.example.com',
     'us-east', 'maintenance', 'For trials; closed to the public.')
)
INSERT INTO storefronts (id, name, slug, storefront_url, crm_base_url, region, status, notes,
                         created_at, updated_at)
SELECT id, name, slug, storefront_url, crm_base_url, region, status, notes,
       now() - (200 - id) * interval '24 hours', now() - (200 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, sku, category, price, stock, name, description) AS (VALUES
    (1, 'OCTO-001', 'Racing Drones', 179.00, 400, 'Octo Gate One',
     'Club trainer with soft bumpers and a limited first mode. Flight time 8 minutes, 4S 750 mAh battery, range 1 km.'),
    (2, 'OCTO-002', 'Racing Drones', 389.00, 220, 'Octo Gate Five',
     'League racer with spec motors and a sealed controller. Flight time 6 minutes, 6S 1200 mAh battery, range 3 km.'),
    (3, 'OCTO-003', 'Racing Drones', 629.50, 150, 'Octo Gate Marathon',
     'Endurance class racer for courses of an hour with pit stops. Flight time 22 minutes, 6S 3800 mAh battery, range 12 km.'),
    (4, 'OCTO-004', 'Camera Drones', 349.95, 260, 'Octo View Lite',
     'Light camera drone for estate agents and travellers. Flight time 30 minutes, 4K camera, 12MP sensor, range 6 km.'),
    (5, 'OCTO-005', 'Camera Drones', 1299.00, 140, 'Octo View Plus',
     'Camera drone for small studios with automatic orbits. Flight time 37 minutes, 5K camera, 48MP sensor, range 9 km.'),
    (6, 'OCTO-006', 'Camera Drones', 3500.00, 80, 'Octo View Studio',
     'Film camera in the air with changeable lenses and time code. Flight time 27 minutes, 8K camera, 44MP sensor.'),
    (7, 'OCTO-007', 'Industrial Drones', 7200.00, 90, 'Octo Work Inspector',
     'Inspector with zoom, thermal core and rain cover. Flight time 36 minutes, 4K camera, range 9 km, payload 0.8 kg.'),
    (8, 'OCTO-008', 'Industrial Drones', 8950.00, 65, 'Octo Work Surveyor',
     'Surveyor with mechanical shutter and centimetre positions. Flight time 41 minutes, 61MP sensor, range 12 km.'),
    (9, 'OCTO-009', 'Industrial Drones', 11000.00, 50, 'Octo Work Lifter',
     'Lifter for tools and spare parts on wind farms. Payload 12 kg, flight time 25 minutes, 12S 22000 mAh battery.'),
    (10, 'OCTO-010', 'Accessories', 19.95, 500, 'Octo Guard Ring',
     'Ring of soft arches around all propellers for flights among people. Weighs 72 grams and clips on without tools.'),
    (11, 'OCTO-011', 'Accessories', 59.90, 450, 'Octo Pack Sleeve',
     'Fire-resistant sleeve for batteries up to 12000 mAh, for transport and charging. Closes with one hand, passes air freight rules.'),
    (12, 'OCTO-012', 'Accessories', 129.00, 310, 'Octo Tag',
     'Tracking tag with its own radio and 500 mAh battery. Reports position for ten days after a crash, range 5 km to the finder.')
)
INSERT INTO products (id, shop_id, name, sku, description, price, stock, category, image_url,
                      created_at, updated_at)
SELECT id, 1, name, sku, description, price, stock, category,
       '/static/img/products/' || replace(lower(sku), '-', '_') || '.jpg',
       now() - (190 - id) * interval '24 hours', now() - (190 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, name, region, address, capacity, current_stock, is_active) AS (VALUES
    (1, 'Chesapeake Depot', 'us-east-1', '40 Dock Street, Baltimore, MD 21202, USA', 9000, 5120, 1),
    (2, 'Main Depot', 'eu-central-1', 'Am Osthafen 9, 60314 Frankfurt am Main, Germany', 14000,
     8875, 1),
    (3, 'Johor Depot', 'ap-southeast-1', '77 Tuas Link, Singapore 637361', 7000, 3990, 1),
    (4, 'Columbia Depot', 'us-west-2', '310 River Road, Vancouver, WA 98660, USA', 8000, 4460, 1),
    (5, 'Kanto Depot', 'ap-northeast-1', '2-5 Shinkiba, Tokyo 136-0082, Japan', 6000, 2715, 1),
    (6, 'Santos Depot', 'sa-east-1', 'Avenida do Porto 600, Santos 11015, Brazil', 5000, 1830, 1),
    (7, 'Gulf Depot', 'me-south-1', 'Building 12, Hidd Port Road, Manama, Bahrain', 4000, 0, 0)
)
INSERT INTO warehouses (id, name, region, address, capacity, current_stock, is_active, created_at)
SELECT id, name, region, address, capacity, current_stock, is_active,
       now() - (180 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

-- Ids go on after those given here.
SELECT setval('storefronts_id_seq', (SELECT max(id) FROM storefronts)),
       setval('products_id_seq', (SELECT max(id) FROM products)),
       setval('warehouses_id_seq', (SELECT max(id) FROM warehouses));
