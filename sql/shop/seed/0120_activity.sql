-- What went on around the first orders of the Drone Shop: campaigns and leads, tickets, reviews and
-- visits. Addresses are of the range kept for tests (198.18.0.0/15).
-- sqlite:

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, name, campaign_type, status, budget, spent, target_audience, start_days, end_days) AS (
VALUES
    (1, 'First Flight Welcome', 'email', 'active', 500000, 182500,
     'New accounts without an order', -40, 50),
    (2, 'Harvest Season Sprayers', 'ppc', 'active', 1800000, 964000,
     'Farms above 50 hectares', -25, 35),
    (3, 'Refer a Pilot', 'referral', 'paused', 300000, 45000, 'Buyers of the last year', -70, 20),
    (4, 'Winter Training Weeks', 'social', 'draft', 750000, 0, 'Public services', 30, 90)
)
INSERT INTO campaigns (id, name, campaign_type, status, budget, spent, target_audience, start_date,
                       end_date, created_at, updated_at)
SELECT id, name, campaign_type, status, budget, spent, target_audience,
       now + start_days * 86400000000, now + end_days * 86400000000,
       now - (80 - id) * 86400000000, now - (20 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, campaign_id, customer_id, days_ago, email, name, source, status, score, notes) AS (
VALUES
    (1, 1, 1, 62, 'mira.falkner@alpenvermessung.example.com', 'Mira Falkner', 'newsletter',
     'converted', 92, 'Bought a mapper for alpine cadastre work.'),
    (2, 2, 4, 35, 'samuel.okoro@deltagrid.example.com', 'Samuel Okoro', 'search', 'converted', 88,
     'Power line survey, asked for laser scanning.'),
    (3, 2, NULL, 20, 'greta.lind@nordfarm.example.org', 'Greta Lind', 'search', 'qualified', 74,
     'Runs 300 hectares, wants a field demonstration in spring.'),
    (4, 1, NULL, 12, 'tom.baker@example.net', 'Tom Baker', 'newsletter', 'contacted', 41,
     'Hobby pilot, compares camera drones.'),
    (5, 3, NULL, 8, 'ines.moreau@example.com', 'Ines Moreau', 'referral', 'new', 30, NULL),
    (6, 3, NULL, 6, 'viktor.hale@example.org', 'Viktor Hale', 'referral', 'lost', 12,
     'Chose to rent for one season.')
)
INSERT INTO leads (id, campaign_id, customer_id, email, name, source, status, score, notes,
                   converted_at, created_at)
SELECT id, campaign_id, customer_id, email, name, source, status, score, notes,
       iif(status = 'converted', now - (days_ago - 3) * 86400000000, NULL),
       now - days_ago * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, customer_id, hours_ago, changed_hours_ago, title, status, priority, sku, service) AS (
VALUES
    (1, 1, 500, 470, 'Mapper drifts after firmware update', 'resolved', 'high', 'DRN-002', NULL),
    (2, 2, 300, 290, 'Which filter for a beach at noon?', 'closed', 'low', 'SKY-011', NULL),
    (3, 4, 40, 38, 'Training dates for a crew of two', 'open', 'medium', NULL, 'SRV-004')
)
INSERT INTO tickets (id, customer_id, title, status, priority, product_id, service_id, created_at,
                     updated_at)
