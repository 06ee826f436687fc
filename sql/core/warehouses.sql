-- Places that parcels start from.

-- row: warehouse
-- A place that parcels start from.
-- columns: id int, name text, region text, address text0?, capacity int, current_stock int,
--   is_active int, created_at time

-- name: warehouses_by_name
-- A page of them in the order of their names (service/listing.h); `is_active` and `region` null: of all.
-- params: is_active int?, region text?, name text0, id int, most int
-- columns: warehouse.*
SELECT id, name, region, address, capacity, current_stock, is_active, created_at
  FROM warehouses
 WHERE name >= :name AND (name > :name OR id > :id)
   AND (:is_active IS NULL OR is_active = :is_active)
   AND (:region IS NULL OR region = :region)
 ORDER BY name, id
 LIMIT :most

-- name: warehouse_by_id
-- One of them.
-- params: id int
-- columns: warehouse.*
SELECT id, name, region, address, capacity, current_stock, is_active, created_at
  FROM warehouses
 WHERE id = :id

-- name: warehouse_to_change
-- The same; until the end of the transaction nobody else changes it.
-- params: id int
-- columns: warehouse.*
-- sqlite:
SELECT id, name, region, address, capacity, current_stock, is_active, created_at
  FROM warehouses
 WHERE id = :id
-- postgres:
SELECT id, name, region, address, capacity, current_stock, is_active, created_at
  FROM warehouses
 WHERE id = :id
   FOR NO KEY UPDATE

-- name: warehouse_add
-- A new one.
-- params: name text, region text, address text0?, capacity int, current_stock int, is_active int, now now
-- columns: warehouse.*
INSERT INTO warehouses (name, region, address, capacity, current_stock, is_active, created_at)
VALUES (:name, :region, :address, :capacity, :current_stock, :is_active, :now)
RETURNING id, name, region, address, capacity, current_stock, is_active, created_at

-- name: warehouse_change
-- Replaces what is told of one.
-- params: id int, name text, region text, address text0?, capacity int, current_stock int, is_active int?
-- columns: warehouse.*
UPDATE warehouses
   SET name = :name, region = :region, address = :address, capacity = :capacity,
       current_stock = :current_stock, is_active = COALESCE(:is_active, is_active)
 WHERE id = :id
RETURNING id, name, region, address, capacity, current_stock, is_active, created_at
