-- Storefront channels by which the portal's catalogue is sold.

-- row: storefront
-- A channel with the number of products that are sold there.
-- columns: id int, name text, slug text, storefront_url text0?, crm_base_url text0?, region text,
--   currency text, status text, notes text0?, product_count int, created_at time, updated_at time

-- name: storefronts_by_id
-- A page of those whose id is above `after`; `status` null: of any.
-- params: status text?, after int, most int
-- columns: storefront.*
SELECT s.id, s.name, s.slug, s.storefront_url, s.crm_base_url, s.region, s.currency, s.status, s.notes,
       (SELECT COUNT(*) FROM products p WHERE p.shop_id = s.id) AS product_count, s.created_at,
       s.updated_at
  FROM storefronts s
 WHERE s.id > :after
   AND (:status IS NULL OR s.status = :status)
 ORDER BY s.id
 LIMIT :most

-- name: storefront_by_id
-- One of them.
-- params: id int
-- columns: storefront.*
SELECT s.id, s.name, s.slug, s.storefront_url, s.crm_base_url, s.region, s.currency, s.status, s.notes,
       (SELECT COUNT(*) FROM products p WHERE p.shop_id = s.id) AS product_count, s.created_at,
       s.updated_at
  FROM storefronts s
 WHERE s.id = :id

-- name: storefront_to_change
-- The same; until the end of the transaction nobody else changes it.
-- params: id int
-- columns: storefront.*
-- sqlite:
SELECT s.id, s.name, s.slug, s.storefront_url, s.crm_base_url, s.region, s.currency, s.status, s.notes,
       (SELECT COUNT(*) FROM products p WHERE p.shop_id = s.id) AS product_count, s.created_at,
       s.updated_at
  FROM storefronts s
 WHERE s.id = :id
-- postgres:
SELECT s.id, s.name, s.slug, s.storefront_url, s.crm_base_url, s.region, s.currency, s.status, s.notes,
       (SELECT COUNT(*) FROM products p WHERE p.shop_id = s.id) AS product_count, s.created_at,
       s.updated_at
  FROM storefronts s
 WHERE s.id = :id
   FOR UPDATE OF s

-- name: storefront_add
-- A new one.
-- params: name text, slug text, storefront_url text, crm_base_url text, region text, currency text,
--   status text, notes text0?, now now
-- columns: id int
INSERT INTO storefronts (name, slug, storefront_url, crm_base_url, region, currency, status, notes,
                         created_at, updated_at)
VALUES (:name, :slug, :storefront_url, :crm_base_url, :region, :currency, :status, :notes, :now, :now)
RETURNING id

-- name: storefront_change
-- Sets what is told of one.
-- params: id int, name text, slug text, storefront_url text0?, crm_base_url text0?, region text,
--   currency text, status text, notes text0?, now now
UPDATE storefronts
   SET name = :name, slug = :slug, storefront_url = :storefront_url, crm_base_url = :crm_base_url,
       region = :region, currency = :currency, status = :status, notes = :notes, updated_at = :now
 WHERE id = :id

-- name: storefront_remove
-- Deletes one.
-- params: id int
DELETE FROM storefronts WHERE id = :id
