-- What reports may ask: these statements and no others. A report's parameters are those of its statement,
-- with their types, those with `?` may be left out; `most` is not for callers: it is how many rows are
-- asked for. Times are half open: from `since` on, before `until`. What was cancelled, refunded or has
-- failed is no revenue.

-- name: report_revenue_by_month
-- Orders and what they are worth, by month (UTC).
-- params: since time?, until time?, most int
-- columns: month text, orders int, revenue money, largest money
-- sqlite:
SELECT strftime('%Y-%m', o.created_at / 1000000, 'unixepoch') AS month, COUNT(*) AS orders,
       SUM(o.total) AS revenue, MAX(o.total) AS largest
  FROM orders o
 WHERE (:since IS NULL OR o.created_at >= :since)
   AND (:until IS NULL OR o.created_at < :until)
   AND o.status NOT IN ('cancelled', 'refunded', 'failed')
 GROUP BY strftime('%Y-%m', o.created_at / 1000000, 'unixepoch')
 ORDER BY month
 LIMIT :most
-- postgres:
SELECT to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, COUNT(*) AS orders,
       SUM(o.total) AS revenue, MAX(o.total) AS largest
  FROM orders o
 WHERE (:since IS NULL OR o.created_at >= :since)
   AND (:until IS NULL OR o.created_at < :until)
   AND o.status NOT IN ('cancelled', 'refunded', 'failed')
 GROUP BY to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM')
 ORDER BY month
 LIMIT :most
-- oracle:
SELECT TO_CHAR(o.created_at, 'YYYY-MM') AS month, COUNT(*) AS orders, SUM(o.total) AS revenue,
       MAX(o.total) AS largest
  FROM orders o
 WHERE (:since IS NULL OR o.created_at >= :since)
   AND (:until IS NULL OR o.created_at < :until)
   AND o.status NOT IN ('cancelled', 'refunded', 'failed')
 GROUP BY TO_CHAR(o.created_at, 'YYYY-MM')
 ORDER BY month
 FETCH FIRST :most ROWS ONLY

-- name: report_revenue_by_region
-- The same by the region that an order's newest shipment goes to.
-- params: since time?, until time?, most int
-- columns: region text, orders int, revenue money
SELECT r.region, COUNT(*) AS orders, SUM(r.total) AS revenue
  FROM (SELECT o.total,
               COALESCE((SELECT s.destination_region FROM shipments s
                          WHERE s.order_id = o.id
                          ORDER BY s.id DESC LIMIT 1), 'unknown') AS region
          FROM orders o
         WHERE (:since IS NULL OR o.created_at >= :since)
           AND (:until IS NULL OR o.created_at < :until)
           AND o.status NOT IN ('cancelled', 'refunded', 'failed')) r
 GROUP BY r.region
 ORDER BY revenue DESC, r.region
 LIMIT :most

-- name: report_best_customers
-- Who bought for most.
-- params: since time?, until time?, most int
-- columns: customer_id int, name text, email text, orders int, revenue money
SELECT c.id AS customer_id, c.name, c.email, COUNT(*) AS orders, SUM(o.total) AS revenue
  FROM orders o
  JOIN customers c ON c.id = o.customer_id
 WHERE (:since IS NULL OR o.created_at >= :since)
   AND (:until IS NULL OR o.created_at < :until)
   AND o.status NOT IN ('cancelled', 'refunded', 'failed')
 GROUP BY c.id, c.name, c.email
 ORDER BY revenue DESC, c.id
 LIMIT :most

-- name: report_orders
-- Orders one by one, of a status or of any.
-- params: since time?, until time?, status text?, most int
-- columns: order_id int, created_at time, customer_name text?, customer_email text?, status text,
--   source_system text, total money, currency text
SELECT o.id AS order_id, o.created_at, c.name AS customer_name, c.email AS customer_email, o.status,
       o.source_system, o.total, o.currency
  FROM orders o
  LEFT JOIN customers c ON c.id = o.customer_id
 WHERE (:since IS NULL OR o.created_at >= :since)
   AND (:until IS NULL OR o.created_at < :until)
   AND (:status IS NULL OR o.status = :status)
 ORDER BY o.id
 LIMIT :most

