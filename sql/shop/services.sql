-- Professional services: what the shop does for those who fly. Positions of pages are told in
-- service/listing.h.

-- row: service
-- A service with all that is kept of it.
-- columns: id int, name text, sku text, description text0?, price money, category text0?,
--   image_url text0?, is_active int, created_at time

-- name: services_dearest
-- A page, the dearest first; `is_active` null: all of them.
-- params: category text?, is_active int?, price money, id int, most int
-- columns: service.*
SELECT id, name, sku, description, price, category, image_url, is_active, created_at
  FROM services
 WHERE price <= :price AND (price < :price OR id < :id)
   AND (:category IS NULL OR category = :category)
   AND (:is_active IS NULL OR is_active = :is_active)
 ORDER BY price DESC, id DESC
 LIMIT :most

-- name: services_cheapest
-- The same the other way round.
-- params: category text?, is_active int?, price money, id int, most int
-- columns: service.*
SELECT id, name, sku, description, price, category, image_url, is_active, created_at
  FROM services
 WHERE price >= :price AND (price > :price OR id > :id)
   AND (:category IS NULL OR category = :category)
   AND (:is_active IS NULL OR is_active = :is_active)
 ORDER BY price, id
 LIMIT :most

-- name: services_by_name
-- The same by name.
-- params: category text?, is_active int?, name text0, id int, most int
-- columns: service.*
SELECT id, name, sku, description, price, category, image_url, is_active, created_at
  FROM services
 WHERE name >= :name AND (name > :name OR id > :id)
   AND (:category IS NULL OR category = :category)
   AND (:is_active IS NULL OR is_active = :is_active)
 ORDER BY name, id
 LIMIT :most

-- name: service_by_id
-- One service, whether it is offered or not.
-- params: id int
-- columns: service.*
SELECT id, name, sku, description, price, category, image_url, is_active, created_at
  FROM services
 WHERE id = :id

-- name: service_to_change
-- The same; until the end of the transaction nobody else changes it.
-- params: id int
-- columns: service.*
-- sqlite:
SELECT id, name, sku, description, price, category, image_url, is_active, created_at
  FROM services
 WHERE id = :id
-- postgres:
SELECT id, name, sku, description, price, category, image_url, is_active, created_at
  FROM services
 WHERE id = :id
   FOR NO KEY UPDATE

-- name: service_add
-- A new service.
-- params: name text, sku text, description text0?, price money, category text0?, image_url text0?,
--   is_active int, now now
-- columns: service.*
INSERT INTO services (name, sku, description, price, category, image_url, is_active, created_at)
VALUES (:name, upper(:sku), :description, :price, :category, :image_url, :is_active, :now)
RETURNING id, name, sku, description, price, category, image_url, is_active, created_at

-- name: service_change
-- Another text for all of it but its id and when it was made; whether it is offered stays as it is where
-- that is null.
-- params: id int, name text, sku text, description text0?, price money, category text0?,
--   image_url text0?, is_active int?
-- columns: service.*
UPDATE services
   SET name = :name, sku = upper(:sku), description = :description, price = :price,
       category = :category, image_url = :image_url,
       is_active = coalesce(:is_active, is_active)
 WHERE id = :id
RETURNING id, name, sku, description, price, category, image_url, is_active, created_at
