-- Dealers that can be visited: the table shops. Positions of pages are told in service/listing.h.

-- row: dealer
-- A dealer with all that is kept of him.
-- columns: id int, name text, address text, coordinates text0?, contact_email text?,
--   contact_phone text0?, is_active int, created_at time

-- name: dealers_by_name
-- A page in the order of their names; `is_active` null: all of them.
-- params: is_active int?, name text0, id int, most int
-- columns: dealer.*
SELECT id, name, address, coordinates, contact_email, contact_phone, is_active, created_at
  FROM shops
 WHERE name >= :name AND (name > :name OR id > :id)
   AND (:is_active IS NULL OR is_active = :is_active)
 ORDER BY name, id
 LIMIT :most

-- name: dealers_newest
-- The same, the newest first: ids grow with time.
-- params: is_active int?, id int, most int
-- columns: dealer.*
SELECT id, name, address, coordinates, contact_email, contact_phone, is_active, created_at
  FROM shops
 WHERE id < :id
   AND (:is_active IS NULL OR is_active = :is_active)
 ORDER BY id DESC
 LIMIT :most

-- name: dealer_by_id
-- One dealer, whether he is one still or not.
-- params: id int
-- columns: dealer.*
SELECT id, name, address, coordinates, contact_email, contact_phone, is_active, created_at
  FROM shops
 WHERE id = :id

-- name: dealer_to_change
-- The same; until the end of the transaction nobody else changes it.
-- params: id int
-- columns: dealer.*
-- sqlite:
SELECT id, name, address, coordinates, contact_email, contact_phone, is_active, created_at
  FROM shops
 WHERE id = :id
-- postgres:
SELECT id, name, address, coordinates, contact_email, contact_phone, is_active, created_at
  FROM shops
 WHERE id = :id
   FOR NO KEY UPDATE

-- name: dealer_add
-- A new dealer.
-- params: name text, address text, coordinates text0?, contact_email text?, contact_phone text0?,
--   is_active int, now now
-- columns: dealer.*
INSERT INTO shops (name, address, coordinates, contact_email, contact_phone, is_active, created_at)
VALUES (:name, :address, :coordinates, :contact_email, :contact_phone, :is_active, :now)
RETURNING id, name, address, coordinates, contact_email, contact_phone, is_active, created_at

-- name: dealer_change
-- Another text for all of it but its id and when it was made; whether it is open stays as it is where that
-- is null.
-- params: id int, name text, address text, coordinates text0?, contact_email text?,
--   contact_phone text0?, is_active int?
-- columns: dealer.*
UPDATE shops
   SET name = :name, address = :address, coordinates = :coordinates,
       contact_email = :contact_email, contact_phone = :contact_phone,
       is_active = coalesce(:is_active, is_active)
 WHERE id = :id
RETURNING id, name, address, coordinates, contact_email, contact_phone, is_active, created_at
