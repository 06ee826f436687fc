-- Campaigns, and who became a lead by them. Positions of pages are told in service/listing.h.

-- row: campaign
-- A campaign with the number of its leads. `spent` is kept by whoever pays for it.
-- columns: id int, name text, campaign_type text, status text, budget money, spent money,
--   target_audience text0?, start_date time?, end_date time?, created_by int?, created_at time,
--   updated_at time, lead_count int

-- name: campaigns_newest
-- A page of them, the newest first: ids grow with time. Each filter may be left out.
-- params: status text?, campaign_type text?, id int, most int
-- columns: campaign.*
SELECT c.id, c.name, c.campaign_type, c.status, c.budget, c.spent, c.target_audience, c.start_date,
       c.end_date, c.created_by, c.created_at, c.updated_at,
       (SELECT COUNT(*) FROM leads l WHERE l.campaign_id = c.id) AS lead_count
  FROM campaigns c
 WHERE c.id < :id
   AND (:status IS NULL OR c.status = :status)
   AND (:campaign_type IS NULL OR c.campaign_type = :campaign_type)
 ORDER BY c.id DESC
 LIMIT :most

-- name: campaign_by_id
-- One of them.
-- params: id int
-- columns: campaign.*
SELECT c.id, c.name, c.campaign_type, c.status, c.budget, c.spent, c.target_audience, c.start_date,
       c.end_date, c.created_by, c.created_at, c.updated_at,
       (SELECT COUNT(*) FROM leads l WHERE l.campaign_id = c.id) AS lead_count
  FROM campaigns c
 WHERE c.id = :id

-- name: campaign_to_change
-- The same; until the end of the transaction nobody else changes it.
-- params: id int
-- columns: campaign.*
-- sqlite:
SELECT c.id, c.name, c.campaign_type, c.status, c.budget, c.spent, c.target_audience, c.start_date,
       c.end_date, c.created_by, c.created_at, c.updated_at,
       (SELECT COUNT(*) FROM leads l WHERE l.campaign_id = c.id) AS lead_count
  FROM campaigns c
 WHERE c.id = :id
-- postgres:
SELECT c.id, c.name, c.campaign_type, c.status, c.budget, c.spent, c.target_audience, c.start_date,
       c.end_date, c.created_by, c.created_at, c.updated_at,
       (SELECT COUNT(*) FROM leads l WHERE l.campaign_id = c.id) AS lead_count
  FROM campaigns c
 WHERE c.id = :id
   FOR NO KEY UPDATE OF c

-- name: campaign_add
-- A new one.
-- params: name text, campaign_type text, status text, budget money, target_audience text0?,
--   start_date time?, end_date time?, created_by int?, now now
-- columns: id int
INSERT INTO campaigns (name, campaign_type, status, budget, target_audience, start_date, end_date,
                       created_by, created_at, updated_at)
VALUES (:name, :campaign_type, :status, :budget, :target_audience, :start_date, :end_date,
        :created_by, :now, :now)
RETURNING id

-- name: campaign_change
-- Sets what may change.
-- params: id int, name text, status text, budget money, target_audience text0?, start_date time?,
--   end_date time?, now now
UPDATE campaigns
   SET name = :name, status = :status, budget = :budget, target_audience = :target_audience,
       start_date = :start_date, end_date = :end_date, updated_at = :now
 WHERE id = :id

-- row: lead
-- Somebody who may buy; the customer that he became.
-- columns: id int, campaign_id int?, customer_id int?, customer_name text?, email text, name text0?,
--   source text0?, status text, score int, notes text0?, converted_at time?, created_at time

-- name: leads_newest
-- A page of a campaign's, the newest first; `status` null: of any.
-- params: campaign_id int, status text?, id int, most int
-- columns: lead.*
SELECT l.id, l.campaign_id, l.customer_id, c.name AS customer_name, l.email, l.name, l.source,
       l.status, l.score, l.notes, l.converted_at, l.created_at
  FROM leads l
  LEFT JOIN customers c ON c.id = l.customer_id
 WHERE l.campaign_id = :campaign_id AND l.id < :id
   AND (:status IS NULL OR l.status = :status)
 ORDER BY l.id DESC
 LIMIT :most

-- name: lead_stats
-- How many leads of a campaign have come how far.
-- params: campaign_id int
-- columns: status text, leads int
SELECT status, COUNT(*) AS leads
  FROM leads
 WHERE campaign_id = :campaign_id
 GROUP BY status

-- name: lead_add
-- A new lead; no row: it is one already, or the campaign takes none. A campaign that runs takes all, one
-- that is being prepared or pauses those that staff know of.
-- params: campaign_id int, customer_id int?, email text, name text0?, source text0?, score int,
--   notes text0?, by_staff int, now now
-- columns: id int
INSERT INTO leads (campaign_id, customer_id, email, name, source, score, notes, created_at)
SELECT c.id, :customer_id, :email, :name, :source, :score, :notes, :now
  FROM campaigns c
 WHERE c.id = :campaign_id
   AND (c.status = 'active' OR (:by_staff = 1 AND c.status <> 'completed'))
ON CONFLICT (campaign_id, email) DO NOTHING
RETURNING id

-- name: campaign_status_of
-- Whether there is a campaign, and how it does.
-- params: id int
-- columns: status text
SELECT status FROM campaigns WHERE id = :id