SELECT item.id, item.customer_id, item.title, item.status, item.priority,
       (SELECT products.id FROM products WHERE products.sku = item.sku),
       (SELECT services.id FROM services WHERE services.sku = item.service),
       now - hours_ago * 3600000000, now - changed_hours_ago * 3600000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, ticket_id, hours_ago, sender_type, content) AS (VALUES
    (1, 1, 500, 'customer',
     'Since the update the aircraft wanders two metres to the left while it should hover.'),
    (2, 1, 470, 'agent',
     'The compass needs a new calibration after this update; the steps are in the pilot menu.'),
    (3, 2, 300, 'customer', 'I film surfers at noon. Which grey filter do you suggest?'),
    (4, 2, 290, 'agent', 'Start with ND32 at 25 frames a second and go to ND64 over white sand.'),
    (5, 3, 40, 'customer', 'Two of our line inspectors want the five-day course. What is free?')
)
INSERT INTO ticket_messages (id, ticket_id, sender_type, content, created_at)
SELECT id, ticket_id, sender_type, content, now - hours_ago * 3600000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, sku, customer_id, hours_ago, rating, author_name, review_comment) AS (VALUES
    (1, 'DRN-002', 1, 520, 5, 'Mira F.', 'Three valleys mapped in a day, and every tile matched.'),
    (2, 'BAT-001', 1, 510, 4, 'Mira F.', 'Honest capacity. Warms up slowly below minus ten.'),
    (3, 'SKY-005', 2, 380, 5, 'Jonas R.', 'It follows a surfer better than my second operator.'),
    (4, 'SKY-011', 2, 375, 4, 'Jonas R.', 'Neutral colours, good magnets. The tin rattles.'),
    (5, 'SKY-002', 3, 230, 5, 'Aiko T.', 'Out of the box and onto the podium.'),
    (6, 'PRP-001', 3, 228, 3, 'Aiko T.', 'They bend back twice, then they hum.'),
    (7, 'DRN-010', 4, 90, 5, 'Samuel O.', 'Found every sagging conductor on 40 km of line.'),
    (8, 'ACC-004', 4, 88, 4, 'Samuel O.', 'Precise and quick to set up; the display is small.'),
    (9, 'FRM-003', NULL, 60, 4, 'Workshop K.', 'Stiff arms and clean cable routes.'),
    (10, 'FPV-003', NULL, 30, 2, 'Night flyer', 'Fine picture, but too narrow for my glasses.')
)
INSERT INTO reviews (id, product_id, customer_id, rating, review_comment, author_name, created_at)
SELECT item.id, products.id, item.customer_id, item.rating, item.review_comment, item.author_name,
       now - item.hours_ago * 3600000000
  FROM item JOIN products ON products.sku = item.sku, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, page, visitor_region, load_time_ms, referrer) AS (VALUES
    (1, '/', 'eu-central-1', 182, NULL),
    (2, '/shop', 'us-east-1', 341, 'https://search.example.com/'),
    (3, '/shop', 'ap-northeast-1', 612, NULL),
    (4, '/product/2', 'us-west-2', 428, 'https://news.example.org/mapping'),
    (5, '/product/16', 'ap-southeast-1', 577, NULL),
    (6, '/', 'sa-east-1', 733, 'https://search.example.com/'),
    (7, '/shop', 'af-south-1', 905, NULL),
    (8, '/services', 'me-south-1', 496, NULL),
    (9, '/product/10', 'eu-west-1', 214, 'https://video.example.net/'),
    (10, '/', 'ap-southeast-2', 688, NULL)
)
INSERT INTO page_views (id, page, visitor_ip, visitor_region, user_agent, load_time_ms, referrer,
                        session_id, created_at)
SELECT id, page, '198.18.0.' || (10 + id), visitor_region, 'Mozilla/5.0 (X11; Linux x86_64)',
       load_time_ms, referrer, printf('seed-visitor-%02d', id), now - (44 - 4 * id) * 3600000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

-- The buyers and one who thought better of it.
INSERT INTO cart_sessions (session_id, first_added_at)
SELECT session_id, created_at + 60000000
  FROM page_views
 WHERE id BETWEEN 1 AND 7
    ON CONFLICT DO NOTHING;

-- postgres:
-- The same rows; money in dollars.

