-- What went on around the first customers of the CRM Portal: campaigns and leads, support tickets
-- and visits. Addresses are of the range kept for tests (198.18.0.0/15).
-- sqlite:

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, name, campaign_type, status, budget, spent, target_audience, start_days, end_days) AS (
VALUES
    (1, 'Wind Farm Inspections', 'email', 'active', 1200000, 640000,
     'Operators of ten turbines and more', -60, 30),
    (2, 'Bridges Before Winter', 'ppc', 'completed', 2400000, 2385000,
     'Civil engineers', -150, -40),
    (3, 'Film Season Opening', 'social', 'active', 900000, 212500, 'Studios and freelancers', -20,
     45),
    (4, 'Partner Finder Fee', 'referral', 'active', 500000, 75000, 'Dealers and trainers', -90, 90),
    (5, 'Harbour Watch Display', 'display', 'paused', 1500000, 430000, 'Ports and pilots', -35, 60),
    (6, 'Spring Licence Courses', 'email', 'draft', 400000, 0, 'Schools', 25, 85)
)
INSERT INTO campaigns (id, name, campaign_type, status, budget, spent, target_audience, start_date,
                       end_date, created_at, updated_at)
SELECT id, name, campaign_type, status, budget, spent, target_audience,
       now + start_days * 86400000000, now + end_days * 86400000000,
       now - (160 - id) * 86400000000, now - (20 - id) * 86400000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, campaign_id, customer_id, days_ago, email, name, source, status, score, notes) AS (
VALUES
    (1, 2, 3, 135, 'hannah.brooks@bridgecheck.example.net', 'Hannah Brooks', 'search', 'converted',
     95, 'Forty bridges a year.'),
    (2, 4, 5, 104, 'sofia.marin@lichtspiel.example.net', 'Sofia Marin', 'referral', 'converted',
     81, 'Came through a rental house.'),
    (3, 1, 1, 62, 'clara.weiss@nordwind.example.com', 'Clara Weiss', 'newsletter', 'converted', 97,
     'Second site, asks for lifters.'),
    (4, 2, NULL, 55, 'ruben.holt@spanworks.example.com', 'Ruben Holt', 'search', 'lost', 22,
     'Bought binoculars instead.'),
    (5, 1, NULL, 48, 'ida.strand@vindkraft.example.org', 'Ida Strand', 'newsletter', 'qualified',
     78, 'Budget decision next quarter.'),
    (6, 5, NULL, 30, 'marco.silva@portauthority.example.net', 'Marco Silva', 'banner', 'contacted',
     52, 'Needs proof of salt resistance.'),
    (7, 4, NULL, 22, 'yuki.arai@example.org', 'Yuki Arai', 'referral', 'qualified', 69,
     'Trains rescue crews.'),
    (8, 3, NULL, 14, 'leo.dupont@example.com', 'Leo Dupont', 'video', 'contacted', 47, NULL),
    (9, 3, NULL, 9, 'amira.said@lenscraft.example.net', 'Amira Said', 'video', 'new', 35, NULL),
    (10, 3, NULL, 5, 'peter.novak@example.net', 'Peter Novak', 'video', 'new', 18, NULL)
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
), item (id, customer_id, hours_ago, changed_hours_ago, subject, priority, status, assigned_to,
         description) AS (VALUES
    (1, 1, 1100, 1050, 'Lifter reports a warm motor', 'high', 'resolved', 'field-service',
     'Motor five reads ten degrees above its neighbours after every flight.'),
    (2, 2, 900, 890, 'Invoice copy in Portuguese', 'low', 'closed', 'billing',
     'The accountant asks for a copy in Portuguese.'),
    (3, 3, 700, 640, 'Thermal picture shows stripes', 'medium', 'resolved', 'field-service',
     'Vertical stripes in every second frame, only above 30 degrees.'),
    (4, 4, 420, 400, 'Spare arms for two racers', 'low', 'closed', 'sales-desk',
     'Two broken arms after the league final; which part number fits?'),
    (5, 5, 150, 120, 'Delivery stands still in customs', 'high', 'in_progress', 'logistics',
     'Tracking has not moved for three days and the shoot starts on Monday.'),
    (6, 6, 70, 50, 'Base station loses its fix', 'critical', 'in_progress', 'field-service',
     'Position jumps by two metres every hour; survey is on hold.'),
    (7, 8, 20, 20, 'Group price for a school', 'medium', 'open', NULL,
     'Price for twenty trainers and ten sets of guards, please.'),
    (8, 9, 4, 4, 'Salt water on the gimbal', 'medium', 'open', NULL,
     'A wave reached the camera. What can be done before it corrodes?')
)
INSERT INTO support_tickets (id, customer_id, subject, description, priority, status, assigned_to,
                             created_at, updated_at)