-- name: report_open_invoices
-- What is still to be paid, what is due first comes first; `days_overdue` counts whole days.
-- params: due_before time?, most int, now now
-- columns: invoice_number text, customer_name text?, total money, currency text, due_date time?,
--   days_overdue int
-- sqlite:
SELECT i.invoice_number, c.name AS customer_name, i.amount + i.tax AS total, i.currency, i.due_date,
       MAX(0, COALESCE((:now - i.due_date) / 86400000000, 0)) AS days_overdue
  FROM invoices i
  LEFT JOIN customers c ON c.id = i.customer_id
 WHERE i.status IN ('unpaid', 'pending', 'overdue')
   AND (:due_before IS NULL OR i.due_date < :due_before)
 ORDER BY i.due_date, i.id
 LIMIT :most
-- postgres:
SELECT i.invoice_number, c.name AS customer_name, i.amount + i.tax AS total, i.currency, i.due_date,
       GREATEST(0, COALESCE(CAST(floor(extract(epoch FROM :now - i.due_date) / 86400) AS bigint), 0))
           AS days_overdue
  FROM invoices i
  LEFT JOIN customers c ON c.id = i.customer_id
 WHERE i.status IN ('unpaid', 'pending', 'overdue')
   AND (:due_before IS NULL OR i.due_date < :due_before)
 ORDER BY i.due_date NULLS FIRST, i.id
 LIMIT :most
-- oracle:
SELECT i.invoice_number, c.name AS customer_name, i.amount + i.tax AS total, i.currency, i.due_date,
       GREATEST(0, COALESCE(EXTRACT(DAY FROM CAST(:now AS TIMESTAMP) - i.due_date), 0))
           AS days_overdue
  FROM invoices i
  LEFT JOIN customers c ON c.id = i.customer_id
 WHERE i.status IN ('unpaid', 'pending', 'overdue')
   AND (:due_before IS NULL OR i.due_date < :due_before)
 ORDER BY i.due_date NULLS FIRST, i.id
 FETCH FIRST :most ROWS ONLY

-- name: report_tickets_by_assignee
-- How many support tickets whom is seen to by, and how far they are.
-- params: since time?, until time?, most int
-- columns: assigned_to text, tickets int, open int, in_progress int, resolved int, closed int
SELECT COALESCE(t.assigned_to, 'nobody') AS assigned_to, COUNT(*) AS tickets,
       COUNT(CASE WHEN t.status = 'open' THEN 1 END) AS open,
       COUNT(CASE WHEN t.status = 'in_progress' THEN 1 END) AS in_progress,
       COUNT(CASE WHEN t.status = 'resolved' THEN 1 END) AS resolved,
       COUNT(CASE WHEN t.status = 'closed' THEN 1 END) AS closed
  FROM support_tickets t
 WHERE (:since IS NULL OR t.created_at >= :since)
   AND (:until IS NULL OR t.created_at < :until)
 GROUP BY COALESCE(t.assigned_to, 'nobody')
 ORDER BY tickets DESC, assigned_to
 LIMIT :most

-- name: report_leads_by_campaign
-- What campaigns cost and brought.
-- params: most int
-- columns: campaign_id int, campaign text, status text, leads int, qualified int, converted int,
--   budget money, spent money
SELECT c.id AS campaign_id, c.name AS campaign, c.status, COUNT(l.id) AS leads,
       COUNT(CASE WHEN l.status IN ('qualified', 'converted') THEN 1 END) AS qualified,
       COUNT(CASE WHEN l.status = 'converted' THEN 1 END) AS converted, c.budget, c.spent
  FROM campaigns c
  LEFT JOIN leads l ON l.campaign_id = c.id
 GROUP BY c.id, c.name, c.status, c.budget, c.spent
 ORDER BY c.id
 LIMIT :most