WITH item (id, name, campaign_type, status, budget, spent, target_audience, start_days,
           end_days) AS (
VALUES
    (1, 'First Flight Welcome', 'email', 'active', 5000.00, 1825.00,
     'New accounts without an order', -40, 50),
    (2, 'Harvest Season Sprayers', 'ppc', 'active', 18000.00, 9640.00,
     'Farms above 50 hectares', -25, 35),
    (3, 'Refer a Pilot', 'referral', 'paused', 3000.00, 450.00, 'Buyers of the last year', -70, 20),
    (4, 'Winter Training Weeks', 'social', 'draft', 7500.00, 0.00, 'Public services', 30, 90)
)
INSERT INTO campaigns (id, name, campaign_type, status, budget, spent, target_audience, start_date,
                       end_date, created_at, updated_at)
SELECT id, name, campaign_type, status, budget, spent, target_audience,
       now() + start_days * interval '24 hours', now() + end_days * interval '24 hours',
       now() - (80 - id) * interval '24 hours', now() - (20 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, campaign_id, customer_id, days_ago, email, name, source, status, score, notes) AS (
VALUES
    (1, 1, 1, 62, 'mira.falkner@alpenvermessung.example.com', 'Mira Falkner', 'newsletter',
     'converted', 92, 'Bought a mapper for alpine cadastre work.'),
    (2, 2, 4, 35, 'samuel.okoro@deltagrid.example.com', 'Samuel Okoro', 'search', 'converted', 88,
     'Power line survey, asked for laser scanning.'),
    (3, 2, NULL, 20, 'greta.lind@nordfarm.example.org', 'Greta Lind', 'search', 'qualified', 74,
     'Runs 300 hectares, wants a field demonstration in spring.'),
    (4, 1, NULL, 12, 'tom.baker@example.net', 'Tom Baker', 'newsletter', 'contacted', 41,
     'Hobby pilot, compares camera drones.'),
    (5, 3, NULL, 8, 'ines.moreau@example.com', 'Ines Moreau', 'referral', 'new', 30, NULL),
    (6, 3, NULL, 6, 'viktor.hale@example.org', 'Viktor Hale', 'referral', 'lost', 12,
     'Chose to rent for one season.')
)
INSERT INTO leads (id, campaign_id, customer_id, email, name, source, status, score, notes,
                   converted_at, created_at)
SELECT id, campaign_id, customer_id, email, name, source, status, score, notes,
       CASE WHEN status = 'converted' THEN now() - (days_ago - 3) * interval '24 hours' END,
       now() - days_ago * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, customer_id, hours_ago, changed_hours_ago, title, status, priority, sku,
           service) AS (
VALUES
    (1, 1, 500, 470, 'Mapper drifts after firmware update', 'resolved', 'high', 'DRN-002', NULL),
    (2, 2, 300, 290, 'Which filter for a beach at noon?', 'closed', 'low', 'SKY-011', NULL),
    (3, 4, 40, 38, 'Training dates for a crew of two', 'open', 'medium', NULL, 'SRV-004')
)
INSERT INTO tickets (id, customer_id, title, status, priority, product_id, service_id, created_at,
                     updated_at)