SELECT id, customer_id, subject, description, priority, status, assigned_to,
       now - hours_ago * 3600000000, now - changed_hours_ago * 3600000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

WITH clock (now) AS (
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000
), item (id, page, visitor_region, load_time_ms, referrer) AS (VALUES
    (1, '/login', 'eu-central-1', 121, NULL),
    (2, '/dashboard', 'us-east-1', 388, NULL),
    (3, '/customers', 'ap-northeast-1', 644, NULL),
    (4, '/orders', 'us-west-2', 452, NULL),
    (5, '/orders', 'ap-southeast-1', 590, NULL),
    (6, '/invoices', 'sa-east-1', 761, NULL),
    (7, '/tickets', 'af-south-1', 948, NULL),
    (8, '/campaigns', 'me-south-1', 507, NULL),
    (9, '/dashboard', 'eu-west-1', 203, 'https://search.example.com/'),
    (10, '/login', 'ap-southeast-2', 715, NULL)
)
INSERT INTO page_views (id, page, visitor_ip, visitor_region, user_agent, load_time_ms, referrer,
                        session_id, created_at)
SELECT id, page, '198.18.0.' || (110 + id), visitor_region, 'Mozilla/5.0 (X11; Linux x86_64)',
       load_time_ms, referrer, printf('seed-user-%02d', id), now - (44 - 4 * id) * 3600000000
  FROM item, clock
 WHERE true
    ON CONFLICT DO NOTHING;

-- postgres:
-- The same rows; money in dollars.

WITH item (id, name, campaign_type, status, budget, spent, target_audience, start_days,
           end_days) AS (
VALUES
    (1, 'Wind Farm Inspections', 'email', 'active', 12000.00, 6400.00,
     'Operators of ten turbines and more', -60, 30),
    (2, 'Bridges Before Winter', 'ppc', 'completed', 24000.00, 23850.00,
     'Civil engineers', -150, -40),
    (3, 'Film Season Opening', 'social', 'active', 9000.00, 2125.00, 'Studios and freelancers', -20,
     45),
    (4, 'Partner Finder Fee', 'referral', 'active', 5000.00, 750.00, 'Dealers and trainers', -90,
     90),
    (5, 'Harbour Watch Display', 'display', 'paused', 15000.00, 4300.00, 'Ports and pilots', -35,
     60),
    (6, 'Spring Licence Courses', 'email', 'draft', 4000.00, 0.00, 'Schools', 25, 85)
)
INSERT INTO campaigns (id, name, campaign_type, status, budget, spent, target_audience, start_date,
                       end_date, created_at, updated_at)
SELECT id, name, campaign_type, status, budget, spent, target_audience,
       now() + start_days * interval '24 hours', now() + end_days * interval '24 hours',
       now() - (160 - id) * interval '24 hours', now() - (20 - id) * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, campaign_id, customer_id, days_ago, email, name, source, status, score, notes) AS (
VALUES
    (1, 2, 3, 135, 'hannah.brooks@bridgecheck.example.net', 'Hannah Brooks', 'search', 'converted',
     95, 'Forty bridges a year.'),
    (2, 4, 5, 104, 'sofia.marin@lichtspiel.example.net', 'Sofia Marin', 'referral', 'converted',
     81, 'Came through a rental house.'),
    (3, 1, 1, 62, 'clara.weiss@nordwind.example.com', 'Clara Weiss', 'newsletter', 'converted', 97,
     'Second site, asks for lifters.'),
    (4, 2, NULL, 55, 'ruben.holt@spanworks.example.com', 'Ruben Holt', 'search', 'lost', 22,
     'Bought binoculars instead.'),
    (5, 1, NULL, 48, 'ida.strand@vindkraft.example.org', 'Ida Strand', 'newsletter', 'qualified',
     78, 'Budget decision next quarter.'),
    (6, 5, NULL, 30, 'marco.silva@portauthority.example.net', 'Marco Silva', 'banner', 'contacted',
     52, 'Needs proof of salt resistance.'),
    (7, 4, NULL, 22, 'yuki.arai@example.org', 'Yuki Arai', 'referral', 'qualified', 69,
     'Trains rescue crews.'),
    (8, 3, NULL, 14, 'leo.dupont@example.com', 'Leo Dupont', 'video', 'contacted', 47, NULL),
    (9, 3, NULL, 9, 'amira.said@lenscraft.example.net', 'Amira Said', 'video', 'new', 35, NULL),
    (10, 3, NULL, 5, 'peter.novak@example.net', 'Peter Novak', 'video', 'new', 18, NULL)
)
INSERT INTO leads (id, campaign_id, customer_id, email, name, source, status, score, notes,
                   converted_at, created_at)
