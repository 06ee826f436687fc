-- Products as administrators see and keep them, those that are no longer for sale too. Positions of pages
-- are told in service/listing.h; each filter may be left out.

-- row: kept_product
-- A product with all that is kept of it.
-- columns: id int, shop_id int?, name text, sku text, description text0?, price money, stock int,
--   category text0?, image_url text0?, is_active int, created_at time, updated_at time

-- name: kept_products_by_name
-- A page in the order of their names.
-- params: pattern text?, category text?, is_active int?, name text0, id int, most int
-- columns: kept_product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at
  FROM products
 WHERE name >= :name AND (name > :name OR id > :id)
   AND (:category IS NULL OR category = :category)
   AND (:is_active IS NULL OR is_active = :is_active)
   AND (:pattern IS NULL OR lower(name) LIKE :pattern ESCAPE '!'
        OR lower(sku) LIKE :pattern ESCAPE '!' OR lower(description) LIKE :pattern ESCAPE '!')
 ORDER BY name, id
 LIMIT :most

-- name: kept_products_by_stock
-- A page, what runs out first.
-- params: pattern text?, category text?, is_active int?, stock int, id int, most int
-- columns: kept_product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at
  FROM products
 WHERE stock >= :stock AND (stock > :stock OR id > :id)
   AND (:category IS NULL OR category = :category)
   AND (:is_active IS NULL OR is_active = :is_active)
   AND (:pattern IS NULL OR lower(name) LIKE :pattern ESCAPE '!'
        OR lower(sku) LIKE :pattern ESCAPE '!' OR lower(description) LIKE :pattern ESCAPE '!')
 ORDER BY stock, id
 LIMIT :most

-- name: kept_products_dearest
-- A page, the dearest first.
-- params: pattern text?, category text?, is_active int?, price money, id int, most int
-- columns: kept_product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at
  FROM products
 WHERE price <= :price AND (price < :price OR id < :id)
   AND (:category IS NULL OR category = :category)
   AND (:is_active IS NULL OR is_active = :is_active)
   AND (:pattern IS NULL OR lower(name) LIKE :pattern ESCAPE '!'
        OR lower(sku) LIKE :pattern ESCAPE '!' OR lower(description) LIKE :pattern ESCAPE '!')
 ORDER BY price DESC, id DESC
 LIMIT :most

-- name: kept_products_newest
-- A page, the newest first: ids grow with time.
-- params: pattern text?, category text?, is_active int?, id int, most int
-- columns: kept_product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at
  FROM products
 WHERE id < :id
   AND (:category IS NULL OR category = :category)
   AND (:is_active IS NULL OR is_active = :is_active)
   AND (:pattern IS NULL OR lower(name) LIKE :pattern ESCAPE '!'
        OR lower(sku) LIKE :pattern ESCAPE '!' OR lower(description) LIKE :pattern ESCAPE '!')
 ORDER BY id DESC
 LIMIT :most

-- name: kept_product_by_id
-- One product.
-- params: id int
-- columns: kept_product.*
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at
  FROM products
 WHERE id = :id

-- name: kept_product_to_change
-- The same; until the end of the transaction nobody else changes it or buys of it.
-- params: id int
-- columns: kept_product.*
-- sqlite:
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at
  FROM products
 WHERE id = :id
-- postgres:
SELECT id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at
  FROM products
 WHERE id = :id
   FOR NO KEY UPDATE

-- name: kept_product_add
-- A new product.
-- params: shop_id int?, name text, sku text, description text0?, price money, stock int,
--   category text0?, image_url text0?, is_active int, now now
-- columns: kept_product.*
INSERT INTO products (shop_id, name, sku, description, price, stock, category, image_url, is_active,
                      created_at, updated_at)
VALUES (:shop_id, :name, upper(:sku), :description, :price, :stock, :category, :image_url,
        :is_active, :now, :now)
RETURNING id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at

-- name: kept_product_change
-- Another text for all of it but its id and when it was made; its stock, and whether it is for sale, stay
-- as they are where they are null.
-- params: id int, shop_id int?, name text, sku text, description text0?, price money, stock int?,
--   category text0?, image_url text0?, is_active int?, now now
-- columns: kept_product.*
UPDATE products
   SET shop_id = :shop_id, name = :name, sku = upper(:sku), description = :description,
       price = :price, stock = coalesce(:stock, stock), category = :category,
       image_url = :image_url, is_active = coalesce(:is_active, is_active), updated_at = :now
 WHERE id = :id
RETURNING id, shop_id, name, sku, description, price, stock, category, image_url, is_active, created_at,
       updated_at

-- row: synced_product
-- A product of the catalogue, as far as others may have a say in it.
-- columns: id int, name text, sku text, description text0?, price money, stock int, category text0?,
--   image_url text0?, is_active int, portal_change int

-- name: products_of_skus
-- The products with these article numbers, a JSON list; until the end of the transaction nobody else changes
-- them or buys of them.
-- params: skus text
-- columns: synced_product.*
-- sqlite:
SELECT p.id, p.name, p.sku, p.description, p.price, p.stock, p.category, p.image_url, p.is_active,
       p.portal_change
  FROM json_each(:skus) k
 CROSS JOIN products p ON p.sku = k.value
-- postgres:
SELECT p.id, p.name, p.sku, p.description, p.price, p.stock, p.category, p.image_url, p.is_active,
       p.portal_change
  FROM products p
 WHERE p.sku = ANY (ARRAY(SELECT json_array_elements_text(CAST(:skus AS json))))
 ORDER BY p.id
   FOR NO KEY UPDATE
-- oracle:
SELECT p.id, p.name, p.sku, p.description, p.price, p.stock, p.category, p.image_url, p.is_active,
       p.portal_change
  FROM products p
 WHERE p.sku IN (SELECT k.sku
                   FROM JSON_TABLE(:skus, '$[*]' COLUMNS (sku VARCHAR2(50) PATH '$')) k)
 ORDER BY p.id
   FOR UPDATE

-- name: synced_product_add
-- A product that others have; none where one has its article number by now.
-- params: name text, sku text, description text0?, price money, stock int, category text0?, image_url text0?,
--   is_active int, portal_change int, now now
INSERT INTO products (name, sku, description, price, stock, category, image_url, is_active,
                      portal_change, created_at, updated_at)
VALUES (:name, :sku, :description, :price, :stock, :category, :image_url, :is_active, :portal_change,
        :now, :now)
ON CONFLICT (sku) DO NOTHING

-- name: synced_product_change
-- Writes what others say of a product over what is there.
-- params: id int, name text, description text0?, price money, stock int, category text0?, image_url text0?,
--   is_active int, portal_change int, now now
UPDATE products
   SET name = :name, description = :description, price = :price, stock = :stock, category = :category,
       image_url = :image_url, is_active = :is_active, portal_change = :portal_change,
       updated_at = :now
 WHERE id = :id
