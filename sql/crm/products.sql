-- The portal's own catalogue.

-- row: product
-- A product with the name of its storefront.
-- columns: id int, shop_id int?, shop_name text?, name text, sku text, description text0?,
--   price money, stock int, category text0?, image_url text0?, is_active int, created_at time

-- name: product_page
-- Products by category and name. `is_active` null: all of them.
-- params: pattern text?, category text?, shop_id int?, is_active int?, limit int, offset int
-- columns: product.*
SELECT p.id, p.shop_id, s.name AS shop_name, p.name, p.sku, p.description, p.price, p.stock,
       p.category, p.image_url, p.is_active, p.created_at
  FROM products p
  LEFT JOIN storefronts s ON s.id = p.shop_id
 WHERE (:is_active IS NULL OR p.is_active = :is_active)
   AND (:category IS NULL OR p.category = :category)
   AND (:shop_id IS NULL OR p.shop_id = :shop_id)
   AND (:pattern IS NULL OR lower(p.name) LIKE :pattern ESCAPE '!'
        OR lower(p.sku) LIKE :pattern ESCAPE '!' OR lower(p.description) LIKE :pattern ESCAPE '!')
 ORDER BY p.category NULLS FIRST, p.name, p.id
 LIMIT :limit OFFSET :offset

-- name: product_count
-- How many products product_page finds.
-- params: pattern text?, category text?, shop_id int?, is_active int?
-- columns: count.*
SELECT COUNT(*) AS total
  FROM products
 WHERE (:is_active IS NULL OR is_active = :is_active)
   AND (:category IS NULL OR category = :category)
   AND (:shop_id IS NULL OR shop_id = :shop_id)
   AND (:pattern IS NULL OR lower(name) LIKE :pattern ESCAPE '!'
        OR lower(sku) LIKE :pattern ESCAPE '!' OR lower(description) LIKE :pattern ESCAPE '!')

-- name: product_by_id
-- One product with the name of its storefront.
-- params: id int
-- columns: product.*
SELECT p.id, p.shop_id, s.name AS shop_name, p.name, p.sku, p.description, p.price, p.stock,
       p.category, p.image_url, p.is_active, p.created_at
  FROM products p
  LEFT JOIN storefronts s ON s.id = p.shop_id
 WHERE p.id = :id

-- name: product_to_change
-- The same, and how many storefronts have the id that it is to get; until the end of the transaction nobody
-- else changes it.
-- params: id int, shop_id int?
-- columns: shops int, product.*
-- sqlite:
SELECT (SELECT COUNT(*) FROM storefronts f WHERE f.id = :shop_id) AS shops,
       p.id, p.shop_id, s.name AS shop_name, p.name, p.sku, p.description, p.price, p.stock,
       p.category, p.image_url, p.is_active, p.created_at
  FROM products p
  LEFT JOIN storefronts s ON s.id = p.shop_id
 WHERE p.id = :id
-- postgres:
SELECT (SELECT COUNT(*) FROM storefronts f WHERE f.id = :shop_id) AS shops,
       p.id, p.shop_id, s.name AS shop_name, p.name, p.sku, p.description, p.price, p.stock,
       p.category, p.image_url, p.is_active, p.created_at
  FROM products p
  LEFT JOIN storefronts s ON s.id = p.shop_id
 WHERE p.id = :id
   FOR NO KEY UPDATE OF p

-- name: product_add
-- A new one; no row: there is no such storefront.
-- params: shop_id int?, name text, sku text, description text0?, price money, stock int,
--   category text0?, image_url text0?, is_active int, now now
-- columns: id int
INSERT INTO products (shop_id, name, sku, description, price, stock, category, image_url, is_active,
                      created_at, updated_at)
SELECT :shop_id, :name, upper(:sku), :description, :price, :stock, :category, :image_url, :is_active,
       :now, :now
  FROM (SELECT COUNT(*) AS shops FROM storefronts WHERE id = :shop_id) f
 WHERE :shop_id IS NULL OR f.shops = 1
RETURNING id

-- name: product_change
-- Changes what is given and keeps the rest.
-- params: id int, shop_id int?, name text?, sku text?, description text0?, price money?, stock int?,
--   category text0?, image_url text0?, is_active int?, now now
UPDATE products
   SET shop_id = COALESCE(:shop_id, shop_id), name = COALESCE(:name, name),
       sku = COALESCE(upper(:sku), sku), description = COALESCE(:description, description),
       price = COALESCE(:price, price), stock = COALESCE(:stock, stock),
       category = COALESCE(:category, category), image_url = COALESCE(:image_url, image_url),
       is_active = COALESCE(:is_active, is_active), updated_at = :now
 WHERE id = :id
-- oracle:
UPDATE products
   SET shop_id = COALESCE(:shop_id, shop_id), name = COALESCE(:name, name),
       sku = COALESCE(upper(:sku), sku),
       description = CASE WHEN :description IS NULL THEN description ELSE TO_CLOB(:description) END,
       price = COALESCE(:price, price), stock = COALESCE(:stock, stock),
       category = COALESCE(:category, category), image_url = COALESCE(:image_url, image_url),
       is_active = COALESCE(:is_active, is_active), updated_at = :now
 WHERE id = :id

-- name: product_remove
-- Deletes one that was never ordered.
-- params: id int
DELETE FROM products
 WHERE id = :id AND NOT EXISTS (SELECT 1 FROM order_items WHERE product_id = :id)

-- name: product_archive
-- Takes one off the catalogue.
-- params: id int, now now
UPDATE products SET is_active = 0, updated_at = :now WHERE id = :id

-- row: published_product
-- What the shop is told of a product: what it is, and how often that has changed.
-- columns: id int, name text, sku text, description text0?, price money, stock int, category text0?,
--   image_url text0?, is_active int, change_number int

-- name: products_to_publish
-- What the shop is told of the catalogue, in the order of their ids. What only stands for a product of the
-- shop is none of it.
-- params: after int, most int
-- columns: published_product.*
SELECT p.id, p.name, p.sku, p.description, p.price, p.stock, p.category, p.image_url, p.is_active,
       coalesce(o.change_number, 0) AS change_number
  FROM products p
  LEFT JOIN product_outbox o ON o.sku = p.sku
 WHERE p.id > :after AND (p.category IS NULL OR p.category <> 'External Sync')
 ORDER BY p.id
 LIMIT :most

-- name: product_to_publish
-- The same of one article number.
-- params: sku text
-- columns: published_product.*
SELECT p.id, p.name, p.sku, p.description, p.price, p.stock, p.category, p.image_url, p.is_active,
       coalesce(o.change_number, 0) AS change_number
  FROM products p
  LEFT JOIN product_outbox o ON o.sku = p.sku
 WHERE p.sku = :sku AND (p.category IS NULL OR p.category <> 'External Sync')