SELECT id, campaign_id, customer_id, email, name, source, status, score, notes,
       CASE WHEN status = 'converted' THEN now() - (days_ago - 3) * interval '24 hours' END,
       now() - days_ago * interval '24 hours'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, customer_id, hours_ago, changed_hours_ago, subject, priority, status, assigned_to,
         description) AS (VALUES
    (1, 1, 1100, 1050, 'Lifter reports a warm motor', 'high', 'resolved', 'field-service',
     'Motor five reads ten degrees above its neighbours after every flight.'),
    (2, 2, 900, 890, 'Invoice copy in Portuguese', 'low', 'closed', 'billing',
     'The accountant asks for a copy in Portuguese.'),
    (3, 3, 700, 640, 'Thermal picture shows stripes', 'medium', 'resolved', 'field-service',
     'Vertical stripes in every second frame, only above 30 degrees.'),
    (4, 4, 420, 400, 'Spare arms for two racers', 'low', 'closed', 'sales-desk',
     'Two broken arms after the league final; which part number fits?'),
    (5, 5, 150, 120, 'Delivery stands still in customs', 'high', 'in_progress', 'logistics',
     'Tracking has not moved for three days and the shoot starts on Monday.'),
    (6, 6, 70, 50, 'Base station loses its fix', 'critical', 'in_progress', 'field-service',
     'Position jumps by two metres every hour; survey is on hold.'),
    (7, 8, 20, 20, 'Group price for a school', 'medium', 'open', NULL,
     'Price for twenty trainers and ten sets of guards, please.'),
    (8, 9, 4, 4, 'Salt water on the gimbal', 'medium', 'open', NULL,
     'A wave reached the camera. What can be done before it corrodes?')
)
INSERT INTO support_tickets (id, customer_id, subject, description, priority, status, assigned_to,
                             created_at, updated_at)
SELECT id, customer_id, subject, description, priority, status, assigned_to,
       now() - hours_ago * interval '1 hour', now() - changed_hours_ago * interval '1 hour'
  FROM item
    ON CONFLICT DO NOTHING;

WITH item (id, page, visitor_region, load_time_ms, referrer) AS (VALUES
    (1, '/login', 'eu-central-1', 121, NULL),
    (2, '/dashboard', 'us-east-1', 388, NULL),
    (3, '/customers', 'ap-northeast-1', 644, NULL),
    (4, '/orders', 'us-west-2', 452, NULL),
    (5, '/orders', 'ap-southeast-1', 590, NULL),
    (6, '/invoices', 'sa-east-1', 761, NULL),
    (7, '/tickets', 'af-south-1', 948, NULL),
    (8, '/campaigns', 'me-south-1', 507, NULL),
    (9, '/dashboard', 'eu-west-1', 203, 'https://search.example.com/'),
    (10, '/login', 'ap-southeast-2', 715, NULL)
)
INSERT INTO page_views (id, page, visitor_ip, visitor_region, user_agent, load_time_ms, referrer,
                        session_id, created_at)
SELECT id, page, '198.18.0.' || (110 + id), visitor_region, 'Mozilla/5.0 (X11; Linux x86_64)',
       load_time_ms, referrer, 'seed-user-' || to_char(id, 'FM00'),
       now() - (44 - 4 * id) * interval '1 hour'
  FROM item
    ON CONFLICT DO NOTHING;

-- Ids go on after those given here.
SELECT setval('campaigns_id_seq', (SELECT max(id) FROM campaigns)),
       setval('leads_id_seq', (SELECT max(id) FROM leads)),
       setval('support_tickets_id_seq', (SELECT max(id) FROM support_tickets)),
       setval('page_views_id_seq', (SELECT max(id) FROM page_views));