SELECT item.id, item.customer_id, item.title, item.status, item.priority,
       (SELECT products.id FROM products WHERE products.sku = item.sku),
       (SELECT services.id FROM services WHERE services.sku = item.service),
       now() - hours_ago * interval '1 hour', now() - changed_hours_ago * interval '1 hour'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, ticket_id, hours_ago, sender_type, content) AS (VALUES
    (1, 1, 500, 'customer',
     'Since the update the aircraft wanders two metres to the left while it should hover.'),
    (2, 1, 470, 'agent',
     'The compass needs a new calibration after this update; the steps are in the pilot menu.'),
    (3, 2, 300, 'customer', 'I film surfers at noon. Which grey filter do you suggest?'),
    (4, 2, 290, 'agent', 'Start with ND32 at 25 frames a second and go to ND64 over white sand.'),
    (5, 3, 40, 'customer', 'Two of our line inspectors want the five-day course. What is free?')
)
INSERT INTO ticket_messages (id, ticket_id, sender_type, content, created_at)
SELECT id, ticket_id, sender_type, content, now() - hours_ago * interval '1 hour'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, sku, customer_id, hours_ago, rating, author_name, review_comment) AS (VALUES
    (1, 'DRN-002', 1, 520, 5, 'Mira F.', 'Three valleys mapped in a day, and every tile matched.'),
    (2, 'BAT-001', 1, 510, 4, 'Mira F.', 'Honest capacity. Warms up slowly below minus ten.'),
    (3, 'SKY-005', 2, 380, 5, 'Jonas R.', 'It follows a surfer better than my second operator.'),
    (4, 'SKY-011', 2, 375, 4, 'Jonas R.', 'Neutral colours, good magnets. The tin rattles.'),
    (5, 'SKY-002', 3, 230, 5, 'Aiko T.', 'Out of the box and onto the podium.'),
    (6, 'PRP-001', 3, 228, 3, 'Aiko T.', 'They bend back twice, then they hum.'),
    (7, 'DRN-010', 4, 90, 5, 'Samuel O.', 'Found every sagging conductor on 40 km of line.'),
    (8, 'ACC-004', 4, 88, 4, 'Samuel O.', 'Precise and quick to set up; the display is small.'),
    (9, 'FRM-003', NULL, 60, 4, 'Workshop K.', 'Stiff arms and clean cable routes.'),
    (10, 'FPV-003', NULL, 30, 2, 'Night flyer', 'Fine picture, but too narrow for my glasses.')
)
INSERT INTO reviews (id, product_id, customer_id, rating, review_comment, author_name, created_at)
SELECT item.id, products.id, item.customer_id, item.rating, item.review_comment, item.author_name,
       now() - item.hours_ago * interval '1 hour'
  FROM item JOIN products ON products.sku = item.sku
    ON CONFLICT DO NOTHING;

WITH item (id, page, visitor_region, load_time_ms, referrer) AS (VALUES
    (1, '/', 'eu-central-1', 182, NULL),
    (2, '/shop', 'us-east-1', 341, 'https://search.example.com/'),
    (3, '/shop', 'ap-northeast-1', 612, NULL),
    (4, '/product/2', 'us-west-2', 428, 'https://news.example.org/mapping'),
    (5, '/product/16', 'ap-southeast-1', 577, NULL),
    (6, '/', 'sa-east-1', 733, 'https://search.example.com/'),
    (7, '/shop', 'af-south-1', 905, NULL),
    (8, '/services', 'me-south-1', 496, NULL),
    (9, '/product/10', 'eu-west-1', 214, 'https://video.example.net/'),
    (10, '/', 'ap-southeast-2', 688, NULL)
)
INSERT INTO page_views (id, page, visitor_ip, visitor_region, user_agent, load_time_ms, referrer,
                        session_id, created_at)
SELECT id, page, '198.18.0.' || (10 + id), visitor_region, 'Mozilla/5.0 (X11; Linux x86_64)',
       load_time_ms, referrer, 'seed-visitor-' || to_char(id, 'FM00'),
       now() - (44 - 4 * id) * interval '1 hour'
  FROM item
    ON CONFLICT DO NOTHING;

INSERT INTO cart_sessions (session_id, first_added_at)
SELECT session_id, created_at + interval '1 minute'
  FROM page_views
 WHERE id BETWEEN 1 AND 7
    ON CONFLICT DO NOTHING;

-- Ids go on after those given here.
SELECT setval('campaigns_id_seq', (SELECT max(id) FROM campaigns)),
       setval('leads_id_seq', (SELECT max(id) FROM leads)),
       setval('tickets_id_seq', (SELECT max(id) FROM tickets)),
       setval('ticket_messages_id_seq', (SELECT max(id) FROM ticket_messages)),
       setval('reviews_id_seq', (SELECT max(id) FROM reviews)),
       setval('page_views_id_seq', (SELECT max(id) FROM page_views));
