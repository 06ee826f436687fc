-- Leads as they are seen to, and become customers.

-- name: lead_by_id
-- One lead of a campaign.
-- params: campaign_id int, id int
-- columns: lead.*
SELECT l.id, l.campaign_id, l.customer_id, c.name AS customer_name, l.email, l.name, l.source,
       l.status, l.score, l.notes, l.converted_at, l.created_at
  FROM leads l
  LEFT JOIN customers c ON c.id = l.customer_id
 WHERE l.id = :id AND l.campaign_id = :campaign_id

-- name: lead_to_change
-- The same; until the end of the transaction nobody else changes it.
-- params: campaign_id int, id int
-- columns: lead.*
-- sqlite:
SELECT l.id, l.campaign_id, l.customer_id, c.name AS customer_name, l.email, l.name, l.source,
       l.status, l.score, l.notes, l.converted_at, l.created_at
  FROM leads l
  LEFT JOIN customers c ON c.id = l.customer_id
 WHERE l.id = :id AND l.campaign_id = :campaign_id
-- postgres:
SELECT l.id, l.campaign_id, l.customer_id, c.name AS customer_name, l.email, l.name, l.source,
       l.status, l.score, l.notes, l.converted_at, l.created_at
  FROM leads l
  LEFT JOIN customers c ON c.id = l.customer_id
 WHERE l.id = :id AND l.campaign_id = :campaign_id
   FOR NO KEY UPDATE OF l

-- name: lead_customer
-- The customer of an address: who is one stays as he is, anybody else becomes one.
-- params: name text, email text, now now
-- columns: id int, name text
INSERT INTO customers (name, email, created_at, updated_at)
VALUES (:name, :email, :now, :now)
ON CONFLICT (email) DO UPDATE SET updated_at = customers.updated_at
RETURNING id, name

-- name: lead_change
-- Sets what may change.
-- params: id int, status text, score int, notes text0?, customer_id int?, converted_at time?
UPDATE leads
   SET status = :status, score = :score, notes = :notes, customer_id = :customer_id,
       converted_at = :converted_at
 WHERE id = :id
